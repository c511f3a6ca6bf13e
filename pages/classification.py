"""Classification: choose pictures and a network, train, test, try, take home."""

import streamlit as st

from cvlib import recipes, runs
from cvlib.errors import UserError
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.ui import data_card, evaluation, runs_picker, settings, take_home, training_panel, try_it
from cvlib.ui.errors import guard
from cvlib.ui.lesson import lesson
from cvlib.ui.pages import through_the_front_door
from cvlib.ui.session import engine
from cvlib.ui.words import percent

STEPS = ("Learn", "Test", "Try it", "Take it home")


def choose() -> TrainingSpec | None:
    """The left column: what is to be trained, and the button that does it."""
    try:
        spec = settings.choose_spec()
    except UserError as error:
        st.warning(str(error))
        return None
    training_panel.button(spec, key="train")
    runs_picker.draw()
    return spec


def learn(spec: TrainingSpec, run: Run | None) -> None:
    """The pictures, and the training as it goes or went."""
    if run is None and spec == recipes.recommended("digits", "lenet") and engine().job(spec.digest) is None:
        training_panel.request(spec)  # the default is trained for whoever opens the page first
    training_panel.follow(spec, pending=lambda: learned(spec, run))
    data_card.draw(spec)


def learned(spec: TrainingSpec, run: Run | None) -> None:
    """The finished training, or the invitation to start one."""
    if run is None:
        st.info("These settings have not been trained yet. Press **Train**.", icon=":material/play_arrow:")
        return
    summary(run)
    training_panel.draw_curves(run.record["history"], spec)
    best_guess(run)


def summary(run: Run) -> None:
    """The result in one row of numbers."""
    record = run.record
    accuracy, parameters, duration = st.columns(3)
    runs_picker.metric_against_last(accuracy, run)
    parameters.metric("Weights it learned", f"{record['parameters']:,}", help="Numbers inside the network.")
    duration.metric("Training time", f"{record['seconds']:.3g} s", help=f"On {record['device']}.")


def best_guess(run: Run) -> None:
    """The lesson: is it as good on new pictures as on those it learned from?"""
    history = run.record["history"]
    gap = history["accuracy"][-1] - run.metrics["accuracy"]
    lesson(
        "Is the network better on the pictures it learned from than on new ones?",
        ("Much better (over 5 points)", "A little better (1 to 5 points)", "About the same"),
        answer=0 if gap > 0.05 else 1 if gap > 0.01 else 2,
        explanation=f"It names {percent(history['accuracy'][-1])} of the training pictures correctly and "
        f"{percent(run.metrics['accuracy'])} of the test pictures. A large gap is called over-fitting: it has learned "
        "its pictures by heart. Choose fewer training pictures and train again to see the gap grow.",
        key=f"lesson.gap.{run.name}",
    )


through_the_front_door()
st.title("Classification")
st.markdown(
    "A network looks at a picture and says **which one of a few classes** it shows. Choose pictures and a network, "
    "let it learn, see what it gets wrong, and try it on a picture of your own."
)
controls, results = st.columns([2, 7], gap="medium")
spec = None
with controls, guard():
    spec = choose()
with results, guard():
    if spec is not None:
        run = runs.of_spec(engine().store, spec)
        tabs = st.tabs(STEPS, key="step", bind="query-params")
        for tab, draw in zip(tabs, (None, evaluation.draw, try_it.draw, take_home.draw), strict=True):
            if tab.open:
                with tab, guard():
                    if draw is None:
                        learn(spec, run)
                    elif run is None:
                        training_panel.follow(spec, pending=lambda: learned(spec, None))
                    else:
                        draw(run)
