"""A stranger's ZIP: the limits, and faults 28 to 36 and 39."""

import io
import stat
import struct
import zipfile

import pytest

from cvlib.errors import ImageError
from cvlib.images import archive


def packed(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out.getvalue()


def names(found: archive.Archive) -> list[str]:
    return ["/".join((*file.folders, file.name)) for file in found.files]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_come_with_their_folders(method: int) -> None:
    found = archive.read(packed({"cats/a.jpg": b"one", "dogs/b.jpg": b"two"}, method=method), name="pets.zip")
    assert names(found) == ["cats/a.jpg", "dogs/b.jpg"] and [file.content for file in found.files] == [b"one", b"two"]
    assert found.notes == ()


@pytest.mark.parametrize("name", ["../../x.jpg", "/etc/x.jpg", "a/../../x.jpg", "C:\\x.jpg", "..\\x.jpg"])
def test_fault_28_paths_that_lead_outside_are_left_out(name: str) -> None:
    found = archive.read(packed({name: b"bad", "ok/a.jpg": b"good"}), name="slip.zip")
    assert names(found) == ["ok/a.jpg"] and "outside" in found.notes[0]


def test_fault_29_links_are_left_out() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        link = zipfile.ZipInfo("a/link.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    found = archive.read(out.getvalue(), name="links.zip")
    assert found.files == () and "links" in found.notes[0]


def test_fault_30_bombs_are_refused_before_they_are_inflated() -> None:
    bomb = packed({f"a/{number}.jpg": bytes(19 * 2**20) for number in range(12)})
    with pytest.raises(ImageError, match="tightly"):
        archive.read(bomb, name="bomb.zip")
    large = packed({f"a/{n}.bin": bytes(range(256)) * 80_000 for n in range(11)}, method=zipfile.ZIP_STORED)
    with pytest.raises(ImageError, match="MB"):
        archive.read(large, name="large.zip")


def test_fault_30_files_over_each_other_are_refused() -> None:
    data = bytearray(packed({"a/1.jpg": b"x" * 500, "a/2.jpg": b"x" * 500}, method=zipfile.ZIP_STORED))
    second = data.rfind(b"PK\x01\x02")
    struct.pack_into("<L", data, second + 42, 0)  # the second entry's header is the first one's
    with pytest.raises(ImageError):
        archive.read(bytes(data), name="overlap.zip")


def test_fault_31_a_lying_size_is_noticed() -> None:
    data = bytearray(packed({"a/1.jpg": b"x" * 5000}, method=zipfile.ZIP_STORED))
    struct.pack_into("<L", data, data.rfind(b"PK\x01\x02") + 24, 100)
    with pytest.raises(ImageError, match="damaged"):
        archive.read(bytes(data), name="lie.zip")


def test_fault_32_too_many_entries_are_refused_by_the_end_record_alone() -> None:
    data = bytearray(packed({"a/1.jpg": b"x"}))
    end = data.rfind(archive.END_MARK)
    struct.pack_into("<2H", data, end + 8, 60_000, 60_000)
    with pytest.raises(ImageError, match="too many"):
        archive.read(bytes(data), name="many.zip")
    struct.pack_into("<2H", data, end + 8, 1, 1)
    struct.pack_into("<L", data, end + 12, 2**31)
    with pytest.raises(ImageError, match="table of contents"):
        archive.read(bytes(data), name="many.zip")


def test_faults_33_and_39_archives_and_models_inside_are_left_out() -> None:
    inside = packed({"x.jpg": b"x"})
    found = archive.read(
        packed({"a/in.zip": inside, "a/net.keras": b"m", "a/net.PKL": b"p", "a/b.jpg": b"b"}), name="n.zip"
    )
    assert names(found) == ["a/b.jpg"]
    assert any("archives inside" in note for note in found.notes) and any(
        "never loaded" in note for note in found.notes
    )


def test_fault_34_equal_names_are_two_files() -> None:
    found = archive.read(packed({"a/x.jpg": b"1", "A/x.jpg": b"2", "a/X.jpg": b"3"}), name="case.zip")
    assert sorted(file.content for file in found.files) == [b"1", b"2", b"3"]


def test_fault_35_what_systems_leave_behind_is_ignored() -> None:
    found = archive.read(
        packed({"__MACOSX/a/._x.jpg": b"", ".DS_Store": b"", "a/Thumbs.db": b"", "a/._y.jpg": b"", "a/x.jpg": b"x"}),
        name="mac.zip",
    )
    assert names(found) == ["a/x.jpg"] and found.notes == ()


def test_fault_36_locked_broken_and_cut_off() -> None:
    whole = packed({"a/1.jpg": b"some bytes of a picture" * 50}, method=zipfile.ZIP_STORED)
    locked = bytearray(whole)
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ImageError, match="password"):
        archive.read(bytes(locked), name="locked.zip")
    broken = bytearray(whole)
    broken[60] ^= 0xFF
    for data in (bytes(broken), whole[:-30], whole[: len(whole) // 2], b"", b"PK", b"no zip at all" * 100):
        with pytest.raises(ImageError, match="damaged|cut off"):
            archive.read(data, name="broken.zip")


def test_fault_38_names_are_inert() -> None:
    found = archive.read(packed({"<script>alert(1)</script>/=cmd.jpg": b"x"}), name="../<b>.zip")
    assert "<" not in "".join(names(found))


def test_folders_below_the_third_are_left_out() -> None:
    found = archive.read(packed({"a/b/c/x.jpg": b"x", "a/b/c/d/y.jpg": b"y"}), name="deep.zip")
    assert names(found) == ["a/b/c/x.jpg"] and "3 folders" in found.notes[0]


def test_one_byte_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed({"a/1.jpg": b"x"})
    monkeypatch.setattr(archive, "MAX_BYTES", len(data))
    archive.read(data, name="fits.zip")
    with pytest.raises(ImageError, match="at most"):
        archive.read(data + b"\0", name="over.zip")
