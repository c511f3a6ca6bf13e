"""A trained network as TFLite, with its labels."""

import contextlib
import io
import warnings
import zipfile
from typing import Any

import numpy as np

from cvlib import lazy

tf = lazy.load("tensorflow")


def as_tflite(model: Any) -> bytes:
    """The Keras model as a TFLite flatbuffer: float32 pictures 0..255 in, float32 probabilities out."""
    with contextlib.redirect_stdout(io.StringIO()):  # Keras prints what it has saved
        return tf.lite.TFLiteConverter.from_keras_model(model).convert()


def as_int8(model: Any, typical: np.ndarray) -> bytes:
    """The Keras model in whole numbers of 8 bits: uint8 pictures in, uint8 probabilities (255 is 1) out.

    A quarter of the size. B. Jacob et al., "Quantization and training of neural networks for efficient
    integer-arithmetic-only inference", 2018.

    Args:
        model: takes pictures in 0..255.
        typical: uint8 (N, H, W, C), pictures like those that it will see: they say how large its values become.
    """
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([picture[np.newaxis].astype(np.float32)] for picture in typical)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    with contextlib.redirect_stdout(io.StringIO()):
        return converter.convert()


def run(content: bytes, images: np.ndarray) -> np.ndarray:
    """What a TFLite network says of pictures: float32 (N, K) of uint8 (N, H, W, C)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its class has moved to a package that we do not need
        network = tf.lite.Interpreter(model_content=content, num_threads=2)
    network.allocate_tensors()
    put, got = network.get_input_details()[0], network.get_output_details()[0]
    scale, zero = got["quantization"]
    rows = []
    for image in images:
        network.set_tensor(put["index"], image[np.newaxis].astype(put["dtype"]))
        network.invoke()
        row = network.get_tensor(got["index"])[0]
        rows.append((row.astype(np.float32) - zero) * scale if scale else row)
    return np.stack(rows).astype(np.float32) if rows else np.zeros((0, int(got["shape"][-1])), np.float32)


def with_labels(model: Any, class_names: tuple[str, ...]) -> bytes:
    """A ZIP of the model as TFLite with its labels; see `zipped`."""
    return zipped(as_tflite(model), class_names)


def zipped(content: bytes, class_names: tuple[str, ...]) -> bytes:
    """A ZIP of `model.tflite` and `labels.txt` (one class a line, in the order of the probabilities)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.tflite", content)
        archive.writestr("labels.txt", "\n".join(class_names) + "\n")
    return out.getvalue()
