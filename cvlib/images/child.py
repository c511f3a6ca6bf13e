"""Decodes pictures in a process of its own: `python child.py SIDE MEMORY CPU` with the files on standard input.

Whatever a hostile file does to the decoder, it does to this process, which the system ends when it takes too much.
Each file comes as one line of JSON (`kind`, `length`) and its bytes. Each answer is one line of JSON (`size`: height
and width of what follows, `original`: width and height, `notes`) and the RGB pixels, or a line with an `error`'s name.
Imports nothing of the workshop, so that it starts fast.
"""

import io
import json
import sys

try:
    import resource
except ImportError:  # Windows: the parent's clock is the only limit
    resource = None


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Bound this process for good."""
    if resource is None:
        return
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):
            continue


def decode(data: bytes, kind: str, side: int):
    """RGB picture of at most `side` pixels a side, the size it had, and notes for people."""
    from PIL import Image, ImageFile, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the header was checked already, with a limit for each format
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    notes = []
    picture = Image.open(io.BytesIO(data), formats=(kind,))
    original = picture.size
    if getattr(picture, "is_animated", False):
        notes.append("Only the first picture of the animation is used.")
    picture.draft("RGB", (side, side))
    picture.load()
    picture = _upright(picture, ImageOps, notes)
    picture = _as_rgb(picture, Image)
    if max(picture.size) > side or max(original) > side:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        notes.append(f"Made smaller, from {original[0]} x {original[1]} pixels to {picture.width} x {picture.height}.")
    return picture, original, notes


def _upright(picture, ops, notes):
    try:
        turned = ops.exif_transpose(picture)
    except Exception:
        return picture  # damaged EXIF says nothing about the pixels
    if turned is not picture and turned is not None:
        if turned.size != picture.size or picture.getexif().get(0x0112, 1) != 1:
            notes.append("Turned upright, as its camera noted.")
        return turned
    return picture


def _as_rgb(picture, image):
    if picture.mode.startswith(("I", "F")):
        return _from_deep(picture, image)
    profile = picture.info.get("icc_profile")
    alpha = picture.mode in ("LA", "RGBA", "PA", "La", "RGBa") or "transparency" in picture.info
    if alpha:
        picture = picture.convert("RGBA")
        paper = image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture)
        picture = paper.convert("RGB")
    elif profile and picture.mode in ("RGB", "CMYK", "L"):
        picture = _to_srgb(picture, profile)
    return picture.convert("RGB")


def _from_deep(picture, image):
    """16 or 32 bits a pixel, scaled by the range of the format (16 bit) or of the picture."""
    import numpy as np

    values = np.asarray(picture, dtype=np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if picture.mode.startswith("I") and values.min() >= 0 and values.max() <= 65535:
        scaled = values * (255 / 65535)
    else:
        low, high = values.min(), values.max()
        scaled = (values - low) * (255 / max(high - low, 1e-9))
    return image.fromarray(np.round(scaled).astype(np.uint8)).convert("RGB")


def _to_srgb(picture, profile):
    try:
        from PIL import ImageCms

        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or picture
    except Exception:
        return picture  # a damaged profile: the colours as they stand


def next_may_take(cpu_seconds: int) -> None:
    """Bound the next picture by what this process has taken so far; the hard limit stays."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


def main() -> None:
    """Read all pictures, then decode and answer one after the other."""
    side, memory_bytes, cpu_seconds = map(int, sys.argv[1:4])
    waiting = []
    while line := sys.stdin.buffer.readline():
        facts = json.loads(line)
        waiting.append((sys.stdin.buffer.read(facts["length"]), facts["kind"]))
    limit(memory_bytes, (cpu_seconds + 1) * len(waiting))
    for data, kind in waiting:
        next_may_take(cpu_seconds)
        try:
            picture, original, notes = decode(data, kind, side)
            answer = {"size": [picture.height, picture.width], "original": list(original), "notes": notes}
            content = picture.tobytes()
        except Exception as error:
            answer, content = {"error": type(error).__name__}, b""
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
