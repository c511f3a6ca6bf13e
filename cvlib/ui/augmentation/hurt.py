"""When does it hurt? A trained network judges every draw of the pipeline, then whole splits."""

import hashlib
from collections.abc import Sequence

import numpy as np
import streamlit as st

from cvlib import data, networks, recipes
from cvlib.augmentation import Pipeline
from cvlib.augmenting import hurting
from cvlib.augmenting.hurting import Verdicts
from cvlib.augmenting.looking import Shot
from cvlib.data.samples import SAMPLES, load_sample
from cvlib.engine import warm
from cvlib.figures import augmentation as figures
from cvlib.networks import Network
from cvlib.ui import network_picker, training_panel
from cvlib.ui.augmentation import hurt_curve, hurt_words, link, state
from cvlib.ui.errors import escaped
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.subject import remember
from cvlib.ui.words import percent

FIRST = recipes.recommended("digits", "lenet")
COUNT = "augmentation.hurt.count"
COUNTS = (9, 24)
TILE_PX = 88
TO_MIX_WITH = 8
"""So many test pictures are there to be mixed with, where the page has no others."""


def draw(subject: state.Subject) -> None:
    """The choice of the network, its verdict on every draw, and what whole splits say."""
    st.markdown(
        "To **you** a changed picture may still be the same. Is it to a **trained network**? Where its answers fall, "
        "either the picture can no longer be read, or its meaning has changed."
    )
    network = _network(subject)
    if network is None:
        return
    _advise(subject, network)
    _tiles(subject, network, state.pipeline())
    st.divider()
    hurt_curve.draw(network, state.pipeline())


def _network(subject: state.Subject) -> Network | None:
    own = networks.own(engine().store)
    if network_picker.KEY not in st.session_state and network_picker.KEY not in st.query_params:
        fits = next((one.name for one in own if one.data == subject.data), None)
        if subject.data is not None and fits is not None:
            st.session_state[network_picker.KEY] = fits
    found = network_picker.choose_network()
    if found is None and not own:
        training_panel.first_network(FIRST)
    return found


def _advise(subject: state.Subject, network: Network) -> None:
    """Offer a network that knows the picture's classes, where the chosen one does not."""
    name = subject.data
    if name is None and network.data is not None:
        title = escaped(data.info(network.data).title)
        st.info(
            f"This network has seen nothing but {title}: whatever the picture shows, it names one of their classes. "
            f"Choose a picture of {title} on the left, or a network for photos.",
            icon=":material/info:",
        )
    if name is None or name == network.data or name not in data.CATALOG:
        return
    title = data.info(name).title
    if any(one.data == name for one in networks.own(engine().store)):
        st.info(f"This network has not learned from {escaped(title)}, where the picture is from. The list above has "
                "one that has.", icon=":material/info:")  # fmt: skip
        return
    spec = recipes.recommended(name, recipes.default_model(name))
    st.info(f"This network has not learned from {escaped(title)}, where the picture is from.", icon=":material/info:")
    st.button("Train one that has", icon=":material/play_arrow:", key="augmentation.hurt.train",
              on_click=training_panel.request, args=(spec,), help=recipes.title(spec))  # fmt: skip
    if engine().job(spec.digest) is not None:
        training_panel.follow(spec, pending=lambda: None)


# -- the tiles ------------------------------------------------------------------------------------------------------


def _tiles(subject: state.Subject, network: Network, pipeline: Pipeline) -> None:
    st.markdown("#### Is it still the same to the network?")
    if not pipeline:
        st.info("Your pipeline has no step that is on: add one, and the network judges what it makes of the picture.")
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        count = st.segmented_control("Draws", COUNTS, default=COUNTS[0], required=True, key=COUNT,
                                     help="How many random draws of your pipeline the network judges.")  # fmt: skip
        st.button("Other draws", icon=":material/casino:", key="augmentation.hurt.again", on_click=_next_seed,
                  help="The next seed: chance draws anew.")  # fmt: skip
    shot, is_own = _seen(network, subject.shot), network.data is not None and network.data == subject.data
    label = subject.label if is_own else None
    verdicts = _judged(network, shot, pipeline, count, label, subject.pool)
    _headline(network, verdicts, label)
    with st.container(horizontal=True, gap="small"):
        said, sure = int(verdicts.before.argmax()), float(verdicts.before.max())
        right = label is None or said == label
        _tile(shot.image, right, f"Untouched: {_says(network, said, sure, right)}")
        for image, one, sure, right in zip(
            verdicts.tiles.images, verdicts.said, verdicts.sure, verdicts.right, strict=True
        ):
            _tile(image, bool(right), _says(network, int(one), float(sure), bool(right)))
    st.caption(hurt_words.how_judged(escaped(network.class_names[label]) if label is not None else None, pipeline))


def _next_seed() -> None:
    st.session_state[link.SEED] = (st.session_state.get(link.SEED, 0) + 1) % (link.MOST_SEED + 1)


def _tile(image: np.ndarray, right: bool, caption: str) -> None:
    framed = figures.framed(image, right, TILE_PX)
    st.image(framed, caption=caption, width=framed.shape[1], output_format="PNG")


def _says(network: Network, said: int, sure: float, right: bool) -> str:
    return f"{'✓' if right else '✗'} {escaped(network.class_names[said])}, {percent(sure)} sure"


def _headline(network: Network, verdicts: Verdicts, label: int | None) -> None:
    lost = int((~verdicts.right).sum())
    st.markdown(f"**{hurt_words.drawn(len(verdicts.right), lost, known=label is not None)}**")
    said = int(verdicts.before.argmax())
    if label is not None and said != label:
        st.caption(f"Even untouched it takes this “{escaped(network.class_names[label])}” for "
                   f"“{escaped(network.class_names[said])}”.")  # fmt: skip


def _seen(network: Network, shot: Shot) -> Shot:
    """A picture as the network takes it: its own data as they are."""
    image = shot.image
    if image.shape != network.input_shape:
        rgb = np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image
        image, _ = networks.as_seen(network, rgb)
    return Shot(image, shot.name)


def _judged(
    network: Network, shot: Shot, pipeline: Pipeline, count: int, label: int | None, pool: Sequence[Shot]
) -> Verdicts:
    text, seed = pipeline.canonical().to_text(), st.session_state.get(link.SEED, 0)
    picture = hashlib.sha256(shot.image.tobytes()).hexdigest()

    def judge() -> Verdicts:
        others = _others(network, pool) if pipeline.mixes else ()
        return engine().run_with_model(
            network.name, hurting.judge, shot, text, count, seed=seed, pool=others, label=label
        )

    return remember(("hurt", network.name, picture, text, count, seed, label), judge)


def _others(network: Network, pool: Sequence[Shot]) -> tuple[Shot, ...]:
    """What a picture is mixed with, as the network takes it."""
    if pool:
        return tuple(_seen(network, one) for one in pool)
    if network.run is None:
        return tuple(_seen(network, Shot(call(load_sample, name), SAMPLES[name].title)) for name in SAMPLES)
    found = call(warm.pictures, network.run.spec, "test", list(range(min(TO_MIX_WITH, len(network.test_labels)))))
    return tuple(Shot(image, f"test picture {place + 1}") for place, image in enumerate(found))
