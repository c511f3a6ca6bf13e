"""What does a unit want? One map of one layer: its dream, the pictures that excite it, and the network without it."""

from functools import partial

import numpy as np
import streamlit as st

from cvlib.data.samples import SAMPLES, load_sample
from cvlib.engine import warm
from cvlib.explain import units
from cvlib.explain.probe import SpatialLayer
from cvlib.figures import grid, heat
from cvlib.images import fit_for_network
from cvlib.ui import downloads
from cvlib.ui.errors import escaped
from cvlib.ui.lesson import lesson
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.subject import Subject, remember
from cvlib.ui.words import percent

SHOWN_PX = 260
TILE_PX = 96
BEST = 9
STEPS_A_CALL = 12
DREAM, SILENCED = "unit.dream", "unit.silenced"


def draw(subject: Subject) -> None:
    """The unit in the middle of everything."""
    if not subject.layers:
        st.info("This network has no layer with maps: choose one with convolutions.", icon=":material/info:")
        return
    st.markdown(
        "A convolutional layer is a row of filters, each with a map of where it found its pattern. Choose one of them "
        "(a *unit*) and find out what it looks for."
    )
    layer, channel = _choose(subject)
    activity, wanted = st.columns(2)
    with activity:
        _activity(subject, layer, channel)
    with wanted:
        _dream(subject, layer, channel)
    _exciting(subject, layer, channel)
    if subject.network.run is not None:
        _silence(subject, layer, channel)


def _choose(subject: Subject) -> tuple[SpatialLayer, int]:
    place, number = st.columns([3, 2])
    by_name = {layer.name: layer for layer in subject.layers}
    titles = {layer.name: f"{k + 1}: {layer.height} × {layer.width}" for k, layer in enumerate(subject.layers)}
    name = place.select_slider(
        "Layer", list(by_name), value=subject.layers[len(by_name) // 2].name, format_func=titles.__getitem__,
        key=f"unit.layer.{subject.network.name}", help="Early layers look for edges, late ones for parts of objects.",
    ) if len(by_name) > 1 else subject.layers[0].name  # fmt: skip
    layer = by_name[name]
    channel = number.number_input(
        f"Unit, 0 to {layer.channels - 1}", 0, layer.channels - 1, _liveliest(subject, layer),
        key=f"unit.channel.{subject.digest[:12]}.{layer.name}",
        help="At first the one that your picture excites most.",
    )  # fmt: skip
    return layer, int(channel)


def _liveliest(subject: Subject, layer: SpatialLayer) -> int:
    return int(_maps(subject, layer).max(axis=(0, 1)).argmax())


def _maps(subject: Subject, layer: SpatialLayer) -> np.ndarray:
    """What the layer sees in the picture: float32 (h, w, channels)."""
    key = ("maps", subject.digest, layer.name)
    return remember(key, lambda: subject.ask(units.maps, subject.seen, layer.name))


def _activity(subject: Subject, layer: SpatialLayer, channel: int) -> None:
    st.markdown("**What it sees in your picture**")
    found = _maps(subject, layer)[..., channel]
    top = float(found.max())
    picture = heat.enlarged(heat.overlay(subject.seen, units.heat(found, layer, subject.seen.shape[:2])), SHOWN_PX)
    st.image(picture, caption=f"Where unit {channel} is active", width=SHOWN_PX, output_format="PNG")
    if top <= 0:
        st.caption("Nothing here excites it.")
    else:
        st.caption(f"Its activation is {top:.3g} at the hottest place and {float(found.mean()):.3g} on average.")


def _dream(subject: Subject, layer: SpatialLayer, channel: int) -> None:
    st.markdown("**What it wants to see**")
    key = (subject.network.name, layer.name, channel)
    if st.session_state.get(DREAM) != key:
        st.button(
            "Draw what excites it", type="primary", icon=":material/auto_awesome:", key="unit.dream.run",
            on_click=partial(st.session_state.update, {DREAM: key}),
            help="Starts from grey noise and changes the pixels, step by step, so that this unit gets more active.",
        )  # fmt: skip
        return
    dream = remember(("dream", *key), lambda: _dreamt(subject, layer, channel))
    shown = grid.enlarge(dream.pixels, SHOWN_PX, smooth=max(dream.pixels.shape[:2]) > 48)
    st.image(shown, caption=f"A picture made to excite unit {channel}", width=SHOWN_PX, output_format="PNG")
    if dream.course[-1] <= 0 and max(dream.course) <= 0:
        st.caption("It stayed silent: for noise this unit is dead, so there was nothing to climb. Try another one.")
    else:
        st.caption(f"Its mean activation rose from {dream.course[0]:.3g} to {dream.course[-1]:.3g}.")
    st.download_button(
        "As PNG", downloads.png_bytes(shown), file_name=f"unit-{channel}.png", mime="image/png", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip


def _dreamt(subject: Subject, layer: SpatialLayer, channel: int) -> units.Dream:
    place = st.empty()
    dream = None
    while dream is None or len(dream.course) < units.STEPS:
        dream = engine().run_with_model(
            subject.network.name, units.dream, layer.name, channel, before=dream, steps=STEPS_A_CALL
        )
        with place.container():
            st.progress(len(dream.course) / units.STEPS, text=f"Step {len(dream.course)} of {units.STEPS}")
            st.image(grid.enlarge(dream.pixels, SHOWN_PX, smooth=False), width=SHOWN_PX, output_format="PNG")
    place.empty()
    return dream


def _exciting(subject: Subject, layer: SpatialLayer, channel: int) -> None:
    name = subject.network.name
    if subject.network.run is None:
        st.markdown("**Which of the sample pictures excite it most**")
        key = ("excitement.samples", name, layer.name)
        names = list(SAMPLES)
        values = remember(key, lambda: subject.ask(excitement_of_samples, subject.network.input_shape[:2], layer.name))
    else:
        st.markdown("**The test pictures that excite it most**")
        key = ("excitement", name, layer.name)
        spec = subject.network.run.spec
        values = remember(
            key, lambda: engine().run_with_model(name, warm.with_split, spec, units.excitement_of, layer.name)
        )
        names = None
    order = np.argsort(-values[:, channel], kind="stable")[:BEST]
    if names is None:
        pictures = call(warm.pictures, subject.network.run.spec, "test", [int(k) for k in order])
        labels = [subject.name_of(int(subject.network.test_labels[k])) for k in order]
    else:
        pictures = [call(load_sample, names[k]) for k in order]
        labels = [SAMPLES[names[k]].title for k in order]
    with st.container(horizontal=True, gap="small"):
        for picture, label, index in zip(pictures, labels, order, strict=True):
            shown = grid.enlarge(picture, TILE_PX, smooth=max(picture.shape[:2]) > 48)
            st.image(
                shown, caption=escaped(f"{label} · {values[index, channel]:.3g}"), width=TILE_PX, output_format="PNG"
            )


def excitement_of_samples(model: object, size_hw: tuple[int, int], layer: str) -> np.ndarray:
    """How much each sample excites each map of a layer: float32 (samples, channels). Runs in a worker."""
    images = np.stack([fit_for_network(load_sample(name), size_hw, 3)[0] for name in SAMPLES])
    return units.excitement(model, images, layer)


def _silence(subject: Subject, layer: SpatialLayer, channel: int) -> None:
    st.markdown("**The network without it**")
    key = (subject.network.name, layer.name, channel)
    if st.session_state.get(SILENCED) != key:
        st.button(
            "Silence this unit", icon=":material/volume_off:", key="unit.silence",
            on_click=partial(st.session_state.update, {SILENCED: key}),
            help="Sets its map to nought and asks the network about all test pictures again.",
        )  # fmt: skip
        return
    run = subject.network.run
    labels = subject.network.test_labels

    def answers() -> np.ndarray:
        with st.spinner("The network answers without it …"):
            return engine().run_with_model(run.name, warm.with_split, run.spec, units.without_in, layer.name, [channel])

    after = remember(("without", *key), answers).argmax(axis=1) == labels
    before = run.test["probabilities"].argmax(axis=1) == labels
    lost = float(before.mean() - after.mean())
    lesson(
        f"Layer “{layer.name}” has {layer.channels} units. What did the network lose with this one?",
        ("More than 5 points of accuracy", "A little (½ to 5 points)", "Next to nothing"),
        answer=0 if lost > 0.05 else 1 if lost > 0.005 else 2,
        explanation=f"It names {percent(float(after.mean()))} of the test pictures correctly without unit {channel}, "
        f"and {percent(float(before.mean()))} with it. Knowledge is spread over many units.",
        key=f"lesson.silence.{run.name}.{layer.name}.{channel}",
    )
    per_class = [
        (name, float(before[labels == k].mean() - after[labels == k].mean()))
        for k, name in enumerate(run.class_names) if (labels == k).any()
    ]  # fmt: skip
    worst, fall = max(per_class, key=lambda pair: pair[1])
    if fall > 0:
        st.caption(escaped(f"It is missed most for “{worst}”: {100 * fall:.1f} points fewer are named correctly."))
    else:
        st.caption("No class is named less well without it.")
