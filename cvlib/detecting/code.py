"""A trained detector as files that work without the workshop."""

import inspect
import io
import zipfile
from typing import Any

from cvlib import boxes
from cvlib.export import keras_file

LAYERS, USE = "detector_layers.py", "use_detector.py"
SCRIPT = '''"""Finds boxes on a picture: python {use} picture.png

Needs `pip install tensorflow pillow`, and {keras} and {layers} beside it.
"""

import sys

import detector_layers  # noqa: F401  the detector's own layers
import keras
import numpy as np
import tensorflow as tf
from PIL import Image

CLASSES = {names!r}
model = keras.saving.load_model("{keras}", compile=False)
height, width = model.input_shape[1:3]
picture = Image.open(sys.argv[1]).convert("RGB")
scale = min(width / picture.width, height / picture.height)
small = picture.resize((round(picture.width * scale), round(picture.height * scale)))
image = np.full((1, height, width, 3), 127, np.uint8)
image[0, : small.height, : small.width] = np.asarray(small)

answers = model.predict_on_batch(image)[0]
boxes, scores = answers[:, :4], answers[:, 4:]
for label, name in enumerate(CLASSES):
    mine = np.flatnonzero((scores[:, label] >= 0.3) & (scores.argmax(axis=1) == label))
    kept = tf.image.non_max_suppression(boxes[mine], scores[mine, label], 100, iou_threshold=0.5)
    for place in mine[kept]:
        print(f"{{name}} {{scores[place, label]:.3f}}", *np.round(boxes[place] / scale, 1))
'''


def script(stem: str, class_names: tuple[str, ...]) -> str:
    """The program that uses a detector's files."""
    return SCRIPT.format(use=USE, keras=f"{stem}.keras", layers=LAYERS, names=list(class_names))


def layers() -> str:
    """The module of the detectors' own layers, with what it takes from the workshop written into it."""
    from cvlib.models.detectors import decoding

    source = inspect.getsource(decoding)
    needed = f"from collections.abc import Sequence\n\n\n{inspect.getsource(boxes.window_places)}\n"
    return source.replace("from cvlib.boxes import window_places\n", needed)


def bundle(model: Any, stem: str, class_names: tuple[str, ...]) -> bytes:
    """The detector, its layers, the program and the names as one ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{stem}.keras", keras_file.as_keras(model))
        archive.writestr(LAYERS, layers())
        archive.writestr(USE, script(stem, class_names))
        archive.writestr("labels.txt", "".join(f"{name}\n" for name in class_names))
    return out.getvalue()
