"""A trained network for segmentation as files that work without the workshop."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from cvlib.export import keras_file, lite

USE, LITE, LABELS = "segment.py", "model.tflite", "labels.txt"
OF_KERAS_CV = frozenset({"deeplab"})
"""Networks with layers of KerasCV, which has to be imported before their file is opened."""
SCRIPT = '''"""Names every pixel of a picture: python {use} picture.jpg mask.png

Needs `pip install {packages}`, and the file {keras} beside it. The mask is a PNG in which each
pixel's value is the place of its class in CLASSES, shown in the class's colour.
"""

import sys

import keras
{more}import numpy as np
from PIL import Image, ImageColor, ImageOps

CLASSES = {names!r}
COLORS = {colors!r}

model = keras.saving.load_model("{keras}", compile=False)
height, width = model.input_shape[1:3]
picture = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("RGB")

# The picture goes into the corner of one of the network's size; the rest is its mirror image.
scale = min(width / picture.width, height / picture.height)
size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
kind = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
small = np.asarray(picture.resize(size, kind))
image = np.pad(small, ((0, height - size[1]), (0, width - size[0]), (0, 0)), mode="symmetric")

# One map of probabilities for each class, enlarged to the picture's size; the largest one wins.
shares = model.predict_on_batch(image[np.newaxis])[0, : size[1], : size[0]]
maps = [Image.fromarray(shares[..., label]) for label in range(len(CLASSES))]
maps = [np.asarray(one.resize(picture.size, Image.Resampling.BILINEAR)) for one in maps]
labels = np.argmax(maps, axis=0).astype(np.uint8)

mask = Image.frombytes("P", picture.size, labels.tobytes())
mask.putpalette([part for color in COLORS for part in ImageColor.getrgb(color)])
mask.save(sys.argv[2])
for label, name in enumerate(CLASSES):
    print(f"{{name}}: {{(labels == label).mean():.2%}}")
'''


def script(stem: str, class_names: Sequence[str], colors: Sequence[str], *, network: str) -> str:
    """The program that uses a network's file.

    Args:
        stem: of the file's name.
        class_names: K names, the ground's first.
        colors: `#rrggbb` of each class.
        network: of `cvlib.models.SEGMENTERS`.
    """
    more = network in OF_KERAS_CV
    return SCRIPT.format(
        use=USE,
        keras=f"{stem}.keras",
        packages="tensorflow keras-cv pillow" if more else "tensorflow pillow",
        more="import keras_cv  # noqa: F401  some of the network's layers\n" if more else "",
        names=list(class_names),
        colors=list(colors),
    )


def bundle(model: Any, stem: str, class_names: Sequence[str], colors: Sequence[str]) -> bytes:
    """The network for Keras and as TFLite, the program, and the names as one ZIP.

    Args:
        model: the network; its name says which of `cvlib.models.SEGMENTERS` it is.
        stem: of the file's name.
        class_names: K names, the ground's first.
        colors: `#rrggbb` of each class.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{stem}.keras", keras_file.as_keras(model))
        archive.writestr(LITE, lite.as_tflite(model))
        archive.writestr(USE, script(stem, class_names, colors, network=model.name))
        archive.writestr(LABELS, "".join(f"{name}\n" for name in class_names))
    return out.getvalue()
