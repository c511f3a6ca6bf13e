"""Take away: the adversarial picture as a file that still fools the network when it is uploaded again."""

import io

import numpy as np
import streamlit as st
from PIL import Image

from cvlib import images, networks
from cvlib.adversarial import asking
from cvlib.figures import grid
from cvlib.ui.adversarial.fool import MADE, Made
from cvlib.ui.errors import escaped
from cvlib.ui.subject import Subject
from cvlib.ui.words import percent

PRINTED_PX = 1200


def draw(subject: Subject) -> None:
    """The files, each tried before it is offered."""
    made: Made | None = st.session_state.get(MADE)
    if made is None or made.digest != subject.digest:
        st.info("Attack the picture first, under “Fool it”.", icon=":material/bolt:")
        return
    picture = as_png(made.result.images[0])
    said, now = read_again(subject, picture)
    wanted = made.wanted
    fooled = now == wanted if wanted is not None else now != subject.ranked[0]
    if fooled:
        st.success(f"The file was read again as if you had uploaded it: the network says "
                   f"“{escaped(subject.name_of(now))}”, {percent(float(said[now]))} sure.",
                   icon=":material/check_circle:")  # fmt: skip
        st.download_button("The adversarial picture (PNG)", picture, "adversarial.png", "image/png", on_click="ignore",
                           icon=":material/download:", help="Lossless: not a shade is changed.")  # fmt: skip
    else:
        st.warning(f"The file was read again as if you had uploaded it, and the network is no longer fooled: it says "
                   f"“{escaped(subject.name_of(now))}”. What is done to uploads on their way undoes the attack, so it "
                   "is not offered as a picture. Try a stronger attack.", icon=":material/cancel:")  # fmt: skip
    if "patch" in made.result.extra:
        sticker = made.result.extra["patch"]
        st.download_button("The patch to print (PNG)", as_png(sticker, PRINTED_PX), "patch.png", "image/png",
                           on_click="ignore", icon=":material/print:",
                           help="Print it, and hold it to the camera beside anything.")  # fmt: skip
        share = float(made.result.success.mean())
        st.caption(f"Laid at random places it fooled the network on {percent(share)} of {len(made.result.success)} "
                   "pictures. Print, light and camera change it, and it was not tested through them.")  # fmt: skip
    st.download_button("The perturbation (NPY)", as_npy(made.result.perturbation[0]), "perturbation.npy",
                       "application/octet-stream", on_click="ignore", icon=":material/download:",
                       help="Whole numbers, -255 to 255, for NumPy.")  # fmt: skip


def as_png(pixels: np.ndarray, to_px: int | None = None) -> bytes:
    """Pixels as a lossless file, enlarged with hard corners if a size is given."""
    rgb = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    if to_px is not None:
        rgb = grid.enlarge(rgb, to_px, smooth=False)
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "PNG", dpi=(300, 300))
    return out.getvalue()


def as_npy(values: np.ndarray) -> bytes:
    """An array as a NumPy file."""
    out = io.BytesIO()
    np.save(out, values, allow_pickle=False)
    return out.getvalue()


def read_again(subject: Subject, content: bytes) -> tuple[np.ndarray, int]:
    """What the network says of a file after all that an upload goes through: float32 (K,), and its class."""
    seen, _ = networks.as_seen(subject.network, images.decode(content, name="adversarial.png").pixels)
    said = subject.ask(asking.say, seen[np.newaxis])[0]
    return said, int(said.argmax())
