"""The plain words that lie beside augmented pictures."""

from collections.abc import Collection

from cvlib.augmentation.pipeline import Pipeline
from cvlib.augmentation.words import sentence

HEAD = """Augmented pictures
==================

{count} pictures, all made from one by this pipeline:

{steps}

images/        the pictures, PNG
labels.csv     a line a picture: its class if it is known, and what was drawn in each step
pipeline.json  the pipeline, to be read by a program
augment.py     a program that does the same to pictures of your own, outside the workshop
"""
BOXES = """
The boxes have moved along. They are written twice:

annotations.json  COCO: left, top, width, height in pixels
labels/           YOLO: a text a picture; class, centre x, centre y, width, height as shares of the picture
classes.txt       the names of the classes, in the order of YOLO's numbers, which begin with 0
data.yaml         the same for programs that train YOLO networks
"""
MASKS = """
The masks have moved along:

masks/         PNG with a palette: each pixel's value is its class. 0 is the background; 255 lies beyond the
               picture that was moved, and should not be learned from
labelmap.txt   the classes in the order of the values, with their colours
"""
AGAIN = """
The ZIP as it is can be opened again in the workshop: {pages}.
"""
OPENED_BY = {"boxes": ("Object detection", "Label your own"), "masks": ("Segmentation", "Teach it yours")}
"""Page and part of it that read boxes and masks."""


def words(pipeline: str, count: int, has: Collection[str]) -> str:
    """What the files are.

    Args:
        pipeline: its text.
        count: of pictures.
        has: of `boxes` and `masks`, what the pictures have.
    """
    steps = [f"{number}. {sentence(step)}" for number, step in enumerate(Pipeline.from_text(pipeline).active, start=1)]
    text = HEAD.format(count=count, steps="\n".join(steps) or "(no step: the picture is as it was)")
    pages = [f'page {page}, "{part}"' for kind, (page, part) in OPENED_BY.items() if kind in has]
    text += BOXES if "boxes" in has else ""
    text += MASKS if "masks" in has else ""
    return text + (AGAIN.format(pages="; ".join(pages)) if pages else "")
