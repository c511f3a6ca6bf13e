"""The frame of a page on scenes: controls and the Train button on the left, one step at a time on the right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cvlib import recipes, runs
from cvlib.errors import UserError
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.ui import runs_picker, training_panel
from cvlib.ui.errors import guard
from cvlib.ui.session import engine


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What a page puts into the frame.

    Attributes:
        task: of `recipes.TASKS`.
        what: what is trained, in a word.
        first: data and network of the training that begins for whoever opens the page first.
        settings: module with `choose_spec` and `open_spec`.
        scenes: module with `draw_truth`.
        steps: title of each step to its module with `draw(run)`; None is the training.
        train_key: of the Train button.
        step_key: of the tabs, and its word in the address.
    """

    task: str
    what: str
    first: tuple[str, str]
    settings: Any
    scenes: Any
    steps: Mapping[str, Any]
    train_key: str
    step_key: str

    def draw(self) -> None:
        """Controls on the left, one step at a time on the right."""
        controls, results = st.columns([2, 7], gap="medium")
        spec = None
        with controls, guard():
            spec = self._choose()
        if spec is None:
            return
        with results, guard():
            run = runs.of_spec(engine().store, spec)
            tabs = st.tabs(list(self.steps), key=self.step_key, bind="query-params")
            for tab, module in zip(tabs, self.steps.values(), strict=True):
                if tab.open:
                    with tab, guard():
                        self._draw_step(module, spec, run)

    def _choose(self) -> TrainingSpec | None:
        """The left column: what is to be trained, and the button that does it."""
        try:
            spec = self.settings.choose_spec()
        except UserError as error:
            st.warning(str(error))
            return None
        training_panel.button(spec, key=self.train_key)
        runs_picker.draw(self.task, self.settings.open_spec)
        return spec

    def _draw_step(self, module: Any, spec: TrainingSpec, run: Run | None) -> None:
        if module is None:
            self._learn(spec, run)
        elif run is None:
            training_panel.follow(spec, pending=lambda: self._learned(spec, None))
        else:
            module.draw(run)

    def _learn(self, spec: TrainingSpec, run: Run | None) -> None:
        """The training as it goes or went, and the pictures with the truth."""
        if run is None and spec == recipes.recommended(*self.first) and engine().job(spec.digest) is None:
            training_panel.request(spec)  # the default is trained for whoever opens the page first
        training_panel.follow(spec, pending=lambda: self._learned(spec, run))
        self.scenes.draw_truth(spec)

    def _learned(self, spec: TrainingSpec, run: Run | None) -> None:
        """The finished training, or the invitation to start one."""
        if run is None:
            st.info(f"This {self.what} has not been trained yet. Press **Train**.", icon=":material/play_arrow:")
            return
        record = run.record
        found, parameters, duration = st.columns(3)
        runs_picker.metric_against_last(found, run)
        parameters.metric("Weights it learned", f"{record['parameters']:,}", help="Numbers inside the network.")
        duration.metric("Training time", f"{record['seconds']:.3g} s", help=f"On {record['device']}.")
        training_panel.draw_curves(record["history"], spec)
