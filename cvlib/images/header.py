"""What a file's first bytes say, read without decoding it: its format, its size, and whether it is a bomb.

Formats: JPEG (ITU T.81), PNG (ISO 15948), GIF89a, BMP, WebP (RFC 9649), AVIF and HEIC (ISO 23008-12).
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from cvlib.errors import ImageError
from cvlib.images import limits

REFUSED = (
    (lambda data: data[:5] == b"%PDF-", "a PDF document"),
    (lambda data: data[:4] in (b"%!PS", b"\xc5\xd0\xd3\xc6"), "a PostScript file"),
    (lambda data: data[:4] == b"8BPS", "a Photoshop file"),
    (lambda data: data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "a TIFF picture"),
    (lambda data: data[:6] == b"SIMPLE", "a FITS file"),
    (lambda data: data[:4] in (b"\0\0\1\0", b"\0\0\2\0"), "a Windows icon"),
    (lambda data: data[:12] == b"\0\0\0\x0cjP  \r\n\x87\n" or data[:4] == b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (lambda data: data[:4] == b"PK\3\4", "a ZIP archive"),
    (lambda data: data[:8] == b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (lambda data: b"<svg" in data[:1000].lower(), "an SVG drawing"),
    (lambda data: data[:1000].lstrip()[:1] == b"<", "a web page"),
)
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
AVIF = (b"avif", b"avis")
ACCEPTED = "JPEG, PNG, WebP, AVIF, GIF or BMP"


@dataclass(frozen=True)
class Header:
    """Pillow's name of the format, and the size it claims (None where only decoding tells)."""

    format: str
    size_wh: tuple[int, int] | None
    frames: int = 1


def read(data: bytes, name: str) -> Header:
    """The header of a picture within the limits.

    Args:
        data: the whole file.
        name: inert, for the sentence.

    Raises:
        ImageError: it is empty, too large, no picture, of a format that is not accepted, or claims too much.
    """
    if not data:
        raise ImageError(f"{name} is empty. Choose another picture.")
    if len(data) > limits.MAX_BYTES:
        raise ImageError(f"{name} is larger than {limits.MAX_BYTES // limits.MEBI} MB. Make it smaller and try again.")
    kind = _format(data, name)
    try:
        header = READERS[kind](data)
    except (struct.error, IndexError, ValueError) as error:
        raise damaged(name) from error
    _check(header, name)
    return header


def damaged(name: str) -> ImageError:
    """The error for a file that is not whole."""
    return ImageError(f"{name} is damaged or incomplete. Copy or save it again, or choose another picture.")


def _format(data: bytes, name: str) -> str:
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:2] == b"BM" and len(data) > 26:
        return "BMP"
    if data[4:8] == b"ftyp":
        return _iso_format(data, name)
    for matches, what in REFUSED:
        if matches(data):
            raise ImageError(f"{name} is {what}, which cannot be used here. Save it as {ACCEPTED}.")
    raise ImageError(f"{name} is not a picture. Choose a {ACCEPTED} file.")


def _iso_format(data: bytes, name: str) -> str:
    size = struct.unpack(">I", data[:4])[0]
    brands = {data[8:12], *(data[start : start + 4] for start in range(16, min(size, 256), 4))}
    if brands & set(AVIF):
        return "AVIF"
    if brands & set(HEIC):
        raise ImageError(
            f"{name} is a HEIC photo, which cannot be used here. Set the phone's camera to “Most Compatible”, or save "
            "the photo as JPEG."
        )
    raise ImageError(f"{name} is a video or another file that cannot be used here. Choose a {ACCEPTED} file.")


def _check(header: Header, name: str) -> None:
    if header.size_wh is None:
        return
    width, height = header.size_wh
    if min(width, height) < limits.MIN_SIDE:
        raise ImageError(f"{name} is {width} x {height} pixels. At least {limits.MIN_SIDE} a side are needed.")
    if width * height > limits.MAX_PIXELS[header.format] or max(width, height) > limits.MAX_SIDE:
        most = limits.MAX_PIXELS[header.format] // 10**6
        raise ImageError(
            f"{name} claims {width:,} x {height:,} pixels. A {header.format} may have {most} million, and "
            f"{limits.MAX_SIDE:,} a side. Make it smaller and try again."
        )
    if max(width, height) > limits.MAX_ASPECT * min(width, height):
        raise ImageError(f"{name} is too long and thin: {width} x {height} pixels. Cut a part out of it.")


def _jpeg(data: bytes) -> Header:
    size, scans = None, 0
    for marker, start in _jpeg_segments(data):
        if marker in _FRAMES and size is None:
            height, width = struct.unpack(">HH", data[start + 1 : start + 5])
            size = (width, height)
        elif marker == 0xDA:
            scans += 1
            if scans > limits.MAX_JPEG_SCANS:
                raise ImageError(
                    f"This JPEG has more than {limits.MAX_JPEG_SCANS} scans, which no camera makes. Save it again."
                )
    if size is None or not scans:
        raise ValueError("no frame or no scan")
    return Header("JPEG", size)


_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """(marker, start of its content) for each segment, jumping over the coded pixels."""
    place = 2
    while (place := data.find(b"\xff", place)) >= 0 and place + 1 < len(data):
        marker = data[place + 1]
        place += 2 if marker != 0xFF else 1
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:
            continue
        if marker == 0xD9:
            return
        if place + 2 > len(data):
            return
        yield marker, place + 2
        place += struct.unpack(">H", data[place : place + 2])[0]


def _png(data: bytes) -> Header:
    width, height = struct.unpack(">II", data[16:24])
    place, chunks, texts = 8, 0, 0
    while place + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        chunks += 1
        texts += length if kind in (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf") else 0
        if chunks > limits.MAX_PNG_CHUNKS or texts > 4 * limits.MAX_PNG_TEXT_BYTES:
            raise ImageError("This PNG carries far more text than picture. Save it again without its metadata.")
        if kind == b"IDAT" and not _is_whole(data, place, length):
            raise ValueError("damaged pixels, which the decoder would pass over in silence")
        if kind == b"IEND":
            break
        place += 12 + length
    return Header("PNG", (width, height))


def _is_whole(data: bytes, place: int, length: int) -> bool:
    """Whether the chunk that begins here is what its checksum says."""
    end = place + 8 + length
    return zlib.crc32(memoryview(data)[place + 4 : end]).to_bytes(4, "big") == data[end : end + 4]


def _gif(data: bytes) -> Header:
    width, height = struct.unpack("<HH", data[6:10])
    # A frame may be larger than the screen it is drawn on: what counts is the larger.
    place = data.find(b"\x2c", 13)
    if place >= 0 and place + 9 <= len(data):
        left, top, wide, high = struct.unpack("<HHHH", data[place + 1 : place + 9])
        if (left + wide) * (top + high) <= 4 * max(1, width * height):
            width, height = max(width, left + wide), max(height, top + high)
    return Header("GIF", (width, height), frames=2 if data.count(b"\x21\xf9\x04") > 1 else 1)


def _bmp(data: bytes) -> Header:
    if struct.unpack("<I", data[14:18])[0] == 12:
        return Header("BMP", struct.unpack("<HH", data[18:22]))
    width, height = struct.unpack("<ii", data[18:26])
    return Header("BMP", (abs(width), abs(height)))


def _webp(data: bytes) -> Header:
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Header("WEBP", (width, height), frames=2 if data[20] & 2 else 1)
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return Header("WEBP", ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
    width, height = struct.unpack("<HH", data[26:30])
    return Header("WEBP", (width & 0x3FFF, height & 0x3FFF))


def _avif(data: bytes) -> Header:
    """The largest `ispe` (image spatial extents) property of the file."""
    sizes, place = [], 0
    while (place := data.find(b"ispe", place)) >= 0 and len(sizes) < 64:
        if place + 16 <= len(data):
            sizes.append(struct.unpack(">II", data[place + 8 : place + 16]))
        place += 4
    if not sizes:
        raise ValueError("no size")
    return Header("AVIF", max(sizes, key=lambda size: size[0] * size[1]))


READERS = {"JPEG": _jpeg, "PNG": _png, "GIF": _gif, "BMP": _bmp, "WEBP": _webp, "AVIF": _avif}
