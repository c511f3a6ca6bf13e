"""A network as Keras' own file."""

import os
import tempfile
from typing import Any


def as_keras(model: Any) -> bytes:
    """The model as a `.keras` file, which opens with `keras.saving.load_model`."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        with open(path, "rb") as file:
            return file.read()
