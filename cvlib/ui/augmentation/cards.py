"""The steps of the pipeline as cards: each has a number that stays its own wherever it moves."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from cvlib.augmentation import Pipeline, Step
from cvlib.augmenting.looking import Shot
from cvlib.ui.augmentation import state

CARDS = "augmentation.cards"
"""The cards as they are; no widget owns this key."""


@dataclass(frozen=True)
class Cards:
    """The pipeline with a number for each step, which names its controls.

    Attributes:
        pipeline: the one that is built.
        ids: of its steps, in their order.
        open: of the card whose settings are seen; None if all are folded.
        next: the number that the next new card gets.
    """

    pipeline: Pipeline
    ids: tuple[int, ...]
    open: int | None
    next: int

    @classmethod
    def now(cls) -> "Cards":
        """Those of this session; new ones where the pipeline came from elsewhere. The first one is open."""
        kept, pipeline = st.session_state.get(CARDS), state.pipeline()
        if isinstance(kept, cls) and kept.pipeline == pipeline:
            return kept
        first = kept.next if isinstance(kept, cls) else 0
        ids = tuple(range(first, first + len(pipeline.steps)))
        return _kept(cls(pipeline, ids, ids[0] if ids else None, first + len(ids)))

    @classmethod
    def begin(cls, pipeline: Pipeline) -> None:
        """Another pipeline in place of this one."""
        state.keep(pipeline)
        cls.now()

    @classmethod
    def add(cls, step: Step) -> None:
        """One more step, at the end and open; a pipeline without room for it stays as it is."""
        now = cls.now()
        if now.pipeline.takes(step.name):
            pipeline = Pipeline((*now.pipeline.steps, step))
            _kept(cls(pipeline, (*now.ids, now.next), now.next, now.next + 1))

    @classmethod
    def toggle(cls, number: int) -> None:
        """Open a card, or fold it."""
        now = cls.now()
        _kept(cls(now.pipeline, now.ids, None if now.open == number else number, now.next), changed=False)

    @classmethod
    def move(cls, number: int, by: int) -> None:
        """A step earlier (-1) or later (1)."""
        now = cls.now()
        place = now._place(number)
        if place is None or not 0 <= place + by < len(now.ids):
            return
        order = list(range(len(now.ids)))
        order[place], order[place + by] = order[place + by], order[place]
        steps, ids = (tuple(all_[each] for each in order) for all_ in (now.pipeline.steps, now.ids))
        _kept(cls(Pipeline(steps), ids, now.open, now.next))

    @classmethod
    def remove(cls, number: int) -> None:
        """One step less."""
        now = cls.now()
        kept = [place for place, each in enumerate(now.ids) if each != number]
        steps, ids = (tuple(all_[each] for each in kept) for all_ in (now.pipeline.steps, now.ids))
        _kept(cls(Pipeline(steps), ids, None if now.open == number else now.open, now.next))

    @classmethod
    def change(cls, number: int, to: Callable[[Step], Step]) -> None:
        """Another setting of a step."""
        now = cls.now()
        place = now._place(number)
        if place is not None:
            steps = list(now.pipeline.steps)
            steps[place] = to(steps[place])
            _kept(cls(Pipeline(tuple(steps)), now.ids, now.open, now.next))

    def _place(self, number: int) -> int | None:
        return self.ids.index(number) if number in self.ids else None


def _kept(cards: Cards, *, changed: bool = True) -> Cards:
    if changed and cards.pipeline != state.pipeline():
        state.keep(cards.pipeline)
    st.session_state[CARDS] = cards
    return cards


def fits(step: Step, shot: Shot) -> bool:
    """Whether a step can carry along what is known of the picture."""
    return step.card.can_carry(*shot.has)


def in_use(shot: Shot) -> Pipeline:
    """The steps that are on and can carry this picture."""
    return Pipeline(tuple(step for step in state.pipeline().active if fits(step, shot)))
