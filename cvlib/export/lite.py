"""A trained network as TFLite, with its labels."""

import io
import zipfile
from typing import Any

from cvlib import lazy

tf = lazy.load("tensorflow")


def as_tflite(model: Any) -> bytes:
    """The Keras model as a TFLite flatbuffer: float32 pictures 0..255 in, float32 probabilities out."""
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()


def with_labels(model: Any, class_names: tuple[str, ...]) -> bytes:
    """A ZIP of `model.tflite` and `labels.txt` (one class a line, in the order of the probabilities)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.tflite", as_tflite(model))
        archive.writestr("labels.txt", "\n".join(class_names) + "\n")
    return out.getvalue()
