"""Pictures with masks on the page: a few to begin with, and the test pictures one by one."""

import streamlit as st

from cvlib import recipes
from cvlib.data.base import Split
from cvlib.data.scene_sets import SceneInfo, scene_info, take_scenes
from cvlib.figures.masks import area_colors
from cvlib.runs import Run
from cvlib.segmenting import looking
from cvlib.segmenting.looking import Looked
from cvlib.spec import TrainingSpec
from cvlib.tasks import mask_formats, segmentation
from cvlib.tasks.segmentation import Answers
from cvlib.ui.errors import escaped
from cvlib.ui.session import engine
from cvlib.ui.session import run as call

SHOWN = 6
THUMB_PX = 190
MOST_KEPT = 300


def colors(card: SceneInfo) -> tuple[str, ...]:
    """The colour of each value of a data set's masks."""
    return area_colors(card.area_names, card.class_names)


def colors_of(run: Run) -> tuple[str, ...]:
    """The colour of each class of a run."""
    return colors(recipes.card_of(run.spec))


def first_pictures(name: str, image_size: int | None, seed: int, count: int) -> Split:
    """The first training pictures of a data set. In a worker, for it has to draw or read them."""
    return take_scenes(name, "train", range(count), seed=seed, image_size=image_size)


@st.cache_data(show_spinner="Fetching the pictures …", max_entries=16)
def first(name: str, image_size: int | None, seed: int) -> Split:
    """Only built-in pictures come here, never a visitor's, so that everybody may share them."""
    return call(first_pictures, name, image_size, seed, SHOWN)


def draw_truth(spec: TrainingSpec) -> None:
    """A few training pictures with the truth over them, and what its colours mean."""
    card = scene_info(spec.data)
    split = first(spec.data, spec.image_size, spec.split_seed)
    with st.container(horizontal=True, gap="small"):
        for picture, mask in zip(split.images, split.masks, strict=True):
            both = mask_formats.overlay(picture, mask, colors(card), opacity=0.6)
            st.image(both, width=THUMB_PX, output_format="PNG")
    legend(card.area_names[1:], colors(card)[1:])
    height, width = card.at(spec.image_size)
    st.caption(
        f"Training pictures with the truth: a class for every pixel. {width} x {height} pixels each. "
        f"{card.counts['train']:,} to learn from, {card.counts['validation']:,} to watch, {card.counts['test']:,} "
        "for the test, which it never sees while it learns."
    )
    st.caption(f"Source: {card.source} · Licence: {card.licence}")


def legend(names: tuple[str, ...], shades: tuple[str, ...]) -> None:
    """What the colours mean. The colours are ours; the names may be a visitor's, and are shown as text."""
    with st.container(horizontal=True, gap="small"):
        for name, shade in zip(names, shades, strict=True):
            with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", width="content"):
                st.html(f'<span aria-hidden="true" style="color:{shade};font-size:1.2rem;line-height:1">&#9632;</span>')
                st.caption(escaped(name), width="content")


def answers(run: Run) -> Answers:
    """How a run did on its test pictures."""
    return segmentation.unpack(run.test)


def looked(run: Run, places: list[int]) -> list[Looked]:
    """Test pictures with the truth and what the run says of them; all that are not known yet in one call."""
    created = run.record["created"]
    missing = [place for place in places if (run.name, created, place) not in _seen()]
    if missing:
        found = engine().run_with_model(run.name, looking.look, run.spec, run.class_names, missing)
        for place, one in zip(missing, found, strict=True):
            _seen()[run.name, created, place] = one
    wanted = [_seen()[run.name, created, place] for place in places]
    while len(_seen()) > MOST_KEPT:
        _seen().pop(next(iter(_seen())), None)
    return wanted


@st.cache_resource
def _seen() -> dict[tuple[str, str, int], Looked]:
    """Test pictures are built in: everybody may share them."""
    return {}
