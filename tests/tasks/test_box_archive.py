"""Labelled pictures in a ZIP: there and back, what other programs write, and what a stranger may have made of it."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cvlib.errors import ImageError
from cvlib.tasks import box_archive, box_formats, class_lists
from cvlib.tasks.box_archive import Labelled, LabelledPicture, read, write_coco_zip, write_yolo_zip
from cvlib.tasks.detections import Detections, nothing
from tests.images import files
from tests.images.test_archive import packed

NAMES = ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "Ж")
WRITERS = (write_yolo_zip, write_coco_zip)


def boxes_of(*rows: tuple[float, float, float, float, int], names: tuple[str, ...] = NAMES) -> Detections:
    edges = np.array([row[:4] for row in rows], np.float32).reshape(-1, 4)
    return Detections(edges, np.array([row[4] for row in rows], np.int64), np.ones(len(rows), np.float32), names)


def labelled(seed: int, counts: list[int], names: tuple[str, ...] = NAMES) -> list[LabelledPicture]:
    rng = np.random.default_rng(seed)
    made = []
    for number, count in enumerate(counts):
        pixels = rng.integers(0, 256, (rng.integers(12, 40), rng.integers(12, 40), 3), dtype=np.uint8)
        low = rng.uniform(0, 8, (count, 2))
        boxes = np.concatenate([low, low + rng.uniform(1, 4, (count, 2))], axis=1).astype(np.float32)
        found = Detections(boxes, rng.integers(0, len(names), count), np.ones(count, np.float32), names)
        made.append(LabelledPicture(f"picture {number}.png", pixels, found))
    return made


def jpeg(width: int = 64, height: int = 48) -> bytes:
    return files.encoded(files.picture(width, height), "JPEG")


def edges(found: Labelled, place: int = 0) -> list:
    return np.round(found.pictures[place].boxes.boxes_xyxy, 3).tolist()


def voc(name: str, *rows: tuple[float, float, float, float, int], size_hw: tuple[int, int] = (48, 64)) -> str:
    return box_formats.to_voc(name, boxes_of(*rows), size_hw)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"readme.txt": b"nothing else"},
        {"a.jpg": jpeg()},  # pictures without boxes
        {"a.jpg": jpeg(), "other.txt": b"0 0.5 0.5 1 1"},
        {"a.txt": b"0 0.5 0.5 1 1"},  # boxes without pictures
        {"a.jpg": b"no picture", "a.txt": b"0 0.5 0.5 1 1"},
        {"a.jpg": jpeg(), "a.txt": b"hello"},
        {"a.jpg": jpeg(), "a.xml": b"<annotation>"},
        {"a.jpg": jpeg(), "all.json": json.dumps({"images": 3, "annotations": [], "categories": []}).encode()},
    ],
)
def test_what_cannot_be_used_is_said(content: dict[str, bytes]) -> None:
    with pytest.raises(ImageError, match=r"\.$"):
        read(packed(content), name="mine.zip")


def test_no_zip_at_all() -> None:
    with pytest.raises(ImageError, match="no ZIP"):
        read(b"", name="mine.zip")


@pytest.mark.parametrize("write", WRITERS)
def test_nothing_there_and_back(write) -> None:
    with pytest.raises(ImageError, match="no pictures"):
        read(write([], NAMES), name="mine.zip")
    again = read(write(labelled(0, [0]), NAMES), name="mine.zip")
    assert len(again.pictures) == 1 and not len(again.pictures[0].boxes) and again.class_names == NAMES


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 999), counts=st.lists(st.integers(0, 4), min_size=1, max_size=4), coco=st.booleans())
def test_there_and_back(seed: int, counts: list[int], coco: bool) -> None:
    pictures = labelled(seed, counts)
    again = read(WRITERS[coco](pictures, NAMES), name="mine.zip")
    assert again.class_names == NAMES and again.notes == ()
    for one, other in zip(pictures, again.pictures, strict=True):
        assert one.name == other.name and (one.pixels == other.pixels).all()
        np.testing.assert_allclose(other.boxes.boxes_xyxy, one.boxes.boxes_xyxy, atol=1e-3)
        assert other.boxes.labels.tolist() == one.boxes.labels.tolist() and (other.boxes.scores == 1).all()


@pytest.mark.parametrize("write", WRITERS)
def test_pictures_of_the_same_name_stay_apart(write) -> None:
    one, other = labelled(1, [1, 2])
    again = read(write([replace(one, name="a.jpg"), replace(other, name="A.png")], NAMES), name="mine.zip")
    assert [picture.name for picture in again.pictures] == ["a.png", "A 2.png"]
    assert [len(picture.boxes) for picture in again.pictures] == [1, 2]


LAYOUTS = (
    {"classes.txt": b"cup\nplate\n", "a.jpg": 0, "a.txt": 1},
    {"obj.names": b"cup\nplate\n", "obj/a.jpg": 0, "obj/a.txt": 1},
    {"data.yaml": b"nc: 2\nnames: ['cup', \"plate\"]\n", "images/train/a.jpg": 0, "labels/train/a.txt": 1},
    {"d/data.yaml": b"names:\n  0: cup\n  1: plate # x\n", "d/train/images/a.jpg": 0, "d/train/labels/a.txt": 1},
    {"data.yml": b"names:\n- cup\n- 'plate'\ntrain: x\n", "photos/a.jpg": 0, "boxes/a.txt": 1},
)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_yolo(layout: dict) -> None:
    content = {0: jpeg(), 1: b"1 0.5 0.5 0.25 0.5\n\n0 0.1 0.1 0.3 0.1 0.1 0.4\n"}
    found = read(packed({name: content.get(value, value) for name, value in layout.items()}), name="mine.zip")
    assert found.class_names == ("cup", "plate") and found.pictures[0].boxes.labels.tolist() == [1, 0]
    np.testing.assert_allclose(edges(found), [[24, 12, 40, 36], [6.4, 4.8, 19.2, 19.2]], atol=1e-3)  # box and outline


def test_yolo_without_names_and_with_lines_that_are_none() -> None:
    found = read(
        packed({
            "a.jpg": jpeg(), "a.txt": b"2 0.5 0.5 0.5 0.5\n1 0.5 0.5 0 0.5\n0 5 5 0.1 0.1",
            "b.jpg": jpeg(), "b.txt": b"0 nan 0.5 0.1 0.1", "c.jpg": jpeg(),
        }),
        name="mine.zip",
    )  # fmt: skip
    assert found.class_names == ("class 0", "class 1", "class 2")
    assert [len(picture.boxes) for picture in found.pictures] == [1, 0, 0]
    assert [note.split(":")[0] for note in found.notes] == [
        "Files of boxes that could not be read", "Boxes left out, without area",
        "Boxes left out, without area or outside their picture",
    ]  # fmt: skip


def test_voc_beside_its_pictures() -> None:
    content = {
        "JPEGImages/a_1.jpg": jpeg(),
        "Annotations/a_1.xml": voc("a_1.jpg", (3, 5, 10, 20, 0), (7, 7, 8, 8, 2)).encode(),
        "JPEGImages/b.jpg": jpeg(), "Annotations/b.xml": voc("b.jpg", (0, 0, 64, 48, 1)).encode(),
        "JPEGImages/c.jpg": jpeg(),
    }  # fmt: skip
    found = read(packed(content), name="mine.zip")
    assert found.class_names == ("=cmd|' /C calc'!A0", "Ж", "<script>alert(1)</script>")
    assert edges(found, 0) == [[3, 5, 10, 20]] and edges(found, 1) == [[0, 0, 64, 48]] and edges(found, 2) == []
    assert found.pictures[1].boxes.labels.tolist() == [2]
    assert found.notes == ("Boxes left out, without area: 1.",)


def coco(*names: str, size_hw: tuple[int, int] = (48, 64)) -> dict:
    return box_formats.to_coco([(name, size_hw, boxes_of((4, 6, 20, 30, 1))) for name in names])


def test_coco_finds_its_pictures_by_the_last_part_of_their_names() -> None:
    values = json.dumps(coco("/home/someone/images/a.jpg", "data\\b.jpg", "gone.jpg")).encode()
    found = read(packed({"x/a.jpg": jpeg(), "y/b.jpg": jpeg(), "boxes.json": values}), name="mine.zip")
    assert edges(found, 0) == edges(found, 1) == [[4, 6, 20, 30]] and found.class_names == NAMES
    assert "does not hold: 1." in found.notes[0]


def test_several_coco_files_each_with_its_folder() -> None:
    other = coco("a.jpg")
    other["categories"][1]["name"] = "only here"
    content = {
        "train/a.jpg": jpeg(), "train/all.json": json.dumps(coco("a.jpg")).encode(),
        "test/a.jpg": jpeg(), "test/all.json": json.dumps(other).encode(), "settings.json": b"[1, 2",
    }  # fmt: skip
    found = read(packed(content), name="mine.zip")
    assert [picture.boxes.labels.tolist() for picture in found.pictures] == [[1], [3]]
    assert found.class_names == (*NAMES, "only here") and [one.name for one in found.pictures] == ["a.jpg", "a 2.jpg"]


def test_boxes_are_scaled_as_their_pictures_are() -> None:
    large = files.encoded(files.picture(2048, 1024), "JPEG")
    for content in (
        {"a.xml": voc("a.jpg", (200, 100, 400, 300, 0), size_hw=(1024, 2048)).encode()},
        {"a.xml": voc("a.jpg", (100, 50, 200, 150, 0), size_hw=(512, 1024)).encode()},  # labelled at half its size
        {"a.xml": voc("a.jpg", (200, 100, 400, 300, 0), size_hw=(0, 0)).encode()},
        {"a.xml": voc("a.jpg", (200, 100, 400, 300, 0), size_hw=(500, 500)).encode()},  # no size of this picture
    ):
        found = read(packed({"a.jpg": large, **content}), name="mine.zip")
        assert found.pictures[0].pixels.shape == (512, 1024, 3)
        np.testing.assert_allclose(edges(found), [[100, 50, 200, 150]], atol=0.01)


def test_a_picture_that_its_camera_held_upright() -> None:
    turned = files.with_exif(6, Image.fromarray(np.zeros((40, 80, 3), np.uint8)))
    found = read(
        packed({"a.png": turned, "a.xml": voc("a", (4, 8, 20, 40, 0), size_hw=(80, 40)).encode()}), name="a.zip"
    )
    assert found.pictures[0].pixels.shape == (80, 40, 3) and edges(found) == [[4, 8, 20, 40]]
    lying = voc("a", (4, 8, 20, 30, 0), size_hw=(40, 80)).encode()
    found = read(packed({"a.png": turned, "a.xml": lying}), name="a.zip")
    assert edges(found) == [] and "lie on their side" in found.notes[0]
    unsaid = voc("a", (4, 8, 20, 40, 0), size_hw=(0, 0)).encode()
    assert edges(read(packed({"a.png": turned, "a.xml": unsaid}), name="a.zip")) == [[4, 8, 20, 40]]


def test_more_than_ten_classes_leave_the_commonest() -> None:
    lines = "".join(f"{label} 0.5 0.5 0.5 0.5\n" * (1 + (label > 1)) for label in range(12))
    found = read(packed({"a.jpg": jpeg(), "a.txt": lines.encode()}), name="mine.zip")
    assert found.class_names == tuple(f"class {label}" for label in range(2, 12)) and len(found.pictures[0].boxes) == 20
    assert "Of 12 classes, the 10" in found.notes[0]


def test_more_pictures_than_fit_leave_those_with_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box_archive, "MOST_PICTURES", 2)
    monkeypatch.setattr(box_archive, "MOST_PIXEL_BYTES", 2 * 3 * 32 * 32)
    content = {f"{letter}.jpg": jpeg() for letter in "abcd"} | {"d.txt": b"0 0.5 0.5 0.5 0.5"}
    found = read(packed(content), name="mine.zip")
    assert [(picture.name, len(picture.boxes)) for picture in found.pictures] == [("a.jpg", 0), ("d.jpg", 1)]
    assert found.pictures[1].pixels.shape == (24, 32, 3) and edges(found, 1) == [[8, 6, 24, 18]]
    assert "4 pictures; 2 are used" in found.notes[0] and "smaller" in found.notes[1]


def test_a_bad_picture_costs_only_itself() -> None:
    content = {"x/a.jpg": b"bad", "y/a.jpg": jpeg(), "x/a.txt": b"0 0.5 0.5 1 1", "y/a.txt": b"0 0.5 0.5 0.5 0.5"}
    found = read(packed(content), name="mine.zip")
    assert edges(found) == [[16, 12, 48, 36]] and found.notes[0].endswith("could not be read as pictures: a.jpg.")


LONG = "a name of far more than forty characters, of which "


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ([], ()),
        (["", " "], ("class 0", "class 1")),
        (["cup", "cup", "cup 2"], ("cup", "cup 2", "cup 2 2")),
        ([LONG + "one", LONG + "other"], (LONG[:40].strip(), LONG[:36].strip() + " 2")),
        (["two\nlines\t\x00‮"], ("two lines",)),
        (["=cmd", "<script>"], ("=cmd", "<script>")),
    ],
)
def test_names_stay_what_they_are_but_differ(written: list[str], kept: tuple[str, ...]) -> None:
    assert box_formats.distinct_names(written) == kept


@given(st.lists(st.text(max_size=60), max_size=20) | st.lists(st.sampled_from(["a", "a 2", "", LONG]), max_size=20))
def test_names_always_differ(written: list[str]) -> None:
    kept = box_formats.distinct_names(written)
    assert len(kept) == len(set(kept)) == len(written) and all(1 <= len(name) <= 40 for name in kept)
    listed = "".join(f"  {place}: {json.dumps(name)}\n" for place, name in enumerate(kept))
    assert class_lists.from_yaml(f"path: .\nnames:\n{listed}nc: 3\n") == kept
    assert class_lists.from_yaml(f"names: {json.dumps(kept, ensure_ascii=False)}\n") == kept


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("names:", ()),
        ("names: []", ()),
        ("names: cup", ()),
        ("nc: 1\n  names: [x]", ()),
        ("names: [cup, 'a, ''b''', \"]\\\"\"] # end", ("cup", "a, 'b'", ']"')),
        ("names: [\n  cup,  # one\n  'plate'\n]\nnc: 2", ("cup", "plate")),
        ("names: {0: cup, 2: 'plate'}", ("cup", "class 1", "plate")),
        ('names: # all\n\n  - cup # one\n  - C# major\n  - "plate" # two\nnc: 2', ("cup", "C# major", "plate")),
        ("names:\n  99999: x\n  0: cup", ()),
        ("names: ['cup", ("cu",)),
    ],
)
def test_forms_of_yaml(text: str, names: tuple[str, ...]) -> None:
    assert class_lists.from_yaml(text) == names


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", ['"\\', "'", " ", "1 : ", "# #", '"a ', "\n- ", "\n  1:  "])
def test_no_text_takes_long(part: str) -> None:
    for start in ("names: [", "names: {", "names:"):
        class_lists.from_yaml(start + part * 60_000)


@given(st.text(), st.text())
def test_whatever_is_written_names_come_out(before: str, after: str) -> None:
    assert all(isinstance(name, str) for name in class_lists.from_yaml(f"{before}\nnames: [{after}"))
    assert all(isinstance(name, str) for name in class_lists.from_yaml(f"names:\n  - {before}\n  - {after}"))


def test_no_boxes_of_no_classes() -> None:
    assert nothing(()).class_names == () and io.BytesIO(write_coco_zip([], ())).getbuffer().nbytes > 0
