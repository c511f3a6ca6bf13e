"""Transforms that mix pictures, and their labels with them.

The layers of Keras and keras-cv ignore their seed here, or leave boxes behind. A picture's own boxes come first, then
the others'.
"""

from typing import Any

from cvlib import lazy
from cvlib.augmentation import warping
from cvlib.augmentation.batch import Batch, padded
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.schema import Parameter, Transform

tf = lazy.load("tensorflow")


def mixup(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Two pictures, one shining through the other; the label mixes by the same weight. All boxes of both stay."""
    other = chance.others(batch)
    weight = chance.beta("weight", [tf.shape(batch.images)[0]], values["alpha"])
    pair = ((batch, weight), (other, 1.0 - weight))
    return batch._replace(
        images=sum(each.images * share[:, None, None, None] for each, share in pair),
        labels=_labels([(each.labels, share) for each, share in pair]),
        **_boxes([(each, None) for each, _ in pair]),
    )


def cutmix(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """A rectangle of another picture is pasted in; the label mixes by the share of the pixels."""
    height, width = batch.images.shape[1:3]
    other, count = chance.others(batch), [tf.shape(batch.images)[0]]
    side = tf.sqrt(1.0 - chance.beta("weight", count, values["alpha"]))
    down = _stretch(chance.uniform("y", count), side, height)
    across = _stretch(chance.uniform("x", count), side, width)
    inside = down[:, :, None] & across[:, None, :]
    parts = [(batch, ~inside), (other, inside)]
    masks = None if batch.masks is None else tf.where(inside, other.masks, batch.masks)
    images = tf.where(inside[..., None], other.images, batch.images)
    return batch._replace(images=images, masks=masks, labels=_labels(_shares(parts)), **_boxes(parts))


def mosaic(batch: Batch, values: dict[str, Any], chance: Chance) -> Batch:
    """Four pictures around a place: each just covers its corner of the frame, the label mixes by their pixels."""
    height, width = batch.images.shape[1:3]
    column = tf.clip_by_value(tf.round(values["x"] * (width / 100)), 1.0, width - 1.0)
    row = tf.clip_by_value(tf.round(values["y"] * (height / 100)), 1.0, height - 1.0)
    right = (tf.range(width, dtype=tf.float32) >= column[:, None])[:, None, :]
    below = (tf.range(height, dtype=tf.float32) >= row[:, None])[:, :, None]
    others = [padded(batch, chance.others(batch, f"other{number}"))[1] for number in (1, 2, 3)]
    four = [padded(batch, others[0])[0], *others]
    places = [_corner(column, row, height, width, number) for number in range(4)]
    x, y = (tf.where(below, tf.where(right, d, c), tf.where(right, b, a)) for a, b, c, d in zip(*places, strict=True))
    made = warping.sampled(_stacked(four), x, y, "constant")
    seen = [~below & ~right, ~below & right, below & ~right, below & right]
    parts = [(each._replace(marks=made.marks), there) for each, there in zip(four, seen, strict=True)]
    return made._replace(labels=_labels(_shares(parts)), **_boxes(parts))


def _corner(column: Any, row: Any, height: int, width: int, number: int) -> tuple[Any, Any]:
    """Where the pixels of a corner of the frame come from, the corners counted as one reads.

    Returns:
        x: float32 (N, 1, W), columns of the corner's picture.
        y: float32 (N, H, 1), rows of the four pictures, one below the other.
    """
    is_below, is_right = divmod(number, 2)
    across = (width - column if is_right else column) / width
    down = (height - row if is_below else row) / height
    scale = tf.maximum(across, down)
    left = column if is_right else column - scale * width
    top = row if is_below else row - scale * height
    x = (tf.range(width, dtype=tf.float32) + 0.5 - left[:, None]) / scale[:, None] - 0.5
    y = (tf.range(height, dtype=tf.float32) + 0.5 - top[:, None]) / scale[:, None] - 0.5
    x, y = tf.clip_by_value(x, 0.0, width - 1.0), tf.clip_by_value(y, 0.0, height - 1.0)
    return x[:, None, :], y[:, :, None] + float(number * height)


def _stacked(batches: list[Batch]) -> Batch:
    """The pictures of all, one below the other."""

    def joined(parts: list[Any]) -> Any:
        return None if any(part is None for part in parts) else tf.concat(parts, axis=1)

    images, masks, marks = (joined([getattr(each, part) for each in batches]) for part in ("images", "masks", "marks"))
    return batches[0]._replace(images=images, masks=masks, marks=marks)


def _stretch(middle: Any, side: Any, count: int) -> Any:
    """bool (N, count): the pixels of a stretch of a side, as far as they lie on it. Arguments are shares of it."""
    length = tf.round(side * count)
    first = tf.round(middle * count - length / 2)
    places = tf.range(count, dtype=tf.float32)[None, :]
    return (places >= first[:, None]) & (places < (first + length)[:, None])


def _shares(parts: list[tuple[Batch, Any]]) -> list[tuple[Any, Any]]:
    """Labels, and the share of the frame's pixels in which each batch is seen, float32 (N,)."""
    return [(each.labels, tf.reduce_mean(tf.cast(there, tf.float32), axis=[1, 2])) for each, there in parts]


def _labels(shares: list[tuple[Any, Any]]) -> Any:
    """Labels float32 (N, K), weighted by float32 (N,); None without."""
    if any(labels is None for labels, _ in shares):
        return None
    return sum(labels * share[:, None] for labels, share in shares)


def _boxes(parts: list[tuple[Batch, Any]]) -> dict[str, Any]:
    """The boxes of all, one's after the other's, as far as they are seen."""
    if parts[0][0].marks is None:
        return {"marks": None, "box_labels": None}
    marks = [each.marks if there is None else each.marks * tf.cast(there, tf.uint8)[..., None] for each, there in parts]
    return {
        "marks": tf.concat(marks, axis=-1),
        "box_labels": tf.concat([each.box_labels for each, _ in parts], axis=-1),
    }


def _alpha(usual: float, help: str) -> Parameter:
    return Parameter(name="alpha", title="Evenness (alpha)", help=help, low=0.1, high=5.0, step=0.1, usual=usual)


_CENTRE = {"low": 10.0, "high": 90.0, "step": 1.0, "usual": (30.0, 70.0), "unit": " %"}
CARDS = (
    Transform(
        name="mixup",
        title="MixUp",
        kind="mixing",
        how="Lays another picture over this one, half transparent; the label becomes so much of the one and so much "
        "of the other.",
        caveat="Nobody ever meets such a picture: it teaches a network to be less sure, and is of no use where it must "
        "say where something is.",
        source="Zhang, Cisse, Dauphin & Lopez-Paz: mixup, beyond empirical risk minimization, 2018",
        change=mixup,
        carries=frozenset({"boxes"}),
        mixes=True,
        parameters=(
            _alpha(
                0.4,
                "How evenly the two mix (the alpha of a beta distribution): at 0.1 one of them hardly shows, at 1 any "
                "weight is as likely, at 5 it is mostly half and half.",
            ),
        ),
    ),
    Transform(
        name="cutmix",
        title="CutMix",
        kind="mixing",
        how="Pastes a rectangle of another picture over this one; the label becomes so much of the one and so much of "
        "the other as there are pixels of each.",
        caveat="The rectangle may cover the very thing that the label names, or bring in nothing but background.",
        source="Yun et al.: CutMix, regularization strategy to train strong classifiers, 2019",
        change=cutmix,
        mixes=True,
        parameters=(
            _alpha(
                1.0,
                "How evenly the two share the picture (the alpha of a beta distribution): at 0.1 one of them has "
                "nearly all of it, at 1 any share is as likely, at 5 it is mostly half and half.",
            ),
        ),
    ),
    Transform(
        name="mosaic",
        title="Mosaic",
        kind="mixing",
        how="Puts four pictures together around a point, one into each corner; the label is shared by their pixels.",
        caveat="Things become smaller, and seams run through the picture: good for finding many small objects, bad "
        "where a picture shows one large one.",
        source="Bochkovskiy, Wang & Liao: YOLOv4, 2020",
        change=mosaic,
        mixes=True,
        parameters=(
            Parameter(
                name="x",
                title="Meeting point across",
                help="Where the four pictures meet, in percent of the width.",
                **_CENTRE,
            ),
            Parameter(
                name="y",
                title="Meeting point down",
                help="Where the four pictures meet, in percent of the height.",
                **_CENTRE,
            ),
        ),
    ),
)
