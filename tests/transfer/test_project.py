"""A person's classes: changing them, saying what is wrong with them, and the project as a ZIP (faults 34, 37, 38)."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cvlib.errors import ImageError, SpecError
from cvlib.transfer import project
from cvlib.transfer.project import Project


def picture(seed: int) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((60, 40), Image.Resampling.BICUBIC))


def filled(*counts: int) -> Project:
    made = Project()
    for label, count in enumerate(counts):
        made = made.with_class(f"class {label}")
        made, _ = made.with_pictures(label, [(picture(100 * label + n), f"{n}.jpg") for n in range(count)])
    return made


def png(seed: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture(seed)).save(out, "PNG")
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out.getvalue()


def test_pictures_are_added_moved_and_taken_out() -> None:
    made = filled(3, 2)
    assert made.counts() == [3, 2] and made.pictures[0].pixels.shape == (224, 224, 3)
    moved = made.moved([0, 1], 1)
    assert moved.counts() == [1, 4] and made.counts() == [3, 2]
    assert moved.without([2]).counts() == [0, 4]
    gone = made.without_class(0)
    assert gone.class_names == ("class 1",) and gone.counts() == [2]


def test_names_are_distinct_plain_and_short() -> None:
    made = Project().with_class("Cat")
    for taken in ("cat", " CAT "):
        with pytest.raises(SpecError, match="already"):
            made.with_class(taken)
    with pytest.raises(SpecError, match="needs a name"):
        made.with_class("   ")
    assert "<" not in made.with_class("<script>").class_names[1]
    assert len(made.with_class("x" * 500).class_names[1]) <= 40
    assert made.renamed(0, "cat").class_names == ("cat",)


def test_ten_classes_are_as_many_as_fit() -> None:
    made = filled(*[0] * 10)
    with pytest.raises(SpecError, match="as many as fit"):
        made.with_class("eleventh")


def test_the_same_picture_twice_and_too_many_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    made = filled(2, 0)
    again, notes = made.with_pictures(0, [(picture(0), "again.jpg"), (picture(7), "new.jpg")])
    assert again.counts() == [3, 0] and "1 pictures were there already" in notes[0]
    monkeypatch.setattr(project, "MOST_A_CLASS", 3)
    full, notes = again.with_pictures(0, [(picture(8), "over.jpg")])
    assert full.counts() == [3, 0] and "at most" in notes[0]


def test_what_is_missing_is_said_in_words() -> None:
    assert "two classes" in Project().with_class("one").problems()[0]
    assert filled(2, 0).problems() == ["“class 1” has no pictures yet."]
    assert filled(2, 2).problems() == []
    words = " ".join(filled(12, 2).warnings())
    assert "class 1" in words and "12 pictures" in words


def test_likenesses_are_said() -> None:
    made, _ = filled(4, 4).with_pictures(1, [(picture(0), "also in the other class.jpg")])
    words = " ".join(made.warnings())
    assert "almost the same" in words and "two classes at once" in words


def test_a_saved_project_opens_as_it_was() -> None:
    made = filled(3, 4)
    again, notes = project.from_archive(project.to_archive(made), name="mine.zip")
    assert again.class_names == made.class_names and again.counts() == [3, 4] and notes == []
    for one, other in zip(made.pictures, again.pictures, strict=True):
        np.testing.assert_array_equal(one.pixels, other.pixels)
        assert one.label == other.label


def test_folders_of_pictures_become_classes() -> None:
    data = zipped({"pets/Cats/1.png": png(1), "pets/Cats/2.png": png(2), "pets/dogs/1.png": png(3), "read me.txt": b""})
    made, notes = project.from_archive(data, name="pets.zip")
    assert made.class_names == ("Cats", "dogs") and made.counts() == [2, 1] and notes == []


def test_fault_27_bad_files_cost_themselves_alone() -> None:
    data = zipped({"a/1.png": png(1), "a/2.png": b"no picture", "b/1.png": png(3)})
    made, notes = project.from_archive(data, name="some.zip")
    assert made.counts() == [1, 1] and "2.png" in notes[0]


def test_fault_34_folders_that_differ_in_case_are_one_class() -> None:
    made, _ = project.from_archive(zipped({"Cat/1.png": png(1), "cat/2.png": png(2), "b/1.png": png(3)}), name="c.zip")
    assert made.class_names == ("Cat", "b") and made.counts() == [2, 1]


@pytest.mark.parametrize(
    "files",
    [{}, {"1.png": b"", "2.png": b""}, {"only/1.png": b"", "only/2.png": b""}, {f"{n}/1.png": b"" for n in range(11)}],
    ids=["empty", "flat", "one class", "eleven"],
)
def test_fault_37_another_layout_is_explained(files: dict[str, bytes]) -> None:
    with pytest.raises(ImageError, match="one folder a class"):
        project.from_archive(zipped(files), name="odd.zip")


@pytest.mark.parametrize("label", ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "ж" * 200, "猫"])
def test_fault_38_labels_are_inert_and_stay_distinct(label: str) -> None:
    made, _ = project.from_archive(zipped({f"{label}/1.png": png(1), "other/1.png": png(2)}), name="l.zip")
    assert len(set(made.class_names)) == 2 and "<" not in "".join(made.class_names)
    assert all(0 < len(name) <= 40 for name in made.class_names)


def test_what_was_built_upon_and_empty_classes_come_back() -> None:
    made = replace(filled(2, 3).with_class("empty yet"), base="backbone/mobilenet_v2")
    again, notes = project.from_archive(project.to_archive(made), name="mine.zip")
    assert again.class_names == made.class_names and again.base == made.base and notes == []
    assert again.counts() == made.counts()


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{", b'{"classes": 3}', b'{"classes": ["a", "A"]}', b'{"classes": [null, 1]}', b"[" * 100_000,
     b'{"classes": ["cats", "dogs"], "base": "../../etc/passwd"}', b'{"classes": [], "base": ["x"]}'],
)  # fmt: skip
def test_a_stranger_s_settings_do_no_harm(manifest: bytes) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(project.to_archive(filled(2, 3)))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, manifest if name == project.MANIFEST else old.read(name))
    made, _ = project.from_archive(out.getvalue(), name="x.zip")
    assert made.base is None and [count for count in made.counts() if count] == filled(2, 3).counts()


def test_a_folder_with_a_folder_a_class() -> None:
    saved = project.to_archive(filled(2, 3))
    with zipfile.ZipFile(io.BytesIO(saved)) as archive:
        files = [(archive.read(name), f"top/{name}") for name in archive.namelist() if name != project.MANIFEST]
    made, notes = project.from_folder([*files, (b"x", "top/.DS_Store"), (b"x", "top/a/._1.png")])
    assert made.counts() == filled(2, 3).counts() and notes == []
    with pytest.raises(ImageError, match="one folder only"):
        project.from_folder(files[:1])
