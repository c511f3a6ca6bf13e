"""Views into a Keras model: its scores, their gradients, and what any of its layers sees.

They work on any model that is made of layers - functional, Sequential, or one inside the other - because they watch
the layers being called and do not rely on the graph of the model. Each view is compiled once a model.
"""

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.explain import receptive
from cvlib.explain.targets import Target

tf = lazy.load("tensorflow")
keras = lazy.load("keras")

Transform = Callable[[Any], Any]
_probes: "weakref.WeakKeyDictionary[Any, Probe]" = weakref.WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True)
class SpatialLayer:
    """A layer whose output still has places.

    Attributes:
        name: unique within the model.
        height: rows of its output.
        width: columns of its output.
        channels: maps of its output.
        axes: where in the picture its rows and columns look.
    """

    name: str
    height: int
    width: int
    channels: int
    axes: receptive.Axes


def probe(model: Any) -> "Probe":
    """The probe of this model, made at the first call."""
    with _lock:
        if model not in _probes:
            _probes[model] = Probe(model)
        return _probes[model]


class Probe:
    """Compiled views into one model. Safe to share between threads.

    The views are traced on a copy of the model, whose layers may be bent while they are traced.

    Args:
        model: a Keras model that takes pictures float32 or uint8 (N, H, W, C) in 0..255.
    """

    def __init__(self, model: Any) -> None:
        self.model = keras.models.clone_model(model)
        self.model.set_weights(model.get_weights())
        self.input_shape = tuple(model.input_shape[1:])
        self._layers = dict(_leaves(self.model))
        self._functions: dict[Any, Any] = {}
        self._tracing = threading.RLock()
        self._called: list[str] = []
        self._spatial = self._look()

    # -- layers -------------------------------------------------------------------------------------------------

    @property
    def spatial_layers(self) -> tuple[SpatialLayer, ...]:
        """The layers with an output of 2 x 2 places or more, in the order of the calls, from the first with weights."""
        return self._spatial

    @property
    def last_spatial(self) -> SpatialLayer | None:
        """The last of them; None for a network without (softmax regression, a multilayer perceptron)."""
        return self._spatial[-1] if self._spatial else None

    @property
    def weighted_layers(self) -> tuple[str, ...]:
        """The names of the layers that have weights, in the order of the calls."""
        return tuple(name for name in self._called if self._layers[name].weights)

    def layer(self, name: str) -> Any:
        """The layer of this name, of the probe's own copy."""
        return self._layers[name]

    def spatial(self, name: str) -> SpatialLayer:
        """The spatial layer of this name."""
        return next(layer for layer in self._spatial if layer.name == name)

    def _look(self) -> tuple[SpatialLayer, ...]:
        """Run an empty picture through, and note what is called with what, and what comes out."""
        calls: dict[str, tuple[list[Any], Any]] = {}
        picture = tf.zeros((1, *self.input_shape))
        with self._bent(calls=calls):
            self.model(picture, training=False)
        self._called = list(calls)
        axes = {id(picture): receptive.PIXELS}
        has_weights, found = False, []
        for name, (inputs, output) in calls.items():
            layer = self._layers[name]
            has_weights = has_weights or bool(layer.weights)
            shape = getattr(output, "shape", ())
            if len(shape) != 4:
                continue
            places = axes[id(output)] = self._axes_after(layer, inputs, axes)
            if has_weights and min(shape[1:3]) >= 2:
                found.append(SpatialLayer(name, *(int(size) for size in shape[1:]), places))
        return tuple(found)

    def _axes_after(self, layer: Any, inputs: list[Any], axes: dict[int, receptive.Axes]) -> receptive.Axes:
        """Where a layer's output looks; what no layer has made is taken to lie evenly over the picture."""
        spatial = [tensor for tensor in inputs if len(getattr(tensor, "shape", ())) == 4]
        if not spatial:
            return receptive.PIXELS
        sizes = [tuple(int(size) for size in tensor.shape[1:3]) for tensor in spatial]
        known = [
            axes.get(id(tensor)) or receptive.stretched(size, self.input_shape[:2])
            for tensor, size in zip(spatial, sizes, strict=True)
        ]
        # Of several inputs, a map of one place (as squeeze-and-excitation has it) says nothing about places.
        counted = [places for places, size in zip(known, sizes, strict=True) if min(size) > 1] or known
        return receptive.after(layer, receptive.together(counted), sizes[0])

    # -- views --------------------------------------------------------------------------------------------------

    def outputs(self, images: np.ndarray) -> Any:
        """What the network gives, as NumPy."""
        traced = self._traced(("outputs",), self._trace_outputs)
        return tf.nest.map_structure(lambda tensor: tensor.numpy(), traced(_floats(images)))

    def scores(self, images: np.ndarray, target: Target, *, pre_softmax: bool = False) -> np.ndarray:
        """The target's score of every picture.

        Args:
            images: uint8 or float (N, H, W, C), 0..255.
            target: what is read off the output.
            pre_softmax: read it off what goes into a final softmax.

        Returns:
            float32 (N,).
        """
        key = ("scores", *_static(target), pre_softmax)
        traced = self._traced(key, lambda: self._trace_scores(target, pre_softmax))
        return traced(_floats(images), _numbers(target)).numpy()

    def gradients(
        self, images: np.ndarray, target: Target, *, guided: bool = False, pre_softmax: bool = True
    ) -> tuple[np.ndarray, np.ndarray]:
        """How the score changes with every input value.

        Args:
            images: uint8 or float (N, H, W, C), 0..255.
            target: what is read off the output.
            guided: let only positive gradients pass a ReLU (Springenberg et al., 2015).
            pre_softmax: as in `scores`.

        Returns:
            float32 (N, H, W, C), score per unit of pixel value, and the scores float32 (N,).
        """
        key = ("gradients", *_static(target), guided, pre_softmax)
        traced = self._traced(key, lambda: self._trace_gradients(target, guided, pre_softmax))
        gradients, scores = traced(_floats(images), _numbers(target))
        return gradients.numpy(), scores.numpy()

    def maps(
        self, image: np.ndarray, target: Target, layers: Sequence[str], *, pre_softmax: bool = True
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """What layers see in one picture, and how the score changes with it.

        Args:
            image: uint8 or float (H, W, C), 0..255.
            target: what is read off the output.
            layers: names of spatial layers.
            pre_softmax: as in `scores`.

        Returns:
            For each layer: activations float32 (h, w, channels), gradients of the same shape.
        """
        names = tuple(layers)
        key = ("maps", *_static(target), names, pre_softmax)
        traced = self._traced(key, lambda: self._trace_maps(target, names, pre_softmax))
        pairs = traced(_floats(image[np.newaxis]), _numbers(target))
        return [(activations[0].numpy(), gradients[0].numpy()) for activations, gradients in pairs]

    def activations(self, images: np.ndarray, layer: str) -> np.ndarray:
        """What a layer gives for every picture: float32 (N, h, w, channels)."""
        traced = self._traced(("activations", layer), lambda: self._trace_activations(layer))
        return traced(_floats(images)).numpy()

    def silenced(self, images: np.ndarray, layer: str, channels: Sequence[int]) -> np.ndarray:
        """What the network gives if some maps of a layer are nought: float32 (N, K)."""
        kept = np.ones(self.spatial(layer).channels, np.float32)
        kept[list(channels)] = 0
        traced = self._traced(("silenced", layer), lambda: self._trace_silenced(layer))
        return traced(_floats(images), tf.constant(kept)).numpy()

    def seen(self, images: Any, layer: str) -> Any:
        """What a layer gives, as a tensor: float32 (N, h, w, channels), differentiable; for use in `compiled`."""
        return self._trace_activations(layer)(images)

    def logits(self, images: Any) -> Any:
        """What goes into the final softmax, as a tensor: float32 (N, K), differentiable; for use in `compiled`."""
        with self._bent(pre_softmax=True):
            return self.model(images, training=False)

    def compiled(self, key: Any, function: Callable[..., Any]) -> Any:
        """A TensorFlow function of this probe that is compiled once a name."""
        return self._traced(key, lambda: function)

    # -- tracing ------------------------------------------------------------------------------------------------

    def _traced(self, key: Any, make: Callable[[], Callable[..., Any]]) -> Any:
        """The compiled function of this name. While it is traced, at its first call, `_bent` holds the lock."""
        with self._tracing:
            if key not in self._functions:
                self._functions[key] = tf.function(make(), reduce_retracing=True, autograph=False)
            return self._functions[key]

    def _trace_outputs(self) -> Callable[..., Any]:
        return lambda images: self.model(images, training=False)

    def _trace_scores(self, target: Target, pre_softmax: bool) -> Callable[..., Any]:
        def scores(images: Any, numbers: Any) -> Any:
            with self._bent(pre_softmax=pre_softmax):
                return target.score(self.model(images, training=False), numbers, target.static)

        return scores

    def _trace_gradients(self, target: Target, guided: bool, pre_softmax: bool) -> Callable[..., Any]:
        def gradients(images: Any, numbers: Any) -> Any:
            with (
                self._bent(pre_softmax=pre_softmax, guided=guided),
                tf.GradientTape(watch_accessed_variables=False) as tape,
            ):
                tape.watch(images)
                scores = target.score(self.model(images, training=False), numbers, target.static)
            return tape.gradient(scores, images, unconnected_gradients="zero"), scores

        return gradients

    def _trace_maps(self, target: Target, names: tuple[str, ...], pre_softmax: bool) -> Callable[..., Any]:
        def maps(images: Any, numbers: Any) -> Any:
            seen: dict[str, Any] = {}
            with (
                tf.GradientTape(watch_accessed_variables=False) as tape,
                self._bent(pre_softmax=pre_softmax, watched=names, seen=seen, tape=tape),
            ):
                scores = target.score(self.model(images, training=False), numbers, target.static)
            outputs = [seen[name] for name in names]
            gradients = tape.gradient(scores, outputs, unconnected_gradients="zero")
            return list(zip(outputs, gradients, strict=True))

        return maps

    def _trace_activations(self, name: str) -> Callable[..., Any]:
        def activations(images: Any) -> Any:
            seen: dict[str, Any] = {}
            with self._bent(watched=(name,), seen=seen):
                self.model(images, training=False)
            return seen[name]

        return activations

    def _trace_silenced(self, name: str) -> Callable[..., Any]:
        def silenced(images: Any, kept: Any) -> Any:
            with self._bent(changed={name: lambda output: output * kept}):
                return self.model(images, training=False)

        return silenced

    @contextlib.contextmanager
    def _bent(
        self,
        *,
        pre_softmax: bool = False,
        guided: bool = False,
        watched: tuple[str, ...] = (),
        seen: dict[str, Any] | None = None,
        tape: Any = None,
        changed: dict[str, Transform] | None = None,
        calls: dict[str, tuple[list[Any], Any]] | None = None,
    ) -> Iterator[None]:
        """Within: the final softmax passes everything through, ReLUs are guided, outputs are kept or changed."""
        with self._tracing, contextlib.ExitStack() as stack:
            if guided:
                for layer in self._layers.values():
                    stack.enter_context(_guided(layer))
            if pre_softmax and self._called:
                stack.enter_context(_without_softmax(self._layers[self._called[-1]]))
            for name in watched:
                stack.enter_context(_calling(self._layers[name], _keeping(name, seen, tape)))
            for name, change in (changed or {}).items():
                stack.enter_context(_calling(self._layers[name], change))
            for name, layer in self._layers.items() if calls is not None else ():
                stack.enter_context(_noted(layer, name, calls))
            yield


def _keeping(name: str, seen: dict[str, Any] | None, tape: Any) -> Transform:
    def keep(output: Any) -> Any:
        if seen is not None:
            seen.pop(name, None)
            seen[name] = output
        if tape is not None:
            tape.watch(output)
        return output

    return keep


@contextlib.contextmanager
def _calling(layer: Any, then: Transform) -> Iterator[None]:
    """Within: what the layer gives goes through `then`."""
    original = layer.call

    def call(*arguments: Any, **options: Any) -> Any:
        return then(original(*arguments, **options))

    with _instead(layer, "call", call):
        yield


@contextlib.contextmanager
def _noted(layer: Any, name: str, calls: dict[str, tuple[list[Any], Any]]) -> Iterator[None]:
    """Within: what the layer takes and gives is kept, the last call last."""
    original = layer.call

    def call(*arguments: Any, **options: Any) -> Any:
        output = original(*arguments, **options)
        calls.pop(name, None)
        calls[name] = (tf.nest.flatten(arguments), output)
        return output

    with _instead(layer, "call", call):
        yield


@contextlib.contextmanager
def _instead(layer: Any, name: str, value: Any) -> Iterator[None]:
    """Within: an attribute of this one layer is another. Past Keras' own `__setattr__`, which tracks values."""
    missing = object()
    before = vars(layer).get(name, missing)
    vars(layer)[name] = value
    try:
        yield
    finally:
        if before is missing:
            vars(layer).pop(name)
        else:
            vars(layer)[name] = before


@contextlib.contextmanager
def _without_softmax(layer: Any) -> Iterator[None]:
    if isinstance(layer, keras.layers.Softmax):
        with _instead(layer, "call", lambda inputs, *_, **__: inputs):
            yield
    elif getattr(layer, "activation", None) is keras.activations.softmax:
        with _instead(layer, "activation", keras.activations.linear):
            yield
    else:
        yield


@contextlib.contextmanager
def _guided(layer: Any) -> Iterator[None]:
    """Within: of a ReLU's gradient only what is positive passes."""
    activation = getattr(layer, "activation", None)
    if isinstance(layer, keras.layers.ReLU):
        with _instead(layer, "call", _only_positive(layer.call)):
            yield
    elif activation in (keras.activations.relu, keras.activations.relu6):
        with _instead(layer, "activation", _only_positive(activation)):
            yield
    else:
        yield


def _only_positive(function: Transform) -> Transform:
    def guided(inputs: Any, *_: Any, **__: Any) -> Any:
        @tf.custom_gradient
        def forward(values: Any) -> Any:
            outputs = function(values)
            # Where a ReLU, with or without a ceiling, changes with its input: between its floor and its ceiling.
            moves = tf.cast((outputs > 0) & (outputs >= values), values.dtype)
            return outputs, lambda upstream: tf.nn.relu(upstream) * moves

        return forward(inputs)

    return guided


def _leaves(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every layer that holds no others, by a name that is unique: a nested model's name stands before its layers'."""
    for layer in model.layers:
        if getattr(layer, "layers", None):
            yield from _leaves(layer, f"{prefix}{layer.name}/")
        else:
            yield f"{prefix}{layer.name}", layer


def _static(target: Target) -> tuple[Any, ...]:
    return (type(target), target.static)


def _numbers(target: Target) -> Any:
    return tf.constant(target.numbers, tf.int32)


def _floats(images: np.ndarray) -> Any:
    return tf.constant(images, tf.float32)
