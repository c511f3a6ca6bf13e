"""A network as one flat list of steps: nested networks are opened, and plain operations count like layers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cvlib import lazy

keras = lazy.load("keras")


@dataclass(frozen=True, eq=False)
class Step:
    """A layer or an operation.

    Attributes:
        name: of it.
        kind: name of its class.
        operation: itself.
        arguments: Keras' record of what it is called with.
        takes: its inputs, as places in `Graph.shapes`.
        gives: its outputs.
    """

    name: str
    kind: str
    operation: Any
    arguments: Any
    takes: tuple[int, ...]
    gives: tuple[int, ...]

    @property
    def weights(self) -> int:
        """How many numbers it has learned."""
        return self.operation.count_params() if getattr(self.operation, "weights", None) else 0


@dataclass(eq=False)
class Graph:
    """A network's steps, in an order in which they can be taken.

    Attributes:
        steps: all of them.
        shapes: of every tensor, without the batch.
        picture: the network's input.
        places: of Keras' symbols in `shapes`, by their id; what is handed into a nested network has two symbols.
    """

    steps: list[Step] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    picture: int = 0
    places: dict[int, int] = field(default_factory=dict, repr=False)

    def step(self, name: str) -> Step:
        """The step of this name."""
        return next(step for step in self.steps if step.name == name)

    def run(self, pictures: Any, until: int) -> Any:
        """Take pictures through the network as far as a tensor, and return that.

        Args:
            pictures: float32 (N, H, W, 3).
            until: a place in `shapes`.
        """
        values = {self.picture: pictures}
        for step in self.steps:
            if until in values:
                break
            known = {id(symbol): values[self.places[id(symbol)]] for symbol in step.arguments.keras_tensors}
            args, options = step.arguments.fill_in(known)
            made = keras.tree.flatten(step.operation(*args, **options))
            values.update(zip(step.gives, made, strict=True))
        return values[until]


def of(model: Any) -> Graph:
    """The graph of a functional model with one input. It lives no longer than the model."""
    graph = Graph()
    graph.picture = _new(graph, model.inputs[0])
    _add(graph, model)
    return graph


def _new(graph: Graph, symbol: Any) -> int:
    graph.places[id(symbol)] = len(graph.shapes)
    graph.shapes.append(tuple(symbol.shape[1:]))
    return graph.places[id(symbol)]


def _add(graph: Graph, model: Any) -> None:
    """The steps of a network whose inputs have their places already."""
    # A Sequential keeps its graph one level deeper. Keras has no public word for the nodes in their order.
    by_depth = getattr(model, "_functional", model)._nodes_by_depth
    for node in (node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth] if not node.is_input):
        inner = node.operation
        if isinstance(inner, keras.Model):
            _same(graph, inner.inputs, node.input_tensors)
            _add(graph, inner)
            _same(graph, node.outputs, inner.outputs)
        else:
            takes = tuple(graph.places[id(symbol)] for symbol in node.input_tensors)
            gives = tuple(_new(graph, symbol) for symbol in node.outputs)
            graph.steps.append(Step(inner.name, type(inner).__name__, inner, node.arguments, takes, gives))


def _same(graph: Graph, symbols: Sequence[Any], known: Sequence[Any]) -> None:
    """Give symbols the places of others that stand for the same tensors."""
    for symbol, other in zip(symbols, known, strict=True):
        graph.places[id(symbol)] = graph.places[id(other)]
