"""Masks as PNG and COCO, there and back, against pycocotools, Pillow and scikit-image; what is made of them."""

import io
import math
import struct
import zlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from pycocotools import mask as coco_mask

from cvlib.errors import ImageError
from cvlib.figures.palette import CLASS_COLORS
from cvlib.tasks import mask_formats, mask_runs
from cvlib.tasks.mask_formats import (
    IGNORE,
    area_table,
    cut_out,
    from_coco_rle,
    from_png,
    outlines,
    overlay,
    to_coco_rle,
    to_palette_png,
)  # fmt: skip
from tests.images import files

NAMES = ("background", "cat", "=cmd", "Ж", "<b>")
COLORS = ("#000000", *CLASS_COLORS)[: len(NAMES)]


def masks(least: int = 8) -> st.SearchStrategy[np.ndarray]:
    sides = arrays.array_shapes(min_dims=2, max_dims=2, min_side=least, max_side=20)
    return arrays.arrays(np.uint8, sides, elements=st.sampled_from([0, 1, 2, 3, 4, IGNORE]))


def regions() -> st.SearchStrategy[np.ndarray]:
    return arrays.arrays(bool, arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24))


def grey(values: np.ndarray, bits: int) -> bytes:
    """A grey PNG of 1, 2 or 4 bits a value, which Pillow does not write."""
    height, width = values.shape
    per = 8 // bits
    padded = np.pad(values, ((0, 0), (0, -width % per))).reshape(height, -1, per)
    rows = (padded << np.arange(8 - bits, -1, -bits)).sum(axis=2).astype(np.uint8)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    chunks = files.chunk(b"IHDR", header) + files.chunk(b"IDAT", data) + files.chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def png(values: np.ndarray, mode: str | None = None) -> bytes:
    made = Image.fromarray(values)
    return files.encoded(made.convert(mode) if mode else made, "PNG")


@settings(max_examples=30, deadline=None)
@given(masks())
def test_palette_there_and_back(mask: np.ndarray) -> None:
    content = to_palette_png(mask, COLORS)
    read = from_png(content, name="a.png")
    assert (read.mask == mask).all() and read.mask.dtype == np.uint8 and read.kind == "palette"
    assert read.colors == tuple(COLORS[: len(read.colors)])
    opened = Image.open(io.BytesIO(content))
    assert opened.mode == "P" and (np.asarray(opened) == mask).all()
    white = np.asarray(opened.convert("RGB"))[mask == IGNORE]
    assert (white == 255).all()


@settings(max_examples=20, deadline=None)
@given(masks())
def test_the_same_in_grey_and_in_colours(mask: np.ndarray) -> None:
    read = from_png(png(mask), name="a.png")
    assert read.colors is None
    if read.two_tone:
        assert set(np.unique(mask)) <= {0, 255} and (read.mask == (mask == 255)).all()
    else:
        assert (read.mask == mask).all()
    read = from_png(png(mask, "RGB"), name="a.png")
    shown = np.array([int(color[1:3], 16) for color in read.colors])
    assert (shown[read.mask] == mask).all() and list(read.colors) == sorted(read.colors) and read.colors[0] == "#000000"


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_grey_of_few_bits(bits: int) -> None:
    values = np.arange(9 * 11).reshape(9, 11) % 2**bits
    assert (from_png(grey(values.astype(np.uint8), bits), name="a").mask == values).all()


def test_other_kinds_of_png() -> None:
    values = np.arange(100, dtype=np.uint8).reshape(10, 10)
    assert (from_png(png(values.astype(np.uint16)), name="a").mask == values).all()
    assert (from_png(png(values, "LA"), name="a").mask == values).all()
    half = np.zeros((10, 10, 4), np.uint8)
    half[:, 5:] = 9, 8, 7, 255
    half[0] = 1, 2, 3, 0  # transparent: nothing is seen of this colour
    read = from_png(png(half), name="a")
    assert read.colors == ("#000000", "#090807") and read.mask.sum() == 45


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", files.encoded(files.picture(), "JPEG"), files.huge_png(60_000), files.png(1, 1),
        png(np.zeros((9, 9), np.uint8))[:-30], png(np.full((9, 9), 300, np.uint16)),
        png(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)),
    ],
)  # fmt: skip
def test_what_is_no_mask_is_said(content: bytes) -> None:
    with pytest.raises(ImageError, match=r"\.$"):
        from_png(content, name="../a.png")


@settings(max_examples=40, deadline=None)
@given(regions())
def test_runs_are_those_of_pycocotools(region: np.ndarray) -> None:
    runs = mask_runs.encode(region)
    made = np.zeros(region.shape, np.uint8)
    mask_runs.paint(made, mask_runs.from_counts(runs["counts"], region.shape), 7)
    assert (made == 7 * coco_mask.decode(runs)).all() and (made == 7 * region).all()
    column = region.ravel(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[False], column, [False]])))
    counts = np.diff(edges, prepend=0).tolist()  # as COCO writes crowds
    again = np.zeros(region.shape, np.uint8)
    mask_runs.paint(again, mask_runs.from_counts(counts, region.shape), 7)
    assert (again == made).all()


def test_long_runs() -> None:
    region = np.zeros((3000, 2000), bool)
    region[5:2900, 3] = region[:, 700:1900] = True
    runs, made = mask_runs.encode(region), np.zeros(region.shape, np.uint8)
    mask_runs.paint(made, mask_runs.from_counts(runs["counts"], region.shape), 1)
    assert (made == region).all()


@settings(max_examples=40, deadline=None)
@given(regions(), st.integers(1, 30), st.integers(1, 30))
def test_painting_at_another_size_takes_the_nearest(region: np.ndarray, height: int, width: int) -> None:
    made = np.zeros((height, width), np.uint8)
    mask_runs.paint(made, mask_runs.from_counts(mask_runs.encode(region)["counts"], region.shape), 1)
    rows, columns = (
        [math.floor((place + Fraction(1, 2)) * source / target) for place in range(target)]
        for source, target in zip(region.shape, (height, width), strict=True)
    )
    assert (made == mask_runs.resized(region, (height, width))).all() and (made == region[np.ix_(rows, columns)]).all()


@given(st.binary(max_size=40) | st.lists(st.integers(-3, 80), max_size=9) | st.text("0123nopQ\x00é", max_size=30))
def test_any_counts_are_runs_or_refused(counts: bytes | list[int] | str) -> None:
    try:
        runs = mask_runs.from_counts(counts, (7, 9))
    except ValueError:
        return
    assert (runs.ends > runs.starts).all() and (runs.starts[1:] >= runs.ends[:-1]).all()
    assert runs.ends.max(initial=0) <= 63
    mask_runs.paint(np.zeros((7, 9), np.uint8), runs, 1)


def test_a_polygon_by_hand() -> None:
    runs = mask_runs.from_coco([[2, 1, 6, 1, 6, 4, 2, 4]], (8, 10), (8, 10))
    made = np.zeros((8, 10), np.uint8)
    mask_runs.paint(made, runs, 1)
    assert made[1:4, 2:6].all() and made.sum() == 12
    flat = mask_runs.from_coco([1, 0.5, 3, 0.5, 3, 2, 1, 2], (4, 5), (8, 10))  # at half the size, not in a list
    assert (flat.starts == runs.starts).all() and (flat.ends == runs.ends).all()


@pytest.mark.parametrize(
    "segmentation",
    [
        None, 3, "abc", [], [[]], [[1, 2, 3, 4]], [[1, 2, 3, 4, 5, 6, 7]], [[float("nan")] * 6], [[1e300] * 6],
        [[10**400] * 6], [[0, 0, 90_000, 90_000, 0, 5] * 9], [{}], {}, {"size": [4], "counts": "0"},
        {"size": [10**9, 10**9], "counts": "0"}, {"size": [0, 5], "counts": []}, {"size": [4, 4], "counts": [20, 3]},
        {"size": [4, 4], "counts": [[1], [2]]}, {"size": [4, 4], "counts": [float("inf")]},
        {"size": [4, 4], "counts": {"a": 1}}, {"size": [4, 4], "counts": "oooooooooooooooooooooooo0"},
        {"size": [4, 4], "counts": "o"},
    ],
)  # fmt: skip
def test_what_is_no_region_is_refused(segmentation: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, OverflowError)):
        mask_runs.from_coco(segmentation, (48, 64), (48, 64))


@settings(max_examples=30, deadline=None)
@given(masks(least=1))
def test_coco_there_and_back(mask: np.ndarray) -> None:
    values = to_coco_rle(mask, NAMES, name="a.png")
    again, names = from_coco_rle(values)
    assert (again == mask).all() and names == NAMES
    assert values["images"] == [{"id": 1, "file_name": "a.png", "height": mask.shape[0], "width": mask.shape[1]}]
    for one in values["annotations"]:
        region = mask == one["category_id"]
        rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
        assert (coco_mask.decode(one["segmentation"]) == region).all() and one["area"] == region.sum() > 0
        assert one["bbox"] == [columns[0], rows[0], np.ptp(columns) + 1, np.ptp(rows) + 1]


def test_coco_lies_over() -> None:
    values = to_coco_rle(np.ones((4, 6), np.uint8), ("background", "a", "b"))
    values["annotations"].append({"image_id": 1, "category_id": 2, "segmentation": [[0, 0, 3, 0, 3, 4, 0, 4]]})
    assert from_coco_rle(values)[0].tolist() == [[2, 2, 2, 1, 1, 1]] * 4


@pytest.mark.parametrize(
    "change",
    [
        {"images": []}, {"images": [{"id": 1, "height": 10**6, "width": 10**6}]}, {"images": 3}, {"categories": None},
        {"categories": [{"id": 1}]}, {"annotations": [3]}, {"categories": [{"id": "a", "name": "x"}, {"id": 1}]},
        {"categories": [{"id": place, "name": f"{place}"} for place in range(300)]},
        {"images": [{"id": 1, "height": 5, "width": 5}]},
    ],
)  # fmt: skip
def test_coco_of_the_wrong_shape(change: dict) -> None:
    values = to_coco_rle(np.ones((4, 6), np.uint8), ("background", "a"))
    with pytest.raises(ImageError, match=r"\.$"):
        from_coco_rle(values | change)


@settings(max_examples=20, deadline=None)
@given(masks(least=1), st.sets(st.sampled_from([0, 1, 2, 3, 4, IGNORE])), st.integers(0, 99))
def test_cut_out_keeps_what_belongs(mask: np.ndarray, classes: set[int], seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (*mask.shape, 3), dtype=np.uint8)
    cut = np.asarray(Image.open(io.BytesIO(cut_out(pixels, mask, classes))))
    inside = np.isin(mask, list(classes))
    assert (cut[..., 3] == 255 * inside).all() and (cut[inside, :3] == pixels[inside]).all() and not cut[~inside].any()


@given(masks(least=1))
def test_areas_are_shares_of_what_is_judged(mask: np.ndarray) -> None:
    table = area_table(mask, NAMES)
    assert [row[0] for row in table] == list(NAMES)
    assert [row[1] for row in table] == [(mask == number).sum() for number in range(len(NAMES))]
    assert sum(row[2] for row in table) == pytest.approx(float((mask != IGNORE).any()))


def test_a_class_without_a_name_is_a_fault() -> None:
    for function in (area_table, to_coco_rle):
        with pytest.raises(ValueError, match="class 3"):
            function(np.full((4, 4), 3, np.uint8), NAMES[:3])


@settings(max_examples=20, deadline=None)
@given(masks(least=1), st.floats(0, 1), st.none() | st.sets(st.integers(0, 4)), st.integers(0, 99))
def test_overlay_mixes(mask: np.ndarray, opacity: float, shown: set[int] | None, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (*mask.shape, 3), dtype=np.uint8)
    made = overlay(pixels, mask, COLORS, opacity=opacity, shown=shown)
    assert made.dtype == np.uint8 and made.shape == pixels.shape
    for number, color in enumerate(COLORS):
        here = mask == number
        rgb = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)])
        share = opacity if number in (range(1, 5) if shown is None else shown) else 0
        assert np.abs(made[here] - (pixels[here] * (1 - share) + rgb * share)).max(initial=0) <= 0.51
    assert (made[mask == IGNORE] == pixels[mask == IGNORE]).all()


@settings(max_examples=30, deadline=None)
@given(masks(least=1))
def test_outlines_are_those_of_scikit_image(mask: np.ndarray) -> None:
    from skimage.segmentation import find_boundaries

    assert (outlines(mask) == find_boundaries(mask, mode="inner")).all()


def test_names_of_the_background() -> None:
    numbers, names = mask_formats.category_numbers([(0, "Background"), (7, "cat"), (9, "dog"), (255, "ignore")])
    assert numbers == {0: 0, 7: 1, 9: 2, 255: 255} and names == ("background", "cat", "dog")
