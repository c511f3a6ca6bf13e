"""The Keras code of a trained network: a script that builds, trains and tests the same thing outside the workshop."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cvlib import lazy
from cvlib.spec import TrainingSpec

keras = lazy.load("keras")

LEFT_OUT = {
    "name",
    "trainable",
    "dtype",
    "seed",
    "data_format",
    "quantization_config",
    "noise_shape",
    "loss_scale_factor",
}
"""Settings that say nothing about the network, or that `set_random_seed` decides."""
NAMED = ("logits", "probabilities")
SCRIPT = '''"""{title}.

Needs `pip install tensorflow` and the file {npz} beside it.
{note}"""

import keras
import numpy as np
{imports}
keras.utils.set_random_seed({seed})
data = np.load("{npz}")

{network}
{hardening}
{learner}.compile(
    optimizer={optimizer},
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
{learner}.fit(
    data["x_train"],
    data["y_train"],
    batch_size={batch_size},
    epochs={epochs},
    validation_data=(data["x_validation"], data["y_validation"]),
)
loss, accuracy = {learner}.evaluate(data["x_test"], data["y_test"])
print(f"{{accuracy:.1%}} of the test pictures are named correctly")
model.save("{stem}.keras")
'''


def script(
    model: Any, optimizer: Any, spec: TrainingSpec, *, hardening: str | None = None, note: str | None = None
) -> str:
    """The whole script.

    Args:
        model: the functional Keras model.
        optimizer: the Keras optimiser that trains it, with its learning-rate schedule.
        spec: what was trained.
        hardening: lines that make `learner` of `model`, where it is not the model itself that is fitted.
        note: what the script leaves out, for its head; without quotation marks.
    """
    stem = f"{spec.data}-{spec.model}"
    return SCRIPT.format(
        title=f"{spec.model} on {spec.data}: the vision workshop's network as plain Keras",
        npz=f"{spec.data}.npz",
        seed=spec.seed,
        note=f"\n{note}\n" if note else "",
        network=network(model),
        hardening=f"\n\n{hardening}\n" if hardening else "",
        imports="import tensorflow as tf\n" if hardening else "",
        learner="learner" if hardening else "model",
        optimizer=_literal(keras.optimizers.serialize(optimizer)),
        batch_size=spec.batch_size,
        epochs=spec.epochs,
        stem=stem,
    )


def network(model: Any) -> str:
    """The lines that build a functional model, one a layer."""
    config = model.get_config()
    lines = [_layer_line(model.get_layer(layer["name"]), layer) for layer in config["layers"]]
    output = config["output_layers"]
    last = output[0] if isinstance(output[0], str) else output[0][0]
    return "\n".join([*lines, f"model = keras.Model({config['layers'][0]['name']}, {last})"])


def _layer_line(layer: Any, config: Mapping[str, Any]) -> str:
    if isinstance(layer, keras.layers.InputLayer):
        return f"{layer.name} = keras.Input({tuple(layer.batch_shape[1:])!r})"
    sources = list(_sources(config["inbound_nodes"]))
    inputs = sources[0] if len(sources) == 1 else f"[{', '.join(sources)}]"
    return f"{layer.name} = {_layer_call(layer)}({inputs})"


def _layer_call(layer: Any) -> str:
    arguments = _arguments(type(layer), layer.get_config())
    if layer.name in NAMED:
        arguments.append(f'name="{layer.name}"')
    return f"keras.layers.{type(layer).__name__}({', '.join(arguments)})"


def _sources(nodes: Any) -> Iterator[str]:
    """The names of the layers whose outputs a layer takes."""
    if isinstance(nodes, Mapping):
        if nodes.get("class_name") == "__keras_tensor__":
            yield nodes["config"]["keras_history"][0]
        else:
            yield from _sources(list(nodes.values()))
    elif isinstance(nodes, list | tuple):
        for node in nodes:
            yield from _sources(node)


def _arguments(kind: type, config: Mapping[str, Any]) -> list[str]:
    """`name=value` for every setting that differs from the default."""
    parameters = _parameters(kind)
    return [
        f"{name}={_literal(value)}"
        for name, value in config.items()
        if name in parameters and name not in LEFT_OUT and not _is_default(value, parameters[name].default)
    ]


def _parameters(kind: type) -> dict[str, inspect.Parameter]:
    found: dict[str, inspect.Parameter] = {}
    for base in reversed(kind.__mro__[:-1]):
        if "__init__" in vars(base):
            found |= inspect.signature(base.__init__).parameters
    return found


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(value, Mapping) and isinstance(default, str):
        return _snake(value["class_name"]) == default
    if isinstance(value, list | tuple):
        return tuple(value) == default
    return value == default


def _literal(value: Any) -> str:
    """A value as code; a serialised Keras object as the call that makes it."""
    if isinstance(value, Mapping) and "class_name" in value:
        arguments = [
            f"{name}={_literal(item)}"
            for name, item in value["config"].items()
            if item is not None and name not in LEFT_OUT
        ]
        return f"{value['module']}.{value['class_name']}({', '.join(arguments)})"
    if isinstance(value, list):
        return repr(tuple(value))
    return repr(value)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
