"""What the augmentation page's parts share in a session: the pipeline that is built, and the picture it is tried on."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from cvlib.augmentation import Pipeline, parsed
from cvlib.augmentation.presets import PRESETS, preset
from cvlib.augmenting.looking import Shot

PIPELINE = "augmentation.pipeline"
"""The text of the pipeline that is built; no widget owns this key, so it outlives the page."""
SAVED = "augmentation.saved"
"""The pipelines that this person gave a name: name to text."""
FIRST = "photos"
BUILT = "The one you built"


@dataclass(frozen=True, eq=False)
class Subject:
    """The picture that a pipeline is tried on.

    Attributes:
        shot: the picture with its boxes and mask, if it has any, at most 224 pixels a side.
        pool: other pictures of its kind to mix with; empty takes the sample photos.
        data: name of the data set it is from; None for all others.
        label: its class there; None if nobody knows.
    """

    shot: Shot
    pool: tuple[Shot, ...] = ()
    data: str | None = None
    label: int | None = None


def pipeline() -> Pipeline:
    """The pipeline that is built."""
    text = st.session_state.get(PIPELINE)
    found = None if text is None else parsed(text)
    return preset(FIRST).pipeline if found is None else found


def keep(changed: Pipeline) -> None:
    """Make this the pipeline that is built."""
    st.session_state[PIPELINE] = changed.to_text()


def save(name: str, saved: Pipeline) -> None:
    """Keep a pipeline under a name, for the pages that train."""
    st.session_state[SAVED] = {**st.session_state.get(SAVED, {}), name: saved.canonical().to_text()}


def named() -> Mapping[str, str]:
    """What a page that trains can choose from: title to canonical text. The person's own come first."""
    own = dict(st.session_state.get(SAVED, {}))
    if PIPELINE in st.session_state and pipeline() and pipeline().canonical().to_text() not in own.values():
        own[BUILT] = pipeline().canonical().to_text()
    return own | {each.title: each.pipeline.canonical().to_text() for each in PRESETS.values()}
