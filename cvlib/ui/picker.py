"""The image picker: one place for samples, uploads, the camera and drawings. What is picked follows to every page."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from cvlib import images, networks
from cvlib.data.samples import SAMPLES, load_sample
from cvlib.engine import warm
from cvlib.figures import grid
from cvlib.images import limits
from cvlib.networks import Network
from cvlib.ui import canvas
from cvlib.ui.errors import escaped, guard
from cvlib.ui.session import owner
from cvlib.ui.uploads import Accounts, Share

CURRENT = "picture.current"
"""Where the picked picture is kept; no widget owns this key, so it outlives the page."""
DECODED = "picture.decoded"
DECODED_KEPT = 8
DRAWING = "picture.drawing"
"""The drawing, which is the same on every page's canvas."""
FILE_TYPES = ("jpg", "jpeg", "jfif", "png", "webp", "avif", "gif", "bmp", "heic", "heif")
"""What may be sent. The two of phones that cannot be read are let in, because the refusal says what to set."""
MAX_MB = limits.MAX_BYTES // limits.MEBI
THUMB_PX = 72
TESTS_SHOWN = 12
SHOWN_PX = 160
SOURCES = {
    "test": "Test pictures",
    "drawing": "Draw",
    "sample": "Samples",
    "upload": "Upload",
    "camera": "Camera",
}
Run = Callable[..., Any]


@dataclass(frozen=True)
class PickedImage:
    """The picture a person has chosen.

    Attributes:
        pixels: uint8 (H, W, 3) RGB.
        name: inert text.
        notes: what was done to it.
        source: key of `SOURCES`.
        data: name of the data set it is from; None for all others.
        index: its place in that data set's test split.
        label: its true class there.
        sample: name of the sample that it is; None for all others.
    """

    pixels: np.ndarray
    name: str
    notes: tuple[str, ...]
    source: str
    data: str | None = None
    index: int | None = None
    label: int | None = None
    sample: str | None = None

    @property
    def digest(self) -> str:
        """Names its pixels."""
        return hashlib.sha256(str(self.pixels.shape).encode() + self.pixels.tobytes()).hexdigest()

    @property
    def address(self) -> str | None:
        """What names it in an address: only pictures that everybody has can be named."""
        if self.sample is not None:
            return f"sample-{self.sample}"
        return None if self.index is None else f"test-{self.index}"

    def seen_by(self, network: Network) -> tuple[np.ndarray, tuple[str, ...]]:
        """The picture as a network takes it, uint8 (H, W, C), and what was done to it; its own pictures stay as is."""
        height, width, channels = network.input_shape
        if self.data == network.data and self.data is not None and self.pixels.shape[:2] == (height, width):
            return self.pixels[..., :channels], ()
        return networks.as_seen(network, self.pixels)


@st.cache_resource(show_spinner=False)
def accounts() -> Accounts:
    """The server's account of what is uploaded."""
    return Accounts()


@st.cache_resource(show_spinner=False, scope="session", on_release=Share.close)
def share() -> Share:
    """This session's part of the account; Streamlit closes it with the session."""
    return Share(accounts(), owner())


def pick_image(
    run: Run,
    *,
    key: str,
    sources: Sequence[str] = ("drawing", "sample", "upload", "camera"),
    first: str = "sample",
    network: Network | None = None,
) -> PickedImage | None:
    """Let a person choose a picture; return the chosen one, on whatever page it was chosen.

    Args:
        run: calls a function where scikit-image may be loaded (`cvlib.ui.session.run`).
        key: begins the widgets' keys.
        sources: what is offered, of `SOURCES`.
        first: the source that is open at first.
        network: whose test pictures are offered under `test`, if it was trained here.
    """
    source = st.segmented_control(
        "Picture from",
        sources,
        default=first,
        format_func=SOURCES.__getitem__,
        key=f"{key}.source",
        label_visibility="collapsed",
        required=True,
        wrap=True,
    )
    picked = None
    with guard():
        chosen = source or first
        picked = _test(run, key, network) if chosen == "test" else PICKERS[chosen](run, key)
        if picked is not None:
            st.session_state[CURRENT] = picked
    current = st.session_state.get(CURRENT)
    if current is not None and not source == current.source == "drawing":
        _show(current, is_new=current is picked or source == current.source == "sample")
    return current


def _show(current: PickedImage, *, is_new: bool) -> None:
    """The picture in use, which may be of another source, or of before a file that could not be used."""
    st.caption("Your picture:" if is_new else "The picture you chose before is still in use:")
    st.image(current.pixels, width=SHOWN_PX if is_new else THUMB_PX, output_format="PNG")
    st.text("\n".join((current.name, *current.notes)))


def _draw(_run: Run, key: str) -> PickedImage | None:
    st.caption("Draw one large digit with finger, pen or mouse.")
    pixels = canvas.draw(f"{key}.canvas", kept=DRAWING)
    if pixels is None:
        if _is_from("drawing"):
            st.session_state.pop(CURRENT)
        return None
    return PickedImage(pixels, "your drawing", (), "drawing")


def _is_from(source: str) -> bool:
    current = st.session_state.get(CURRENT)
    return current is not None and current.source == source


@st.cache_data(show_spinner=False)
def _thumbs(_run: Run) -> dict[str, np.ndarray]:
    """Small versions of the built-in samples, which belong to nobody."""
    return {name: grid.enlarge(pixels, THUMB_PX, smooth=True) for name, pixels in _run(all_samples).items()}


def all_samples() -> dict[str, np.ndarray]:
    """Every sample at 160 pixels. Runs in a worker."""
    return {name: grid.enlarge(load_sample(name), 160, smooth=True) for name in SAMPLES}


def _sample(run: Run, key: str) -> PickedImage | None:
    thumbs = _thumbs(run)
    chosen = None
    with st.container(horizontal=True, height=330, border=False):
        for name, sample in SAMPLES.items():
            with st.container(width=THUMB_PX + 28):
                st.image(thumbs[name], width=THUMB_PX, output_format="PNG")
                if st.button(sample.title, key=f"{key}.sample.{name}", type="tertiary", help=sample.credit):
                    chosen = name
    if chosen is None:
        return None
    return sample_picture(run, chosen)


def sample_picture(run: Run, name: str) -> PickedImage:
    """A sample as a picked picture."""
    return PickedImage(run(load_sample, name), SAMPLES[name].title, (), "sample", sample=name)


def _test(run: Run, key: str, network: Network | None) -> PickedImage | None:
    """Pictures of the network's own test split, a dozen at a time."""
    if network is None or network.run is None:
        return None
    labels = network.test_labels
    state = f"{key}.test.{network.data}"
    start = st.session_state.get(state, 0) % len(labels)
    shown = [(start + place) % len(labels) for place in range(min(TESTS_SHOWN, len(labels)))]
    pictures = run(warm.pictures, network.run.spec, "test", shown)
    chosen = None
    with st.container(horizontal=True, height=330, border=False):
        for index, picture in zip(shown, pictures, strict=True):
            with st.container(width=THUMB_PX + 28):
                smooth = max(picture.shape[:2]) > 48
                st.image(grid.enlarge(picture, THUMB_PX, smooth=smooth), width=THUMB_PX, output_format="PNG")
                name = escaped(network.class_names[int(labels[index])])
                if st.button(name, key=f"{key}.test.{index}", type="tertiary", help=f"Test picture {index}"):
                    chosen = (index, picture)
    st.button(
        "Other pictures", key=f"{key}.test.more", icon=":material/casino:", on_click=_more, args=(state, len(shown))
    )
    return None if chosen is None else test_picture(network, *chosen)


def _more(state: str, step: int) -> None:
    st.session_state[state] = st.session_state.get(state, 0) + step


def test_picture(network: Network, index: int, pixels: np.ndarray) -> PickedImage:
    """A picture of a network's test split, as a picked one.

    Args:
        network: trained here.
        index: place in its test split.
        pixels: uint8 (H, W, 1 or 3).
    """
    label = int(network.test_labels[index])
    rgb = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    name = f"test picture {index}, {network.class_names[label]}"
    return PickedImage(rgb, name, (), "test", network.data, index, label)


def _upload(_run: Run, key: str) -> PickedImage | None:
    file = st.file_uploader(
        f"A picture of your own: JPEG, PNG, WebP, AVIF, GIF or BMP, up to {MAX_MB} MB",
        type=FILE_TYPES,
        max_upload_size=MAX_MB,
        key=f"{key}.upload",
        help="It is read here, loses its metadata (place, camera), and is forgotten when you close the page.",
    )
    return None if file is None else _decoded(file.getvalue(), file.name, "upload")


def _camera(_run: Run, key: str) -> PickedImage | None:
    shot = st.camera_input(
        "Take a picture",
        key=f"{key}.camera",
        help="Browsers give a page the camera only over https, or on the host itself (localhost).",
    )
    st.caption(
        "No camera here? Browsers allow it over https or on the host itself; a phone can upload a photo instead."
    )
    return None if shot is None else _decoded(shot.getvalue(), "camera picture", "camera")


PICKERS: dict[str, Callable[[Run, str], PickedImage | None]] = {
    "drawing": _draw,
    "sample": _sample,
    "upload": _upload,
    "camera": _camera,
}


def _decoded(content: bytes, name: str, source: str) -> PickedImage:
    """The picture in an upload; remembered in this session, and nowhere else, by the file's digest."""
    digest = hashlib.sha256(content).hexdigest()
    kept: dict[str, PickedImage] = st.session_state.setdefault(DECODED, {})
    share().hold(len(content) + sum(picked.pixels.nbytes for picked in kept.values()))
    if digest not in kept:
        decoded = images.decode(content, name=name)
        kept[digest] = PickedImage(decoded.pixels, decoded.name, decoded.notes, source)
        while len(kept) > DECODED_KEPT:
            kept.pop(next(iter(kept)))
    return replace(kept[digest], name=images.inert_name(name), source=source)
