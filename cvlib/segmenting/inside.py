"""A network for segmentation as people draw it: stages that shrink the picture, and stages that grow it back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cvlib import lazy
from cvlib.segmenting import graph as flat
from cvlib.segmenting.graph import Graph, Step

tf = lazy.load("tensorflow")
keras = lazy.load("keras")

LOGITS = "logits"
POOLING = frozenset({"MaxPooling2D", "Maximum"})
"""SegNet's pooling is made of operations, of which the last maximum gives the map."""
CONTEXT = "SpatialPyramidPooling"
SCORE = "score"
"""Begins the names of the layers that give a logit for each class, see `cvlib.models.segmenters.layers`."""
TITLES = {
    "encode": "Encoder", "pool": "Pooling", "bottom": "Bottom", "context": "Context", "decode": "Decoder",
    "score": "Scores",
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """Some layers with maps of one size.

    Attributes:
        title: in words.
        kind: key of `TITLES`.
        height: of its last maps.
        width: of its last maps.
        channels: how many maps.
        weights: numbers it has learned.
        tensor: its last maps, as a place in the network's `Graph.shapes`.
        source: place of the stage that hands something across to it, among all stages; None if none does.
    """

    title: str
    kind: str
    height: int
    width: int
    channels: int
    weights: int
    tensor: int
    source: int | None = None


def stages(model: Any) -> tuple[Stage, ...]:
    """The stages of a network from the picture to the scores, read off its layers and the sizes of their maps.

    Args:
        model: of `cvlib.models.build_segmenter`, trained or not.
    """
    graph = flat.of(model)
    down, up = _sides(graph)
    found = [stage for steps in down for stage in _cut(graph, steps, steps is down[-1])]
    shrinking = len(found)
    found += [stage for steps in up for stage in _cut(graph, steps, None)]
    named = _named(_finished(found, graph), [graph.shapes[steps[0].gives[0]] for steps in down])
    sources = [None if place < shrinking else _source(graph, named, place) for place in range(len(named))]
    return tuple(replace(stage, source=source) for stage, source in zip(named, sources, strict=True))


def maps(model: Any, image: np.ndarray, stage: Stage, *, most: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """What a stage makes of a picture: its strongest maps; of scores all of them, in the order of the classes.

    Args:
        model: the network.
        image: uint8 (H, W, 3), of the size it was built for.
        stage: of `stages(model)`.
        most: how many maps.

    Returns:
        int64 (k,), the channels, and float32 (k, h, w), their maps, those with the largest mean first.
    """
    values = flat.of(model).run(tf.constant(image[None], tf.float32), stage.tensor).numpy()[0]
    strongest = np.argsort(-np.abs(values).mean(axis=(0, 1)), kind="stable")[:most]
    chosen = np.arange(values.shape[-1]) if stage.kind == "score" else strongest
    return chosen.astype(np.int64), np.moveaxis(values[..., chosen], -1, 0).astype(np.float32)


def _sides(graph: Graph) -> tuple[list[list[Step]], list[list[Step]]]:
    """The steps on the way down and on the way up, those with maps of one size together.

    On the way down is what the smallest maps are made of. All else is on the way up, also what is handed across.
    """
    sizes = _sizes(graph)
    early = _before_growth(graph, sizes)
    smallest = min(sizes[place] for place in early)
    bottom = {place for place in early if sizes[place] == smallest}
    below = _behind(graph, bottom) | bottom
    down: dict[int, list[Step]] = {}
    up: dict[int, list[Step]] = {}
    for step in _until_logits(graph):
        if len(graph.shapes[step.gives[0]]) == 3:
            (down if step.gives[0] in below else up).setdefault(sizes[step.gives[0]], []).append(step)
    counted = [
        [side[size] for size in sorted(side, reverse=side is down) if any(map(_counts, side[size]))]
        for side in (down, up)
    ]
    return counted[0], counted[1]


def _counts(step: Step) -> bool:
    """Whether a stage can be made of this step; padding alone is none."""
    return step.weights > 0 or step.kind in POOLING


def _until_logits(graph: Graph) -> list[Step]:
    last = graph.step(LOGITS)
    needed = _behind(graph, {last.gives[0]})
    return [step for step in graph.steps if needed & set(step.gives)]


def _sizes(graph: Graph) -> list[int]:
    """The cells of each tensor; of one that is no map those of what it is made of."""
    sizes = [0] * len(graph.shapes)
    sizes[graph.picture] = int(np.prod(graph.shapes[graph.picture][:2]))
    for step in graph.steps:
        for place in step.gives:
            shape = graph.shapes[place]
            sizes[place] = shape[0] * shape[1] if len(shape) == 3 else sizes[step.takes[0]]
    return sizes


def _before_growth(graph: Graph, sizes: Sequence[int]) -> set[int]:
    """The tensors that no enlarged map is in. Padding enlarges nothing, nor does a convolution after it."""
    early = {graph.picture}
    for step in graph.steps:
        grows = sizes[step.gives[0]] > max(sizes[place] for place in step.takes)
        if early.issuperset(step.takes) and (not grows or step.weights or step.kind == "ZeroPadding2D"):
            early.update(step.gives)
    return early


def _behind(graph: Graph, wanted: set[int]) -> set[int]:
    """All tensors that these are made of."""
    found = set(wanted)
    for step in reversed(graph.steps):
        if found.intersection(step.gives):
            found.update(step.takes)
    return found - wanted


def _cut(graph: Graph, steps: list[Step], is_bottom: bool | None) -> list[Stage]:
    """The stages that steps with maps of one size make up.

    Args:
        graph: of the network.
        steps: in their order.
        is_bottom: whether they are the smallest; None on the way up.
    """
    base = "decode" if is_bottom is None else "bottom" if is_bottom else "encode"
    first = next((k for k, step in enumerate(steps) if step.weights), len(steps))
    pooled = [k for k, step in enumerate(steps[:first]) if step.kind in POOLING]
    if pooled and first == len(steps):
        return [_stage(graph, steps[: pooled[-1] + 1], base)]
    parts = [(steps[: pooled[-1] + 1], "pool")] if pooled else []
    kind = base
    for step in steps[pooled[-1] + 1 if pooled else 0 :]:
        before, kind = kind, _kind(step, kind, base)
        if kind != before or not parts or parts[-1][1] == "pool":
            parts.append(([], kind))
        parts[-1][0].append(step)
    return [_stage(graph, part, kind) for part, kind in parts if any(map(_counts, part))]


def _kind(step: Step, current: str, base: str) -> str:
    """What a step belongs to: what comes after scores are scores."""
    if current == "score" or step.name.startswith(SCORE):
        return "score"
    return "context" if step.kind == CONTEXT else base


def _stage(graph: Graph, steps: Sequence[Step], kind: str) -> Stage:
    # Plain operations behind its last layer prepare the next stage: SegNet's put values back into larger maps.
    layers = [step for step in steps if isinstance(step.operation, keras.Layer)]
    tensor = (layers or steps)[-1].gives[0]
    return Stage("", kind, *graph.shapes[tensor], sum(step.weights for step in steps), tensor)


def _finished(found: list[Stage], graph: Graph) -> list[Stage]:
    """With the scores of the picture's own size at the end."""
    logits = graph.step(LOGITS).gives[0]
    height, width, channels = graph.shapes[logits]
    last = found[-1]
    if last.kind == "score" and last.height >= height and last.width >= width:
        return [*found[:-1], replace(last, height=height, width=width, tensor=logits)]
    return [*found, Stage("", "score", height, width, channels, 0, logits)]


def _named(found: list[Stage], shapes: Sequence[tuple[int, ...]]) -> list[Stage]:
    """With titles: a decoder has the number of the encoder with maps of its size."""
    numbers = {shape[:2]: number for number, shape in enumerate(shapes, start=1)}
    scores, named = sum(stage.kind == "score" for stage in found), []
    for place, stage in enumerate(found):
        nth = sum(other.kind == stage.kind for other in found[: place + 1])
        number = numbers.get((stage.height, stage.width), nth) if stage.kind == "decode" else nth
        alone = stage.kind in ("bottom", "context") or (stage.kind == "score" and scores == 1)
        named.append(replace(stage, title=TITLES[stage.kind] if alone else f"{TITLES[stage.kind]} {number}"))
    return named


def _source(graph: Graph, named: Sequence[Stage], place: int) -> int | None:
    """The stage besides the one before that a stage is made of; an encoder rather than its pooling."""
    owners = {stage.tensor: number for number, stage in enumerate(named)}
    reached, asked = set(), {named[place].tensor}
    for step in reversed(graph.steps):
        if asked.intersection(step.gives):
            reached.update(owners[tensor] for tensor in step.takes if tensor in owners)
            asked.update(tensor for tensor in step.takes if tensor not in owners)
    across = sorted(reached - {place - 1}, key=lambda number: named[number].kind != "encode")
    return across[0] if across else None
