import csv
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from cvlib.augmentation import CATALOG, Pipeline, Step
from cvlib.augmenting import exported
from cvlib.augmenting.exported import Wanted
from cvlib.augmenting.looking import Shot
from cvlib.errors import SpecError
from cvlib.tasks import box_archive, mask_archive

NAMES = ("disc, red", "bar", "=cmd()")
TURN = Pipeline((Step("rotation", {"angle": (-40.0, 40.0)}), Step("flip", probability=0.5)))


def scene(*, boxes: bool = True, mask: bool = True, height: int = 96, width: int = 128) -> Shot:
    """Two things on a ground: class 0 (mask value 1) and class 2 (mask value 3)."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 90, (height, width, 3), np.uint8)
    areas = np.zeros((height, width), np.uint8)
    for (left, top, right, bottom), value in (((20, 30, 50, 60), 1), ((80, 40, 110, 80), 3)):
        image[top:bottom, left:right] = 60 * value + 40
        areas[top:bottom, left:right] = value
    found = np.array([[20, 30, 50, 60], [80, 40, 110, 80]], np.float32)
    return Shot(
        image,
        "my holiday.jpg",
        areas if mask else None,
        found if boxes else None,
        np.array([0, 2]) if boxes else None,
        NAMES,
    )


def as_zip(wanted: Wanted, count: int) -> bytes:
    return exported.packed(wanted, [exported.part(wanted, first, some) for first, some in exported.parts_of(count)])


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def rows(files: dict[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[exported.TABLE].decode())))


def test_a_plain_picture_gives_pictures_table_pipeline_and_program() -> None:
    files = opened(as_zip(Wanted(scene(boxes=False, mask=False), TURN.to_text(), label="=1+1"), 3))
    assert set(files) == {
        "README.txt", "labels.csv", "pipeline.json", "augment.py", "images/0001.png", "images/0002.png",
        "images/0003.png",
    }  # fmt: skip
    made = [Image.open(io.BytesIO(files[f"images/000{number}.png"])) for number in (1, 2, 3)]
    assert all(each.size == (128, 96) and each.mode == "RGB" and not each.info for each in made)
    table = rows(files)
    assert [row["class"] for row in table] == ["'=1+1"] * 3
    assert all(-40 <= float(row["1 rotation angle (°)"]) <= 40 for row in table)
    assert {row["2 flip"] for row in table} <= {"yes", "no"}
    told = json.loads(files["pipeline.json"])
    assert Pipeline.from_text(told["pipeline"]) == TURN
    assert [step["transform"] for step in told["steps"]] == ["rotation", "flip"]
    compile(files["augment.py"], "augment.py", "exec")


def test_nothing_says_where_the_picture_came_from() -> None:
    files = opened(as_zip(Wanted(scene(), TURN.to_text()), 2))
    assert not any(b"holiday" in content for content in files.values())
    assert not any("holiday" in name for name in files)


def test_grey_pictures_stay_grey() -> None:
    shot = Shot(np.full((8, 8, 1), 99, np.uint8), "7")
    files = opened(as_zip(Wanted(shot, "brightness:change=10..10"), 1))
    made = Image.open(io.BytesIO(files["images/0001.png"]))
    assert made.mode == "L" and np.all(np.asarray(made) == 109)


def test_the_same_seed_gives_the_same_pictures_and_no_two_are_alike() -> None:
    wanted = Wanted(scene(), TURN.to_text(), seed=5)
    first, again = (opened(as_zip(wanted, 30)) for _ in range(2))
    assert first == again
    images = [content for name, content in first.items() if name.startswith("images/")]
    assert len(set(images)) == len(images) == 30
    other = opened(as_zip(Wanted(scene(), TURN.to_text(), seed=6), 2))
    assert other["images/0001.png"] != first["images/0001.png"]


def test_coco_reads_the_boxes_and_each_lies_in_its_picture(tmp_path, capsys: pytest.CaptureFixture) -> None:
    from pycocotools.coco import COCO

    files = opened(as_zip(Wanted(scene(), TURN.to_text()), 20))
    (tmp_path / "annotations.json").write_bytes(files["annotations.json"])
    read = COCO(str(tmp_path / "annotations.json"))
    assert len(read.imgs) == 20
    assert [each["name"] for each in read.loadCats(read.getCatIds())] == list(NAMES)
    for image in read.loadImgs(read.getImgIds()):
        assert f"images/{image['file_name']}" in files
        found = read.loadAnns(read.getAnnIds(imgIds=image["id"]))
        assert len(files[f"labels/{image['file_name'][:-4]}.txt"].splitlines()) == len(found)
        for one in found:
            left, top, width, height = one["bbox"]
            assert 0 <= left < left + width <= image["width"]
            assert 0 <= top < top + height <= image["height"]


def test_boxes_bound_what_they_are_around() -> None:
    """After any turn a box is tight around the pixels that its mask names."""
    files = opened(as_zip(Wanted(scene(), TURN.to_text()), 12))
    values = json.loads(files["annotations.json"])
    for one in values["annotations"]:
        name = values["images"][one["image_id"] - 1]["file_name"]
        mask = np.asarray(Image.open(io.BytesIO(files[f"masks/{name}"])))
        down, across = np.nonzero(mask == one["category_id"])
        left, top, width, height = one["bbox"]
        found = [across.min(), down.min(), across.max() + 1, down.max() + 1]
        assert np.abs(np.array([left, top, left + width, top + height]) - found).max() <= 1


def test_masks_have_known_values_only() -> None:
    files = opened(as_zip(Wanted(scene(), TURN.to_text()), 10))
    masks = [Image.open(io.BytesIO(content)) for name, content in files.items() if name.startswith("masks/")]
    assert len(masks) == 10
    assert all(each.mode == "P" for each in masks)
    assert set(np.unique(np.stack([np.asarray(each) for each in masks]))) == {0, 1, 3, 255}


def test_the_detection_page_opens_it_again() -> None:
    content = as_zip(Wanted(scene(), TURN.to_text()), 6)
    read, files = box_archive.read(content, name="augmented.zip"), opened(content)
    assert len(read.pictures) == 6
    assert len(read.class_names) == 3
    values = json.loads(files["annotations.json"])
    for number, picture in enumerate(read.pictures, start=1):
        assert np.array_equal(picture.pixels, np.asarray(Image.open(io.BytesIO(files[f"images/{picture.name}"]))))
        wanted = [one for one in values["annotations"] if one["image_id"] == number]
        assert picture.boxes.labels.tolist() == [one["category_id"] - 1 for one in wanted]
        corners = [[x, y, x + w, y + h] for x, y, w, h in (one["bbox"] for one in wanted)]
        assert np.allclose(picture.boxes.boxes_xyxy, np.reshape(corners, (-1, 4)), atol=0.01)


def test_yolo_alone_says_the_same() -> None:
    files = opened(as_zip(Wanted(scene(mask=False), TURN.to_text()), 6))
    without = io.BytesIO()
    with zipfile.ZipFile(without, "w") as packed:
        for name, content in files.items():
            if name != exported.COCO:
                packed.writestr(name, content)
    read = box_archive.read(without.getvalue(), name="yolo.zip")
    assert read.class_names == NAMES
    both = box_archive.read(as_zip(Wanted(scene(mask=False), TURN.to_text()), 6), name="both.zip")
    for one, two in zip(read.pictures, both.pictures, strict=True):
        assert np.allclose(one.boxes.boxes_xyxy, two.boxes.boxes_xyxy, atol=0.01)
        assert one.boxes.labels.tolist() == two.boxes.labels.tolist()


@pytest.mark.parametrize("boxes", [True, False])
def test_the_segmentation_page_opens_it_again(boxes: bool) -> None:
    content = as_zip(Wanted(scene(boxes=boxes), TURN.to_text()), 5)
    read, files = mask_archive.read(content, name="augmented.zip"), opened(content)
    assert len(read.pictures) == len(read.masks) == 5
    assert read.class_names == ("background", *NAMES)
    for (name, pixels), mask in zip(read.pictures, read.masks, strict=True):
        assert np.array_equal(pixels, np.asarray(Image.open(io.BytesIO(files[f"images/{name}"]))))
        assert np.array_equal(mask, np.asarray(Image.open(io.BytesIO(files[f"masks/{name}"]))))


def test_shares_of_mixed_pictures_are_told_and_sum_to_one() -> None:
    rng = np.random.default_rng(1)
    pool = tuple(Shot(rng.integers(0, 255, (60, 60, 3), np.uint8), name) for name in ("3", "8", "8"))
    shot = Shot(rng.integers(0, 255, (60, 60, 3), np.uint8), "3")
    files = opened(as_zip(Wanted(shot, "cutmix", pool=pool, label="3"), 8))
    for row in rows(files):
        shares = [float(value) for name, value in row.items() if name.startswith("share of ")]
        assert len(shares) == 2
        assert sum(shares) == pytest.approx(1, abs=1e-3)


def test_boxes_of_the_others_come_along_with_a_mosaic() -> None:
    files = opened(as_zip(Wanted(scene(), "mosaic", pool=(scene(), scene())), 6))
    values = json.loads(files["annotations.json"])
    assert len(values["annotations"]) > 2 * 6
    assert {one["category_id"] for one in values["annotations"]} <= {1, 2, 3}


def test_a_step_that_cannot_carry_boxes_is_refused() -> None:
    stuck = next(name for name, card in CATALOG.items() if "boxes" not in card.carries)
    with pytest.raises(SpecError):
        as_zip(Wanted(scene(), Step(stuck).to_text()), 1)


def test_classes_without_a_name_get_one() -> None:
    shot = scene()
    nameless = Shot(shot.image, "", shot.mask, shot.boxes_xyxy, shot.box_labels, ())
    files = opened(as_zip(Wanted(nameless, "flip"), 1))
    assert files["classes.txt"].decode().splitlines() == ["class 1", "class 2", "class 3"]


def test_as_many_as_asked_for() -> None:
    shot = scene(height=224, width=224)
    content = as_zip(Wanted(shot, TURN.to_text()), 200)
    assert sum(name.startswith("images/") for name in opened(content)) == 200
