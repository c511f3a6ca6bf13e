"""How far a pixel sees: which pixels of the picture its scores can depend on, and on which of them they do.

The first is arithmetic, the theoretical receptive field; the second is a gradient, the effective one: W. Luo, Y. Li,
R. Urtasun, R. Zemel, "Understanding the effective receptive field in deep convolutional neural networks", 2016.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.explain import receptive
from cvlib.segmenting import graph as flat
from cvlib.segmenting.graph import Graph, Step

tf = lazy.load("tensorflow")

LOGITS = "logits"
Cells = tuple[np.ndarray, ...]
"""Which cells of a tensor count: for each of its axes but the batch and the channels bool (size,)."""
CELL_BY_CELL = frozenset(
    {"Activation", "Add", "BatchNormalization", "Cast", "Concatenate", "Dropout", "Equal", "Maximum", "Multiply",
     "ReLU", "Rescaling", "Softmax", "Split", "Subtract"}
)  # fmt: skip
"""Layers and operations of which each cell only takes the same cell, or the only one."""
WINDOWS = frozenset({"Conv2D", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D"})
SHIFTS = frozenset({"ZeroPadding2D", "Cropping2D"})


def theoretical(model: Any, row: int, column: int) -> tuple[int, int, int, int]:
    """The box of all pixels that can change the scores of a pixel: left, top, right, bottom, the last two not in it.

    It is found by going back through the network, cell by cell. A step that is not known is taken to see everything.

    Args:
        model: a network for segmentation, with a layer `logits`.
        row: of the pixel.
        column: of the pixel.
    """
    graph = flat.of(model)
    wanted = graph.step(LOGITS).gives[0]
    pixel = (_one(row, graph.shapes[wanted][0]), _one(column, graph.shapes[wanted][1]))
    needed: dict[int, Cells] = {wanted: pixel}
    for step in reversed(graph.steps):
        for place in step.gives:
            if place in needed:
                for source, cells in _needs(step, graph, place, needed[place]):
                    needed[source] = _either(needed.get(source), cells)
    if graph.picture not in needed:  # nothing but padding is behind it
        return 0, 0, 0, 0
    rows, columns = (np.flatnonzero(axis) for axis in needed[graph.picture])
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _one(place: int, size: int) -> np.ndarray:
    return np.arange(size) == place


def _either(some: Cells | None, others: Cells) -> Cells:
    """Rows and columns go separate ways through a network: what is needed of each is exact, whatever joins."""
    return others if some is None else tuple(a | b for a, b in zip(some, others, strict=True))


def _needs(step: Step, graph: Graph, given: int, cells: Cells) -> Iterator[tuple[int, Cells]]:
    """What a step needs of its inputs for some cells of an output; nothing of inputs it does not need."""
    for number, source in enumerate(step.takes):
        sizes = graph.shapes[source][:-1]
        found = _needed(step, number, sizes, graph.shapes[given][:-1], cells)
        if all(axis.any() for axis in found):
            yield source, found


def _needed(step: Step, number: int, sizes: tuple[int, ...], made: tuple[int, ...], cells: Cells) -> Cells:
    """The cells of one input, of these sizes, for some cells of an output."""
    if step.kind in CELL_BY_CELL and all(size in (1, other) for size, other in zip(sizes, made, strict=True)):
        pairs = zip(cells, sizes, strict=True)
        return tuple(axis if len(axis) == size else axis.any(keepdims=True) for axis, size in pairs)
    if step.kind in WINDOWS | SHIFTS or _is_known_growth(step):
        return _looked_at(step, sizes, cells)
    if step.kind == "Conv2DTranspose" and step.operation.kernel_size == step.operation.strides:
        return tuple(_enlarging(*each) for each in zip(step.operation.strides, sizes, cells, strict=True))
    if step.kind == "GetItem":
        return _sliced(step.arguments.args[1], sizes, cells)
    if step.kind == "Stack":
        axis = step.operation.axis % (len(cells) + 2) - 1
        kept = cells[:axis] + cells[axis + 1 :]
        return kept if cells[axis][number] else tuple(np.zeros_like(one) for one in kept)
    if step.kind == "Reshape" and (parted := _parted(sizes, cells)) is not None:
        return parted
    return tuple(np.ones(size, bool) for size in sizes)


def _enlarging(stride: int, size: int, wanted: np.ndarray) -> np.ndarray:
    """Through an up-convolution whose windows do not overlap: every cell comes from one."""
    marked = np.zeros(size, bool)
    marked[np.flatnonzero(wanted) // stride] = True
    return marked


def _is_known_growth(step: Step) -> bool:
    return step.kind == "UpSampling2D" and step.operation.interpolation in ("nearest", "bilinear")


def _looked_at(step: Step, sizes: tuple[int, ...], cells: Cells) -> Cells:
    """Through convolutions, pooling, padding and enlarging: where `receptive` says their cells look, and around it."""
    centres = receptive.after(step.operation, receptive.PIXELS, sizes)
    pairs = zip(sizes, cells, centres, _around(step), strict=True)
    return tuple(_marked(size, axis.centres(len(one))[one], around) for size, one, axis, around in pairs)


def _around(step: Step) -> Iterator[np.ndarray | None]:
    """How far from its centre the taps of a window lie, for rows and columns; None for an enlarged map."""
    layer = step.operation
    if step.kind == "UpSampling2D":
        yield from (None, None) if layer.interpolation == "bilinear" else (np.zeros(1), np.zeros(1))
        return
    kernel = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None) or (1, 1)
    for size, rate in zip(kernel, getattr(layer, "dilation_rate", (1, 1)), strict=True):
        yield rate * (np.arange(size) - (size - 1) / 2)


def _marked(size: int, centres: np.ndarray, around: np.ndarray | None) -> np.ndarray:
    if around is None:  # between two cells; beyond the ends there is only one
        exact = centres.round(6)
        taps = np.clip(np.concatenate([np.floor(exact), np.ceil(exact)]), 0, size - 1)
    else:
        taps = np.rint(centres[:, None] + around).ravel()
    marked = np.zeros(size, bool)
    marked[taps[(taps >= 0) & (taps < size)].astype(int)] = True
    return marked


def _sliced(key: Any, sizes: tuple[int, ...], cells: Cells) -> Cells:
    """Through `features[:, 1::2, ::2]`."""
    slices = (*key[1:], *[slice(None)] * len(sizes))[: len(sizes)]
    marked = [np.zeros(size, bool) for size in sizes]
    for axis, part, wanted in zip(marked, slices, cells, strict=True):
        axis[np.arange(len(axis))[part][wanted]] = True
    return tuple(marked)


def _parted(sizes: tuple[int, ...], cells: Cells) -> Cells | None:
    """Through a reshape that joins neighbouring axes; None if it is another one."""
    parts, left = [], list(sizes)
    for wanted in cells:
        taken = []
        while left and np.prod(taken, dtype=int) * left[0] <= len(wanted):
            taken.append(left.pop(0))
        if np.prod(taken, dtype=int) != len(wanted):
            return None
        grid = wanted.reshape(taken)
        others = [tuple(k for k in range(len(taken)) if k != axis) for axis in range(len(taken))]
        parts += [grid.any(axis=other) for other in others]
    return None if left else tuple(parts)


def effective(model: Any, image: np.ndarray, row: int, column: int) -> np.ndarray:
    """How much the winning score of a pixel changes with each pixel of the picture.

    Args:
        model: a network for segmentation.
        image: uint8 (H, W, 3), of the size it was built for.
        row: of the pixel.
        column: of the pixel.

    Returns:
        float32 (H, W), 0 to 1: the sum of the absolute gradients of the three colours, its largest value 1.
    """
    graph = flat.of(model)
    picture = tf.constant(image[None], tf.float32)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(picture)
        best = tf.reduce_max(graph.run(picture, graph.step(LOGITS).gives[0])[0, row, column])
    changes = np.abs(tape.gradient(best, picture).numpy()[0]).sum(axis=-1)
    return (changes / max(float(changes.max()), np.finfo(np.float32).tiny)).astype(np.float32)


def look(model: Any, image: np.ndarray, row: int, column: int) -> tuple[tuple[int, int, int, int], np.ndarray]:
    """Both receptive fields of a pixel; see `theoretical` and `effective`."""
    return theoretical(model, row, column), effective(model, image, row, column)
