"""Every file a stranger may send: faults 1 to 27 of the list."""

import io
import subprocess
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from cvlib import images
from cvlib.errors import ImageError
from cvlib.images import decoding, header, limits
from tests.images import files


def decoded(data: bytes, name: str = "picture.png") -> np.ndarray:
    return images.decode(data, name=name).pixels


def refused(data: bytes, name: str = "picture.png") -> str:
    with pytest.raises(ImageError) as caught:
        images.decode(data, name=name)
    sentence = str(caught.value)
    assert "Traceback" not in sentence and "/" not in sentence.replace(" x ", "")
    return sentence


def close_to(pixels: np.ndarray, image: Image.Image, tolerance: float = 8.0) -> bool:
    expected = np.asarray(image.convert("RGB"), dtype=float)
    return pixels.shape == expected.shape and np.abs(pixels - expected).mean() < tolerance


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP"])
def test_the_formats_that_are_accepted(kind: str) -> None:
    pixels = decoded(files.encoded(files.picture(), kind))
    assert pixels.dtype == np.uint8 and pixels.flags["C_CONTIGUOUS"]
    assert close_to(pixels, files.picture(), 12.0)


def test_fault_1_empty() -> None:
    assert "empty" in refused(b"")


@pytest.mark.parametrize("data", [b"hello, I am a text", b"<!doctype html><html></html>", b"\0" * 100])
def test_fault_2_no_picture_named_png(data: bytes) -> None:
    assert "picture.png is" in refused(data)


def test_fault_3_jpeg_named_png() -> None:
    assert close_to(decoded(files.encoded(files.picture(), "JPEG"), "x.png"), files.picture(), 12)


def test_fault_4_svg_with_script() -> None:
    assert "SVG" in refused(b'<?xml version="1.0"?><svg onload="alert(1)"><script>alert(1)</script></svg>')


def test_fault_5_heic_says_what_to_do_with_the_phone() -> None:
    data = (24).to_bytes(4, "big") + b"ftypheic\0\0\0\0mif1heic" + b"\0" * 50
    assert "Most Compatible" in refused(data, "IMG_1.HEIC")


FOREIGN = {
    "PDF": b"%PDF-1.7\n",
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "Photoshop": b"8BPS\0\1" + b"\0" * 40,
    "TIFF": b"II*\0\x08\0\0\0",
    "FITS": b"SIMPLE  =                    T",
    "icon": b"\0\0\1\0\1\0",
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "HDF5": b"\x89HDF\r\n\x1a\n",
    "ZIP": b"PK\3\4",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_fault_6_other_formats_named_jpg_are_named_and_start_nothing(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    assert what in refused(FOREIGN[what] + b"\0" * 100, "holiday.jpg")


@pytest.mark.parametrize(
    "data",
    [files.huge_png(20000), files.huge_png(12000), files.huge_jpeg(), files.huge_gif()],
    ids=["fault 7", "fault 8", "fault 9 JPEG", "fault 9 GIF"],
)
def test_faults_7_8_9_a_claim_that_is_too_large_costs_nothing(data: bytes) -> None:
    tracemalloc.start()
    began = time.perf_counter()
    sentence = refused(data)
    seconds, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "million" in sentence
    assert seconds < 0.1 and peak < 5_000_000


def test_fault_10_scan_bomb() -> None:
    bomb = files.scan_bomb(64, 5000)
    began = time.perf_counter()
    assert "scans" in refused(bomb)
    assert time.perf_counter() - began < 0.05


def test_fault_11_scan_bomb_with_the_check_off_ends_with_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = files.scan_bomb(2000, 6000)
    monkeypatch.setattr(limits, "MAX_JPEG_SCANS", 10**9)
    monkeypatch.setattr(limits, "CHILD_CPU_SECONDS", 1)
    began = time.perf_counter()
    assert "too much time or memory" in refused(bomb)
    assert time.perf_counter() - began < 6
    assert close_to(decoded(files.encoded(files.picture(), "PNG")), files.picture())


def test_a_child_that_hangs_meets_the_clock(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    child = tmp_path / "child.py"
    child.write_text("import threading; threading.Event().wait()")
    monkeypatch.setattr(decoding, "CHILD", child)
    monkeypatch.setattr(limits, "CHILD_WALL_SECONDS", 0.5)
    assert "too long" in refused(files.encoded(files.picture(), "PNG"))


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_fault_12_compressed_metadata_bomb(kind: bytes) -> None:
    import zlib

    bomb = files.chunk(kind, b"name\0\0" + zlib.compress(bytes(200_000_000), 9))
    try:
        pixels = decoded(files.png(32, 32, bomb))
    except ImageError:
        return
    assert pixels.shape == (32, 32, 3)


def test_fault_13_very_many_text_chunks() -> None:
    texts = files.chunk(b"tEXt", b"a\0b") * 200_000
    began = time.perf_counter()
    assert "text" in refused(files.png(32, 32, texts))
    assert time.perf_counter() - began < 2


def test_fault_14_an_animation_gives_its_first_frame_and_says_so() -> None:
    frames = [Image.new("RGB", (16, 16), (5 * shade, 0, 0)) for shade in range(40)]
    data = files.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    start, end = data.find(b"\x21\xf9\x04"), data.rfind(b"\x3b")
    many = data[:end] + data[start:end] * 2000 + b"\x3b"
    picture = images.decode(many, name="fun.gif")
    assert picture.pixels.shape == (16, 16, 3)
    assert any("animation" in note for note in picture.notes)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_fault_15_truncated(kind: str) -> None:
    data = files.encoded(files.picture(200, 200), kind)
    assert "damaged" in refused(data[: len(data) * 2 // 3])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7))
def test_fault_16_a_flipped_bit_never_gives_half_a_picture(place: int, bit: int) -> None:
    data = bytearray(files.encoded(files.picture(), "PNG"))
    data[place % len(data)] ^= 1 << bit
    try:
        pixels = decoded(bytes(data))
    except ImageError:
        return
    assert close_to(pixels, files.picture(), 1.0)


@pytest.mark.parametrize("size", [(1, 1), (1, 20000), (7, 100), (16384, 100)])
def test_fault_17_tiny_and_thin(size: tuple[int, int]) -> None:
    refused(files.png(*size))


def test_fault_18_cmyk() -> None:
    assert close_to(decoded(files.encoded(files.picture().convert("CMYK"), "JPEG")), files.picture(), 40)


def test_fault_19_sixteen_bit_grey_keeps_its_brightness() -> None:
    values = np.linspace(1000, 60000, 64 * 64).reshape(64, 64).astype(np.uint16)
    pixels = decoded(files.encoded(Image.fromarray(values), "PNG"))
    assert pixels.mean() == pytest.approx(values.mean() * 255 / 65535, rel=0.02)


def test_fault_20_transparency_lies_over_white() -> None:
    clear = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    palette = Image.new("P", (32, 32), 0)
    palette.putpalette([0, 0, 0] * 256)
    for data in (files.encoded(clear, "PNG"), files.encoded(palette, "PNG", transparency=0)):
        assert (decoded(data) == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_fault_21_every_orientation_gives_the_same_pixels(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = files.picture()
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    assert (decoded(files.with_exif(orientation, stored)) == np.asarray(upright)).all()


def test_fault_22_corrupt_exif_and_profile_are_no_reason_to_refuse() -> None:
    broken = files.encoded(files.picture(), "JPEG", exif=b"Exif\0\0garbage", icc_profile=b"no profile")
    assert close_to(decoded(broken), files.picture(), 12)


def test_a_colour_profile_is_applied() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert close_to(decoded(files.encoded(files.picture(), "PNG", icc_profile=profile)), files.picture(), 4)


def test_fault_23_nothing_of_the_metadata_is_left() -> None:
    picture = images.decode(files.with_exif(6, files.picture()), name="x.png")
    again = Image.open(io.BytesIO(files.encoded(Image.fromarray(picture.pixels), "PNG")))
    assert not again.getexif() and not again.info
    assert vars(picture).keys() == {"pixels", "name", "notes", "original_size_wh"}


def test_fault_24_a_phone_photo_of_48_megapixels() -> None:
    data = files.encoded(files.picture(8000, 6000), "JPEG", quality=70)
    tracemalloc.start()
    picture = images.decode(data, name="phone.jpg")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert picture.pixels.shape == (768, 1024, 3) and picture.original_size_wh == (8000, 6000)
    assert any("Made smaller" in note for note in picture.notes)
    assert peak < 60_000_000


def test_fault_25_one_byte_over_the_limit() -> None:
    good = files.encoded(files.picture(), "PNG")
    header.read(good + bytes(limits.MAX_BYTES - len(good)), "x")
    assert "20 MB" in refused(good + bytes(limits.MAX_BYTES - len(good) + 1))


NAMES = [
    "../../etc/passwd",
    "C:\\Users\\me\\x.jpg",
    "a\0b.png",
    "x" * 300 + ".jpg",
    "cat\u202egnp.exe",
    "🐱.jpg",
    "<script>alert(1)</script>.png",
    "**bold** [link](http://x) `code`.png",
    "![img](x)",
    "",
    "...",
    "$\\LaTeX$ :smile: #1.png",
]


@pytest.mark.parametrize("name", NAMES)
def test_fault_26_names_are_inert(name: str) -> None:
    inert = images.inert_name(name)
    assert 1 <= len(inert) <= 80
    assert not set(inert) & set("<>/\\`*[]{}\0\u202e$#!|~")
    assert not inert.startswith(".")


@given(st.text())
def test_fault_26_any_name_is_inert_and_stays_so(name: str) -> None:
    inert = images.inert_name(name)
    assert 1 <= len(inert) <= 80
    assert images.inert_name(inert) == inert
    assert not set(inert) & set("<>/\\`*[]{}\0\u202e\u2066\n\r\t")


def test_fault_27_seven_bad_files_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    good = files.encoded(files.picture(16, 16), "PNG")
    batch = [(good, f"good {number}.png") for number in range(13)]
    batch[3:3] = [(b"bad", f"bad {number}.png") for number in range(7)]
    result = images.decode_many(batch)
    assert len(result.kept) == 13
    assert (
        result.problems.startswith("7 of 20 files") and "bad 0.png" in result.problems and "2 more" in result.problems
    )
    assert images.decode_many([]).kept == () and images.decode_many([]).problems is None


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF....WEBP"])
)
def test_headers_of_garbage_end_in_a_sentence_or_a_header(tail: bytes, magic: bytes) -> None:
    try:
        header.read(magic + tail, "x")
    except ImageError:
        pass


def test_a_bad_picture_among_many_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_JPEG_SCANS", 10**9)
    monkeypatch.setattr(limits, "CHILD_CPU_SECONDS", 1)
    good = files.encoded(files.picture(), "PNG")
    result = images.decode_many(
        [(good, "1.png"), (files.scan_bomb(2000, 6000), "bomb.jpg"), (good, "2.png"), (b"none", "none.png")]
        + [(good, "3.png")]
    )
    assert [picture.name for picture in result.kept] == ["1.png", "2.png", "3.png"]
    assert "2 of 5 files" in result.problems and "bomb.jpg" in result.problems and "none.png" in result.problems
    assert all(np.array_equal(picture.pixels, result.kept[0].pixels) for picture in result.kept)


def test_many_pictures_share_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: (started.append(1), run(*args, **kwargs))[1])
    good = files.encoded(files.picture(), "PNG")
    result = images.decode_many((good, f"{number}.png") for number in range(limits.PICTURES_A_CHILD + 3))
    assert len(result.kept) == limits.PICTURES_A_CHILD + 3 and result.problems is None and len(started) == 2
    assert [picture.name for picture in result.kept[:3]] == ["0.png", "1.png", "2.png"]
