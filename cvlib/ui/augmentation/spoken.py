"""What chance decided for one draw, in a few plain words."""

from collections.abc import Mapping, Sequence

import numpy as np

from cvlib.augmentation.pipeline import Pipeline, Step
from cvlib.augmentation.schema import Parameter
from cvlib.augmentation.words import number
from cvlib.augmenting.looking import Tiles
from cvlib.ui.words import percent

WORDS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("rotation", "angle"): ("turned {} right", "turned {} left"),
    ("translation", "x"): ("{} to the left", "{} to the right"),
    ("translation", "y"): ("{} up", "{} down"),
    ("zoom", "factor"): ("smaller by {}", "larger by {}"),
    ("shear", "x"): ("leaning {} left", "leaning {} right"),
    ("shear", "y"): ("falling {}", "rising {}"),
    ("crop_and_resize", "share"): ("cropped to {}", "cropped to {}"),
    ("aspect_ratio", "ratio"): ("narrower by {}", "wider by {}"),
    ("perspective", "strength"): ("tilted by {}", "tilted by {}"),
    ("elastic", "strength"): ("wobbled by {}", "wobbled by {}"),
    ("lens", "strength"): ("lens {}", "lens {}"),
    ("brightness", "change"): ("darker by {}", "brighter by {}"),
    ("contrast", "change"): ("less contrast by {}", "more contrast by {}"),
    ("saturation", "change"): ("paler by {}", "more colour by {}"),
    ("sharpness", "change"): ("softer by {}", "sharper by {}"),
    ("grey", "amount"): ("greyed by {}", "greyed by {}"),
    ("posterise", "bits"): ("{} bits", "{} bits"),
    ("solarise", "threshold"): ("inverted from {}", "inverted from {}"),
    ("gaussian_blur", "width"): ("blurred by {}", "blurred by {}"),
    ("gaussian_noise", "deviation"): ("noise of {}", "noise of {}"),
    ("jpeg", "quality"): ("JPEG quality {}", "JPEG quality {}"),
    ("random_erasing", "area"): ("{} erased", "{} erased"),
    ("grid_mask", "hidden"): ("{} hidden", "{} hidden"),
}
"""Transform and parameter -> how a value is said: the distance from the resting one, below and above it; where both
are the same words, the value itself. Of all others the title is said, with the value of what they are swept by."""
UNCHANGED = "unchanged"
WORTH_SAYING = 0.005
"""Shares of another picture below this are not said."""


def captions(pipeline: Pipeline, tiles: Tiles) -> list[str]:
    """Of each picture, what was done to it: `turned 12° left, brighter by 30`.

    Args:
        pipeline: the steps that it went through, all on.
        tiles: what came out.
    """
    return [_caption(pipeline, tiles, place) for place in range(len(tiles.images))]


def _caption(pipeline: Pipeline, tiles: Tiles, place: int) -> str:
    parts = [
        words
        for step, drawn in zip(pipeline.active, tiles.drawn, strict=True)
        if drawn["applied"][place] and (words := _of_step(step, drawn, place))
    ]
    if shares := mixed(tiles, place):
        parts.append(shares)
    return ", ".join(parts) or UNCHANGED


def _of_step(step: Step, drawn: Mapping[str, np.ndarray], place: int) -> str:
    """One step's words; none where the value that was drawn changes nothing, or where the shares say it all."""
    if step.card.mixes:
        return ""
    if step.name == "flip":
        return f"flipped {step.card.parameter('direction').choices[step.settings['direction']]}"
    said = [
        _of_value(step, parameter, float(drawn[parameter.name][place]))
        for parameter in step.card.parameters
        if parameter.name in drawn and ((step.name, parameter.name) in WORDS or parameter is step.card.swept)
    ]
    return ", ".join(part for part in said if part) if said else _title(step)


def _of_value(step: Step, parameter: Parameter, value: float) -> str:
    rests = parameter.rests
    if rests is not None and number(parameter, value) == number(parameter, rests):
        return ""
    below, above = WORDS.get((step.name, parameter.name), (f"{_title(step)} {{}}",) * 2)
    shown = value if rests is None or below == above else abs(value - rests)
    return (above if value > (rests or 0) else below).format(number(parameter, shown).removesuffix(" of 255"))


def _title(step: Step) -> str:
    """Its name within a sentence: `gamma`, but `RandAugment`."""
    title = step.card.title.partition(" (")[0]
    return title if any(letter.isupper() for letter in title[1:]) else title.lower()


def mixed(tiles: Tiles, place: int) -> str:
    """`68 % cat, 32 % coffee`; empty where the label is the picture's own alone."""
    if tiles.shares[place][0] > 1 - WORTH_SAYING:
        return ""
    shares = tiles.mixture(place)
    parts = sorted(((share, name) for name, share in shares.items() if share >= WORTH_SAYING), reverse=True)
    return ", ".join(f"{percent(round(share, 2))} {_quoted(name)}" for share, name in parts)


def _quoted(name: str) -> str:
    """A class that is called by a number is not taken for one."""
    return f"“{name}”" if name[:1].isdigit() else name


def left(lost: np.ndarray, boxes: int, *, mixes: bool = False) -> str:
    """How many boxes left the picture, in a sentence.

    Args:
        lost: int (N,), a picture's.
        boxes: how many each began with.
        mixes: whether other pictures may lie over this one.
    """
    if not boxes:
        return "This picture has no boxes."
    gone, total, draws = int(lost.sum()), boxes * len(lost), int((lost > 0).sum())
    if not gone:
        return f"All {total:,} boxes are still in their pictures ({boxes} in each of {len(lost)} draws)."
    have = ("has" if gone == 1 else "have") + " left the picture" + (" or been covered by another" if mixes else "")
    return (
        f"**{gone:,} of {total:,} boxes {have}**, in {draws} of {len(lost)} draws. A box whose thing "
        "is no longer seen is not taught."
    )


def names_of(steps: Sequence[Step]) -> str:
    """Steps by their titles: `MixUp and Mosaic`."""
    titles = list(dict.fromkeys(step.card.title for step in steps))
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"
