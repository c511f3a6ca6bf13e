"""Augmented pictures to take home: one ZIP with all that moved along, in the forms that other programs read."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cvlib.augmentation.pipeline import Pipeline
from cvlib.augmenting import code, looking, read_me
from cvlib.augmenting.looking import Shot, Tiles
from cvlib.data.base import IGNORE
from cvlib.figures.masks import area_colors
from cvlib.tasks import box_formats, labelled_zip, mask_formats
from cvlib.tasks.detections import Detections

COUNTS = (20, 200)
"""How many pictures are offered."""
AT_ONCE = 25
"""Pictures are drawn so many at a time: the memory stays small, and others are served in between."""
TABLE, COCO, CLASSES, AREAS = "labels.csv", "annotations.json", "classes.txt", "labelmap.txt"
PIPELINE, SCRIPT, WORDS = "pipeline.json", "augment.py", "README.txt"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be packed.

    Attributes:
        shot: the picture.
        pipeline: its text.
        seed: the same seed gives the same pictures.
        pool: pictures to mix with; the sample photos where there are none.
        label: name of the picture's class; None if nobody knows.
    """

    shot: Shot
    pipeline: str
    seed: int = 0
    pool: tuple[Shot, ...] = ()
    label: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes of its boxes, and after the background of its mask, as they are written into files."""
        shot, most = self.shot, 0
        for other in (shot, *self.pool):
            if other.box_labels is not None and len(other.box_labels):
                most = max(most, int(other.box_labels.max()) + 1)
            if other.mask is not None:
                most = max(most, int(other.mask[other.mask != IGNORE].max(initial=0)))
        named = list(shot.class_names) + [f"class {number}" for number in range(len(shot.class_names) + 1, most + 1)]
        return box_formats.distinct_names(named)

    @property
    def colors(self) -> tuple[str, ...]:
        """`#rrggbb` of the background and of each class."""
        return area_colors([mask_formats.BACKGROUND, *self.names], self.names)


@dataclass(frozen=True, eq=False)
class Part:
    """Some of the pictures.

    Attributes:
        files: content by path.
        rows: of the table, a mapping a picture.
        boxes: (file name, (height, width), boxes) a picture; empty without boxes.
    """

    files: dict[str, bytes]
    rows: tuple[dict[str, str], ...]
    boxes: tuple[tuple[str, tuple[int, int], Detections], ...]


def parts_of(count: int) -> list[tuple[int, int]]:
    """In which parts so many pictures are made: the first one's place, and how many."""
    return [(first, min(AT_ONCE, count - first)) for first in range(0, count, AT_ONCE)]


def part(wanted: Wanted, first: int, count: int) -> Part:
    """Some of the pictures.

    Args:
        wanted: what is to be packed.
        first: place of the first one, from 0.
        count: how many.

    Raises:
        SpecError: the pipeline cannot carry the picture's boxes or mask along, or is none.
    """
    seed = int(np.random.SeedSequence((wanted.seed, first)).generate_state(1)[0] >> 1)
    tiles = looking.draws(wanted.shot, wanted.pipeline, count, seed=seed, pool=wanted.pool)
    stems = [f"{first + place + 1:04d}" for place in range(count)]
    files, boxes, size_hw = {}, [], tiles.images.shape[1:3]
    for place, stem in enumerate(stems):
        files[f"images/{stem}.png"] = labelled_zip.png(_plain(tiles.images[place]))
        if tiles.masks is not None:
            files[f"masks/{stem}.png"] = mask_formats.to_palette_png(tiles.masks[place], wanted.colors)
        if tiles.boxes_xyxy is not None:
            found = _detections(tiles, place, wanted.names)
            boxes.append((f"{stem}.png", size_hw, found))
            files[f"labels/{stem}.txt"] = box_formats.to_yolo(found, size_hw).encode()
    return Part(files, tuple(_rows(wanted, tiles, stems)), tuple(boxes))


def packed(wanted: Wanted, parts: Sequence[Part]) -> bytes:
    """All parts as one ZIP, with the tables, the pipeline, the program and a few plain words."""
    shot, names = wanted.shot, wanted.names
    files: dict[str, str | bytes] = {
        WORDS: read_me.words(wanted.pipeline, sum(len(one.rows) for one in parts), shot.has),
        TABLE: _table([row for one in parts for row in one.rows]),
        PIPELINE: _described(wanted),
        SCRIPT: code.as_script(wanted.pipeline, image_shape=shot.image.shape),
    }
    if shot.boxes_xyxy is not None:
        values = box_formats.to_coco([row for one in parts for row in one.boxes])
        files[COCO] = json.dumps(values, ensure_ascii=False)
        files[CLASSES] = "".join(f"{name}\n" for name in names)
        listed = "".join(f"  {place}: {json.dumps(name)}\n" for place, name in enumerate(names))
        files["data.yaml"] = f"path: .\ntrain: images\nval: images\nnames:\n{listed}"
    if shot.mask is not None:
        files[AREAS] = _label_map(wanted)
        files.setdefault(CLASSES, "".join(f"{name}\n" for name in (mask_formats.BACKGROUND, *names)))
    for one in parts:
        files |= one.files
    return labelled_zip.zipped(files)


def _plain(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def _detections(tiles: Tiles, place: int, names: tuple[str, ...]) -> Detections:
    boxes, labels = tiles.boxes_xyxy[place].astype(np.float32), tiles.box_labels[place].astype(np.int64)
    return Detections(boxes, labels, np.ones(len(labels), np.float32), names)


def _rows(wanted: Wanted, tiles: Tiles, stems: Sequence[str]) -> list[dict[str, str]]:
    """File, class, shares of a mixed picture, boxes that have left it, and what was drawn in each step."""
    chosen = Pipeline.from_text(wanted.pipeline)
    rows = []
    for place, stem in enumerate(stems):
        row = {"file": f"images/{stem}.png", "class": wanted.label or ""}
        if chosen.mixes:
            shares = tiles.mixture(place)
            names = box_formats.distinct_names(list(shares))
            row |= {f"share of {name}": f"{share:.4f}" for name, share in zip(names, shares.values(), strict=True)}
        if tiles.lost is not None:
            row["boxes lost"] = str(int(tiles.lost[place]))
        for number, (step, drawn) in enumerate(zip(chosen.active, tiles.drawn, strict=True), start=1):
            applied = bool(drawn["applied"][place])
            row[f"{number} {step.name}"] = "yes" if applied else "no"
            for name, values in drawn.items():
                if name != "applied":
                    unit = step.card.parameter(name).unit.strip()
                    column = f"{number} {step.name} {name}" + (f" ({unit})" if unit else "")
                    row[column] = f"{values[place]:.4g}" if applied else ""
        rows.append(row)
    return rows


def _table(rows: Sequence[dict[str, str]]) -> str:
    out = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = csv.writer(out, lineterminator="\n")
    table.writerow(columns)
    for row in rows:
        table.writerow([_inert(name, row.get(name, "")) for name in columns])
    return out.getvalue()


def _inert(column: str, value: str) -> str:
    """A class's name that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay."""
    return f"'{value}" if column == "class" and value.startswith(FORMULA) else value


def _described(wanted: Wanted) -> str:
    steps = [
        {"transform": step.name, "settings": dict(step.settings), "probability": step.probability}
        for step in Pipeline.from_text(wanted.pipeline).active
    ]
    height, width = wanted.shot.image.shape[:2]
    values = {"pipeline": wanted.pipeline, "seed": wanted.seed, "height": height, "width": width, "steps": steps}
    return json.dumps(values, indent=2) + "\n"


def _label_map(wanted: Wanted) -> str:
    """Names of the masks' colours in the form of CVAT's `labelmap.txt`; the values count in the same order."""
    names = (mask_formats.BACKGROUND, *wanted.names)
    lines = ["# label:color_rgb:parts:actions"]
    for name, color in zip(names, wanted.colors, strict=True):
        red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
        lines.append(f"{name.replace(':', ' ').replace('#', ' ')}:{red},{green},{blue}::")
    return "\n".join(lines) + "\n"
