"""Boxes as other programs write them: COCO, YOLO, Pascal VOC, CSV.

COCO: T.-Y. Lin et al., "Microsoft COCO: common objects in context", 2014; boxes are left, top, width, height.
YOLO: as in Darknet's text files; a line a box, class, centre and size as shares of the picture.
Pascal VOC: M. Everingham et al., 2010; a box's last pixels count, and the first pixel is 1.
"""

import csv
import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from cvlib.errors import ImageError
from cvlib.tasks.detections import Detections, nothing

MOST_BOXES = 2_000
"""A picture with more boxes is none that a person has marked."""


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
        names = tuple(str(category["name"])[:40] for category in categories)
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
    except (KeyError, TypeError, ValueError, AttributeError) as error:
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
    """The boxes of a YOLO text file.

    Raises:
        ImageError: a line is not of that form, or names a class that there is not.
    """
    height, width = size_hw
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            label, x, y, w, h, *_ = line.split()
            x, y, w, h = (float(value) for value in (x, y, w, h))
            box = [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height]
            if not 0 <= int(label) < len(class_names):
                raise ValueError("no such class")
            rows.append((box, int(label), 1.0))
        except ValueError as error:
            raise ImageError(f"Line {number} is no YOLO box: class, centre x, centre y, width, height.") from error
    try:
        return _detections(rows, class_names)
    except ValueError as error:
        raise ImageError("These are no boxes that can be used: too many, or not finite.") from error


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
