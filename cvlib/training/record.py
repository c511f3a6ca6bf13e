"""What is kept of a training: the model, the record of how it went, and its answers on the test split."""

import inspect
import io
import json
import math
from datetime import UTC, datetime
from typing import Any

import numpy as np

from cvlib import recipes
from cvlib.augmentation import Pipeline
from cvlib.export import code, keras_file
from cvlib.spec import RECIPE, TrainingSpec
from cvlib.training import robust
from cvlib.training.schedule import optimizer
from cvlib.training.trained import TrainedModel


def to_files(trained: TrainedModel) -> dict[str, bytes]:
    """File name -> content: `model.keras`, `run.json` and `test.npz`."""
    arrays = io.BytesIO()
    np.savez_compressed(arrays, **trained.answers)
    return {
        "model.keras": keras_file.as_keras(trained.model),
        "run.json": json.dumps(record(trained), allow_nan=False).encode(),
        "test.npz": arrays.getvalue(),
    }


def record(trained: TrainedModel) -> dict[str, Any]:
    """How the training went, as strict JSON."""
    spec = trained.spec
    return {
        "run": spec.digest,
        "title": recipes.title(spec),
        "spec": spec.to_dict(),
        "recipe": RECIPE,
        "history": trained.history,
        "metrics": trained.metrics,
        "parameters": trained.parameters,
        "train_count": trained.train_count,
        "seconds": round(trained.seconds, 3),
        "device": trained.device,
        "precision": trained.precision,
        "class_names": list(trained.class_names),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "stopped": trained.stopped,
    }


def as_script(model: Any, spec: TrainingSpec, train_count: int) -> str:
    """The Keras script that builds and trains the same network outside the workshop.

    Args:
        model: the trained Keras model.
        spec: what it was trained to.
        train_count: number of training pictures.
    """
    steps = math.ceil(train_count / spec.batch_size) * spec.epochs
    hardening = None
    if spec.adversarial != "none":
        values = ", ".join(f"{name}={value:g}" for name, value in robust.settings(spec, steps).items())
        hardening = f"{inspect.getsource(robust.adversarial_trainer)}\n\nlearner = adversarial_trainer(model, {values})"
    return code.script(model, optimizer(spec, steps), spec, hardening=hardening, note=_note(spec))


def _note(spec: TrainingSpec) -> str | None:
    """What the script of an augmented training leaves out."""
    if not spec.augmentation:
        return None
    steps = "\n".join(f"    {step.to_text()}" for step in Pipeline.from_text(spec.augmentation).active)
    return (
        "The workshop trained this network with augmented pictures, changed anew in every epoch by\n"
        f"{steps}\n"
        "This script trains it with the pictures as they are, so that its accuracy will differ. The page Augmentation\n"
        "has this pipeline as code: its `training_data` makes of x_train and y_train what `fit` is to be given instead."
    )
