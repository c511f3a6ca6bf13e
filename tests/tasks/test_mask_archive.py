"""Pictures with masks in a ZIP: there and back, what other programs write, and what a stranger may have made of it."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cvlib.errors import ImageError
from cvlib.figures.palette import CLASS_COLORS
from cvlib.tasks import mask_archive, mask_classes, mask_formats, mask_marks
from cvlib.tasks.mask_archive import MaskArchive, read, write
from cvlib.tasks.mask_formats import IGNORE, to_palette_png
from tests.images import files
from tests.images.test_archive import packed

NAMES = ("background", "=cmd|' /C calc'!A0", "<script>", "none")
COLORS = ("#000000", *CLASS_COLORS[:3])
VALUES = np.zeros((48, 64), np.uint8)
VALUES[10:20, 5:30], VALUES[30:, 40:], VALUES[0, 0] = 1, 2, IGNORE


def jpeg(width: int = 64, height: int = 48) -> bytes:
    return files.encoded(files.picture(width, height), "JPEG")


def png(values: np.ndarray) -> bytes:
    return files.encoded(Image.fromarray(values), "PNG")


def coco(*regions: tuple[int, object], name: str = "a.jpg", size_hw: tuple[int, int] = (48, 64)) -> bytes:
    rows = [{"image_id": 1, "category_id": one, "segmentation": what, "iscrowd": 0} for one, what in regions]
    images = [{"id": 1, "file_name": name, "height": size_hw[0], "width": size_hw[1]}]
    categories = [{"id": 4, "name": "cat"}, {"id": 9, "name": "dog"}]
    return json.dumps({"images": images, "annotations": rows, "categories": categories}).encode()


def opened(content: dict[str, bytes]) -> MaskArchive:
    return read(packed(content), name="mine.zip")


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 999), st.integers(1, 4))
def test_there_and_back(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(12, 40, (count, 2))
    pictures = [(f"p{place}.jpg", rng.integers(0, 256, (*size, 3), dtype=np.uint8)) for place, size in enumerate(sizes)]
    masks = [rng.choice(np.array([0, 1, 2, 3, IGNORE], np.uint8), tuple(size)) for size in sizes]
    again = read(write(pictures, masks, NAMES, COLORS), name="mine.zip")
    assert again.class_names == NAMES and again.notes == ()
    assert [name for name, _ in again.pictures] == [f"p{place}.png" for place in range(count)]
    for (_, one), (_, other), mask, found in zip(pictures, again.pictures, masks, again.masks, strict=True):
        assert (one == other).all() and (mask == found).all()


def test_pictures_of_the_same_name_stay_apart() -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    masks = [np.full((8, 8), value, np.uint8) for value in (1, 2)]
    again = read(write([("a.jpg", pixels), ("A.png", pixels)], masks, NAMES, COLORS), name="mine.zip")
    assert [name for name, _ in again.pictures] == ["a.png", "A 2.png"] and [one.max() for one in again.masks] == [1, 2]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"readme.txt": b"nothing else"},
        {"a.jpg": jpeg()},
        {"masks/a.png": png(VALUES)},
        {"a.jpg": jpeg(), "masks/b.png": png(VALUES)},
        {"a.jpg": b"bad", "masks/a.png": png(VALUES)},
        {"a.jpg": jpeg(), "masks/a.png": b"bad"},
        {"a.jpg": jpeg(), "masks/a.png": files.huge_png(60_000)},
        {"a.jpg": jpeg(), "masks/a.jpg": jpeg()},
        {"a.jpg": jpeg(), "masks/a.png": png(np.zeros((64, 64), np.uint8))},
        {"a.jpg": jpeg(), "all.json": b"[" * 100_000},
        {"a.jpg": jpeg(), "all.json": b'{"images": 3, "annotations": [], "categories": []}'},
        {"a.jpg": jpeg(), "all.json": b'{"images": [], "annotations": [3], "categories": []}'},
        {"a.jpg": jpeg(), "all.json": coco(name="b.jpg")},
        {"../a.jpg": jpeg(), "../masks/a.png": png(VALUES)},
    ],
)
def test_what_cannot_be_used_is_said(content: dict[str, bytes]) -> None:
    with pytest.raises(ImageError, match=r"\.$"):
        opened(content)


@pytest.mark.parametrize("content", [b"", b"PK", packed({"a/a.png": bytes(19 * 2**20)})])
def test_no_zip_or_a_bomb(content: bytes) -> None:
    with pytest.raises(ImageError, match=r"\.$"):
        read(content, name="mine.zip")


LAYOUTS = (
    ("images/a.jpg", "masks/a.png"),
    ("a.jpg", "a_mask.png"),
    ("a.JPG", "A-Mask.PNG"),
    ("x/train/a.jpg", "x/trainannot/a.png"),
    ("images/train/a.jpg", "labels/train/a.png"),
    ("JPEGImages/a.jpg", "SegmentationClass/a.png"),
    ("ground_truth/images/a.jpg", "ground_truth/masks/a.png"),
    ("camvid/a.jpg", "camvid/a_L.png"),
    ("img/a.jpg", "gt/a_labelIds.png"),
    ("img/a.jpg", "ground_truth/a.png"),
)


@pytest.mark.parametrize(("picture", "mask"), LAYOUTS)
def test_layouts(picture: str, mask: str) -> None:
    content = {picture: jpeg(), mask: to_palette_png(VALUES, COLORS), "classes.txt": b"background\ncup\nplate\n"}
    found = opened(content)
    assert found.class_names == ("background", "cup", "plate") and found.notes == ()
    assert (found.masks[0] == VALUES).all() and found.pictures[0][1].shape == (48, 64, 3)


def test_folders_with_the_same_names_inside() -> None:
    one, other = VALUES * (VALUES == 1), VALUES * (VALUES == 2)
    content = {"x/a.jpg": jpeg(), "y/a.jpg": jpeg(), "y/masks/a.png": png(other), "x/masks/a.png": png(one)}
    found = opened(content)
    assert [set(np.unique(mask)) for mask in found.masks] == [{0, 1}, {0, 2}]
    assert [name for name, _ in found.pictures] == ["a.jpg", "a 2.jpg"]


def test_a_picture_whose_name_ends_like_a_mask_stays_a_picture() -> None:
    found = opened({"photo_p.png": png(np.zeros((48, 64, 3), np.uint8)), "photo_p_mask.png": png(VALUES)})
    assert found.pictures[0][0] == "photo p.png"
    assert (found.masks[0] == VALUES).all()


@pytest.mark.parametrize(
    ("values", "listed", "names", "made"),
    [
        ([0, 1, 3], None, ("background", "class 1", "class 3"), [0, 1, 2]),
        ([0, 76, 255], None, ("background", "class 76"), [0, 1, 255]),
        ([0, 255], None, ("background", "class 1"), [0, 1]),
        ([0, 255], "cup", ("background", "cup"), [0, 1]),
        ([0, 1, 2], "bg\ncup\nplate", ("background", "cup", "plate"), [0, 1, 2]),
        ([0, 1, 2], "cup\nplate", ("background", "cup", "plate"), [0, 1, 2]),
        ([0, 1, 255], "sky\nroad", ("background", "sky", "road"), [1, 2, 255]),
        ([0, 1], "__ignore__\n_background_\nignore", ("background", "ignore"), [0, 1]),
        ([0, 1, 4], "background\ncup", ("background", "cup", "class 2", "class 3", "class 4"), [0, 1, 4]),
    ],
)
def test_what_grey_values_mean(values: list[int], listed: str | None, names: tuple, made: list[int]) -> None:
    mask = np.resize(np.array(values, np.uint8), (48, 64))
    content = {"a.jpg": jpeg(), "a_mask.png": png(mask)} | ({"labels.txt": listed.encode()} if listed else {})
    found = opened(content)
    assert found.class_names == names and (found.masks[0] == np.resize(np.array(made, np.uint8), (48, 64))).all()


def test_255_is_judged_by_all_masks_together() -> None:
    two = np.where(VALUES == 1, 255, 0).astype(np.uint8)
    content = {"a.jpg": jpeg(), "b.jpg": jpeg(), "masks/a.png": png(two)}
    alone = opened(content | {"masks/b.png": png(VALUES * 0)})
    assert (alone.masks[0] == (VALUES == 1)).all() and not alone.masks[1].any()
    beside = opened(content | {"masks/b.png": png(VALUES)})
    assert (beside.masks[0] == two).all() and (beside.masks[1] == VALUES).all()


def coloured(*colors: tuple[int, int, int]) -> np.ndarray:
    return np.array([*colors, *[(0, 0, 0)] * (256 - len(colors))], np.uint8)


def test_colours_mean_the_same_in_all_masks() -> None:
    red, blue, rim = (200, 0, 0), (0, 0, 200), (224, 224, 192)
    content = {
        "a.jpg": jpeg(), "masks/a.png": png(coloured((0, 0, 0), red, rim)[VALUES % 253]),
        "b.jpg": jpeg(), "masks/b.png": png(coloured((0, 0, 0), blue, red)[VALUES % 253]),
    }  # fmt: skip
    found = opened(content)
    assert found.class_names == ("background", "#0000C8", "#C80000") and "#0000C8" in found.notes[0]
    assert found.masks[0][15, 10] == 2 == found.masks[1][40, 50] and found.masks[0][40, 50] == IGNORE
    assert found.masks[1][15, 10] == 1 and found.masks[0][25, 10] == 0
    lists = (
        b"# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:200,0,0::\ndog:0,0,200::\nbird:1,1,1::\n",
        b"0 0 0\tVoid\n200 0 0\tcat\n0 0 200\tdog\n1 1 1  bird",
    )
    for place, listed in enumerate(lists):
        named = opened(content | {("labelmap.txt", "label_colors.txt")[place]: listed})
        assert named.class_names == ("background", "cat", "dog", "bird") and named.notes == ()
        assert named.masks[0][15, 10] == 1 and named.masks[1][15, 10] == 2
        assert named.masks[0][25, 10] == (0, IGNORE)[place]


def test_palettes_that_differ_are_read_by_their_colours() -> None:
    content = {
        "a.jpg": jpeg(), "masks/a.png": to_palette_png(VALUES, ("#000000", "#FF0000", "#00FF00")),
        "b.jpg": jpeg(), "masks/b.png": to_palette_png(VALUES, ("#000000", "#00FF00", "#FF0000")),
    }  # fmt: skip
    found = opened(content)
    assert (found.masks[0][15, 10], found.masks[1][15, 10]) == (2, 1) and found.masks[0][0, 0] == IGNORE


def test_sizes() -> None:
    large = np.kron(VALUES, np.ones((2, 2), np.uint8))
    found = opened({"a.jpg": jpeg(), "masks/a.png": png(large)})
    assert (found.masks[0] == VALUES).all() and "another size" in found.notes[0]
    found = opened({"a.jpg": jpeg(2048, 1536), "masks/a.png": png(np.kron(VALUES, np.ones((32, 32), np.uint8)))})
    assert found.masks[0].shape == (768, 1024) and found.notes == ()
    assert (found.masks[0] == np.kron(VALUES, np.ones((16, 16), np.uint8))).all()
    other = {"b.jpg": jpeg(), "masks/b.png": png(np.zeros((48, 48), np.uint8)), "c.jpg": jpeg()}
    found = opened({"a.jpg": jpeg(), "masks/a.png": png(VALUES), **other})
    assert len(found.masks) == 1 and found.notes == (
        "Left out, because they have no mask: c.jpg.",
        "Left out, because their masks have other proportions: b.jpg.",
    )


def test_a_picture_that_its_camera_held_upright() -> None:
    turned = files.with_exif(6, Image.fromarray(np.zeros((48, 64, 3), np.uint8)))
    found = opened({"a.png": turned, "a_mask.png": png(VALUES.T.copy())})
    assert (found.masks[0] == VALUES.T).all() and found.notes == ()
    with pytest.raises(ImageError, match="on their side"):
        opened({"a.png": turned, "a_mask.png": png(VALUES)})


BOX = [2, 3, 12, 3, 12, 23, 2, 23]
"""10 x 20 pixels."""


def test_coco_outlines_and_runs() -> None:
    crowd = np.zeros((48, 64), bool)
    crowd[10:14, 8:40] = True
    lengths = np.diff(np.flatnonzero(np.diff(np.r_[False, crowd.ravel(order="F"), False])), prepend=0).tolist()
    text = mask_formats.to_coco_rle(crowd.astype(np.uint8), ("background", "x"))["annotations"][0]["segmentation"]
    for runs in ({"size": [48, 64], "counts": lengths}, text):
        found = opened({"d/a.jpg": jpeg(), "b.jpg": jpeg(), "all.json": coco((9, [BOX]), (4, runs), name="d/a.jpg")})
        expected = np.zeros((48, 64), np.uint8)
        expected[3:23, 2:12] = 2
        expected[crowd] = 1  # later ones lie over earlier ones
        assert found.class_names == ("background", "cat", "dog") and (found.masks[0] == expected).all()
        assert found.notes == ("Left out, because they have no mask: b.jpg.",)


def test_coco_is_scaled_as_its_picture_is() -> None:
    for size_hw, outline in (((1536, 2048), [32 * place for place in BOX]), ((48, 64), BOX)):
        found = opened({"a.jpg": jpeg(2048, 1536), "all.json": coco((4, [outline]), size_hw=size_hw)})
        assert found.masks[0].sum() == 160 * 320 and found.masks[0][3 * 16 : 23 * 16, 2 * 16 : 12 * 16].all()


def test_coco_without_annotations_is_background_and_bad_ones_are_counted() -> None:
    found = opened({"a.jpg": jpeg(), "all.json": coco()})
    assert not found.masks[0].any() and found.notes == ()
    found = opened({"a.jpg": jpeg(), "all.json": coco((4, []), (4, None), (4, {"size": [9, 9], "counts": [1, 2]}))})
    assert not found.masks[0].any() and "no regions of their picture" in found.notes[0] and ": 3." in found.notes[0]


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mask_archive, "MOST_PICTURES", 2)
    monkeypatch.setattr(mask_archive, "MOST_CLASSES", 1)
    monkeypatch.setattr(mask_archive, "MOST_PIXEL_BYTES", 2 * 3 * 32 * 32)
    content = {f"{one}.jpg": jpeg() for one in "abc"} | {f"masks/{one}.png": png(VALUES) for one in "abc"}
    found = opened(content)
    assert len(found.masks) == 2 and found.class_names == ("background", "class 2")
    assert set(np.unique(found.masks[0])) == {0, 1, IGNORE} and found.masks[0].shape == (24, 32)
    assert ["3 pictures" in found.notes[0], "smaller" in found.notes[1], "Of 2 classes" in found.notes[2]] == [True] * 3


@pytest.mark.timeout(20)
def test_endless_work_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mask_marks, "MOST_WORK", 10**6)
    whole = {"size": [48, 64], "counts": [0, 48 * 64]}
    content = packed({"a.jpg": jpeg(), "all.json": coco(*[(4, whole)] * 5_000)}, method=zipfile.ZIP_STORED)
    found = read(content, name="mine.zip")
    assert found.masks[0].all() and "too many or too large" in found.notes[0]
    monkeypatch.setattr(mask_marks, "MOST_PNG_PIXELS", 48 * 64)
    content = {f"{one}.jpg": jpeg() for one in "ab"} | {f"masks/{one}.png": png(VALUES) for one in "ab"}
    assert opened(content).notes == ("Left out, because the masks together are too large: b.jpg.",)


@given(st.text(max_size=80), st.binary(max_size=80))
def test_any_list_of_colours_is_read(text: str, content: bytes) -> None:
    from cvlib.images.archive import ArchivedFile

    for one in (text.encode(errors="replace"), content, b"a:1,2,3::\n" + content):
        found = mask_classes.listed_colors([ArchivedFile((), "labelmap.txt", one)])
        assert all(len(color) == 7 and name.strip() for color, name in found.items())


def test_nothing_to_write() -> None:
    assert io.BytesIO(write([], [], NAMES, COLORS)).getbuffer().nbytes > 0
