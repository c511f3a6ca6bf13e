"""Boxes as other programs write them: COCO, YOLO, Pascal VOC, CSV.

COCO: T.-Y. Lin et al., "Microsoft COCO: common objects in context", 2014; boxes are left, top, width, height.
YOLO: as in Darknet's text files; a line a box, class, centre and size as shares of the picture.
Pascal VOC: M. Everingham et al., 2010; a box's last pixels count, and the first pixel is 1.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import numpy as np

from cvlib.errors import ImageError
from cvlib.tasks.detections import Detections, nothing

MOST_BOXES = 2_000
"""A picture with more boxes is none that a person has marked."""
MOST_CLASSES = 1_000
LONGEST_NAME = 40
LONGEST_WRITTEN = 200
"""What is read of a class's name before it is cut for people."""
MOST_XML_BYTES = 2**20
DECLARATIONS = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
"""What an annotation never needs, and with which a small file can become a huge one or name other files."""


class VocFile(NamedTuple):
    """What a Pascal VOC annotation says.

    Attributes:
        name: of the picture's file, as it is written; may be empty.
        size_hw: of the picture; None if the file does not say it.
        boxes: those with an area.
        left_out: number of those without.
    """

    name: str
    size_hw: tuple[int, int] | None
    boxes: Detections
    left_out: int


def distinct_names(names: Iterable[str]) -> tuple[str, ...]:
    """Class names as single lines of at most 40 characters that all differ; what they say is left as it is.

    Args:
        names: as a stranger wrote them; an empty one becomes "class" and its number.
    """
    kept: dict[str, None] = {}
    for number, name in enumerate(names):
        plain = _one_line(name)[:LONGEST_NAME].strip() or f"class {number}"
        free, again = plain, 2
        while free in kept:
            free, again = f"{plain[: LONGEST_NAME - 4].strip()} {again}", again + 1
        kept[free] = None
    return tuple(kept)


def _one_line(text: str) -> str:
    """Text without line breaks, controls and marks of direction."""
    spaced = " ".join(str(text).split())
    return "".join(letter for letter in spaced if unicodedata.category(letter)[0] != "C")


def to_coco(pictures: Sequence[tuple[str, tuple[int, int], Detections]]) -> dict[str, Any]:
    """A COCO data set: `images`, `annotations` (with `score`), `categories`, numbered from 1.

    Args:
        pictures: (file name, (height, width), boxes) each.
    """
    names = pictures[0][2].class_names if pictures else ()
    annotations = []
    for number, (_, _, found) in enumerate(pictures, start=1):
        for (left, top, right, bottom), label, score in zip(
            found.boxes_xyxy.astype(float), found.labels, found.scores, strict=True
        ):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": int(label) + 1,
                    "bbox": [left, top, right - left, bottom - top],
                    "area": (right - left) * (bottom - top),
                    "iscrowd": 0,
                    "score": float(score),
                }
            )
    return {
        "images": [
            {"id": number, "file_name": name, "height": size[0], "width": size[1]}
            for number, (name, size, _) in enumerate(pictures, start=1)
        ],
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for number, name in enumerate(names, start=1)],
    }


def from_coco(values: Any) -> list[tuple[str, tuple[int, int], Detections]]:
    """What `to_coco` gives, and what a stranger may have written in its form.

    Raises:
        ImageError: it is not of that form.
    """
    try:
        categories = sorted(values["categories"], key=lambda category: category["id"])
        if len(categories) > MOST_CLASSES:
            raise ValueError("too many classes")
        names = distinct_names(str(category["name"]) for category in categories)
        place = {category["id"]: number for number, category in enumerate(categories)}
        rows: dict[Any, list[tuple[list[float], int, float]]] = {image["id"]: [] for image in values["images"]}
        for one in values["annotations"]:
            left, top, width, height = (float(number) for number in one["bbox"])
            box = [left, top, left + width, top + height]
            rows[one["image_id"]].append((box, place[one["category_id"]], float(one.get("score", 1.0))))
        return [
            (
                str(image["file_name"]),
                (int(image["height"]), int(image["width"])),
                _detections(rows[image["id"]], names),
            )
            for image in values["images"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ImageError("This is no COCO file: it needs images, annotations and categories.") from error


def _detections(rows: Sequence[tuple[list[float], int, float]], names: tuple[str, ...]) -> Detections:
    if not rows:
        return nothing(names)
    if len(rows) > MOST_BOXES:
        raise ValueError("too many boxes")
    boxes, labels, scores = zip(*rows, strict=True)
    made = np.array(boxes, np.float32)
    if not np.isfinite(made).all():
        raise ValueError("a box is not finite")
    return Detections(made, np.array(labels, np.int64), np.array(scores, np.float32), names)


def to_yolo(found: Detections, size_hw: tuple[int, int]) -> str:
    """A line a box: class, centre x, centre y, width, height, the last four as shares of the picture."""
    height, width = size_hw
    lines = []
    for (left, top, right, bottom), label in zip(found.boxes_xyxy.astype(float), found.labels, strict=True):
        values = ((left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width,
                  (bottom - top) / height)  # fmt: skip
        lines.append(f"{label} {' '.join(f'{value:.6f}' for value in values)}")
    return "".join(f"{line}\n" for line in lines)


def from_yolo(text: str, size_hw: tuple[int, int], class_names: tuple[str, ...]) -> Detections:
    """The boxes of a YOLO text file; an outline (class, x, y, x, y, ...) becomes the box around it.

    Raises:
        ImageError: a line is not of that form, or names a class that there is not.
    """
    height, width = size_hw
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            label, *values = line.split()
            box = _yolo_box([float(value) for value in values], width, height)
            if not 0 <= int(label) < len(class_names):
                raise ValueError("no such class")
            rows.append((box, int(label), 1.0))
        except ValueError as error:
            raise ImageError(f"Line {number} is no YOLO box: class, centre x, centre y, width, height.") from error
    try:
        return _detections(rows, class_names)
    except ValueError as error:
        raise ImageError("These are no boxes that can be used: too many, or not finite.") from error


def _yolo_box(values: list[float], width: int, height: int) -> list[float]:
    if len(values) >= 6 and len(values) % 2 == 0:
        across, down = values[::2], values[1::2]
        return [min(across) * width, min(down) * height, max(across) * width, max(down) * height]
    x, y, w, h, *_ = values
    return [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height]


def to_voc(name: str, found: Detections, size_hw: tuple[int, int]) -> str:
    """A Pascal VOC annotation (XML). Its pixels are counted from 1, and the last one belongs to the box."""
    objects = []
    for (left, top, right, bottom), label in zip(found.boxes_xyxy.astype(float), found.labels, strict=True):
        corners = zip(("xmin", "ymin", "xmax", "ymax"), (left + 1, top + 1, right, bottom), strict=True)
        inside = "".join(f"<{tag}>{value:g}</{tag}>" for tag, value in corners)
        objects.append(f"<object><name>{escape(found.class_names[label])}</name><bndbox>{inside}</bndbox></object>")
    height, width = size_hw
    size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    return f"<annotation><filename>{escape(name)}</filename>{size}{''.join(objects)}</annotation>"


def from_voc(content: str | bytes, class_names: tuple[str, ...] | None = None) -> VocFile:
    """What a Pascal VOC annotation says, which a stranger may have written; the inverse of `to_voc`.

    A box whose corners coincide has no area: so labelling programs write a press without a drag.

    Args:
        content: the file, 1 MB at most.
        class_names: as they are written in the file; None for those that it names, in their order.

    Raises:
        ImageError: it is no such file, or names a class that there is not.
    """
    root = _safe_xml(content)
    try:
        if root.tag != "annotation":
            raise ValueError("another kind of document")
        found = [_voc_object(one) for one in root.findall("object")]
        with_area = [(name, box) for name, box in found if box is not None]
        names = tuple(dict.fromkeys(name for name, _ in found)) if class_names is None else class_names
        place = {name: number for number, name in enumerate(names)}
        boxes = _detections([(box, place[name], 1.0) for name, box in with_area], names)
        return VocFile(_written(root, "filename"), _voc_size(root), boxes, len(found) - len(with_area))
    except KeyError as error:
        raise ImageError(f"There is no class {error.args[0][:LONGEST_NAME]!r}.") from error
    except (ValueError, OverflowError) as error:
        raise ImageError("This is no Pascal VOC file: a box needs a name and xmin, ymin, xmax, ymax.") from error


def _safe_xml(content: str | bytes) -> ElementTree.Element:
    """The document, if it declares nothing: what a declaration could do, it is not asked to."""
    if len(content) > MOST_XML_BYTES:
        raise ImageError("This annotation has more than 1 MB, which no picture's boxes need.")
    text = content if isinstance(content, str) else _decoded(content)
    if DECLARATIONS.search(text) or "\0" in text:
        raise ImageError("This annotation declares things of its own, which is not allowed. Export it again.")
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise ImageError("This is no XML file, or it is not whole.") from error


def _decoded(content: bytes) -> str:
    """Text, whatever the document says of its encoding: what is searched must be what is parsed."""
    try:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _written(parent: ElementTree.Element, tag: str) -> str:
    return _one_line((parent.findtext(tag) or "")[: 10 * LONGEST_WRITTEN])[:LONGEST_WRITTEN]


def _voc_size(root: ElementTree.Element) -> tuple[int, int] | None:
    try:
        height, width = (int(float(root.findtext(f"size/{side}") or "")) for side in ("height", "width"))
    except (ValueError, OverflowError):
        return None
    return (height, width) if height > 0 and width > 0 else None


def _voc_object(one: ElementTree.Element) -> tuple[str, list[float] | None]:
    """The name of an object and its box; None for a box without area."""
    left, top, right, bottom = (float(one.findtext(f"bndbox/{tag}") or "") for tag in ("xmin", "ymin", "xmax", "ymax"))
    press = right <= left and bottom <= top
    empty = press or right <= left - 1 or bottom <= top - 1
    return _written(one, "name"), None if empty else [left - 1, top - 1, right, bottom]


def to_csv(pictures: Sequence[tuple[str, Detections]]) -> str:
    """A table: picture, class, confidence, left, top, right, bottom."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["picture", "class", "confidence", "left", "top", "right", "bottom"])
    for name, found in pictures:
        for box, label, score in zip(found.boxes_xyxy, found.labels, found.scores, strict=True):
            table.writerow(
                [name, found.class_names[label], f"{score:.4f}", *(f"{value:.2f}" for value in box)]
            )  # fmt: skip
    return out.getvalue()
