"""Pipelines with a name, to begin with."""

from collections.abc import Mapping
from dataclasses import dataclass

from cvlib.augmentation.pipeline import Pipeline, Step
from cvlib.errors import UnknownName


@dataclass(frozen=True)
class Preset:
    """A pipeline to begin with: its name, a title, a sentence, its steps, and whether it is for photos alone."""

    name: str
    title: str
    words: str
    pipeline: Pipeline
    for_photos: bool = False


_PRESETS = (
    Preset(
        "gentle",
        "Gentle",
        "Small shifts and turns, as between two handwritings: a digit stays a digit.",
        # 12 % is one pixel of an 8 x 8 digit. Not for every picture: to be resampled blurs such a small one.
        Pipeline(
            (
                Step("translation", {"x": (-12.0, 12.0), "y": (-12.0, 12.0)}, 0.7),
                Step("rotation", {"angle": (-8.0, 8.0)}, 0.5),
            )
        ),
    ),
    Preset(
        "photos",
        "Photos",
        "Mirrored, cut to a part, and in another light, as most networks for photos are trained.",
        Pipeline(
            (
                Step("flip", {"direction": "horizontal"}, 0.5),
                Step("crop_and_resize", {"share": (60.0, 100.0)}),
                Step("brightness", {"change": (-30.0, 30.0)}),
                Step("saturation", {"change": (-40.0, 40.0)}),
            )
        ),
        for_photos=True,
    ),
    Preset(
        "strong",
        "Strong",
        "Mirrored, two transforms out of fourteen, and a hole: for long trainings with few pictures.",
        Pipeline(
            (
                Step("flip", {"direction": "horizontal"}, 0.5),
                Step("rand_augment", {"magnitude": (4.0, 9.0), "rounds": 2.0}),
                Step("cutout", {"side": (20.0, 40.0), "fill": "grey"}, 0.5),
            )
        ),
    ),
    Preset(
        "phone_camera",
        "Phone camera",
        "A shaky hand, poor light, grain and a small file: what a network meets that is used on phones.",
        Pipeline(
            (
                Step("perspective", {}, 0.5),
                Step("gamma", {"gamma": (0.6, 1.8)}),
                Step("channel_shift", {"strength": (0.0, 20.0)}),
                Step("gaussian_blur", {"width": (0.0, 0.8)}),
                Step("gaussian_noise", {"deviation": (0.0, 12.0)}),
                Step("jpeg", {"quality": (30.0, 90.0)}),
            )
        ),
    ),
    Preset(
        "for_boxes",
        "For boxes",
        "Half of the pictures are put together by fours, half are mirrored, in changing light; boxes move along.",
        Pipeline(
            (
                Step("mosaic", {}, 0.5),
                Step("flip", {"direction": "horizontal"}, 0.5),
                Step("brightness", {"change": (-30.0, 30.0)}),
                Step("contrast", {"change": (-25.0, 25.0)}),
            )
        ),
    ),
    Preset(
        "upside_down",
        "Upside down",
        "Half of the pictures stand on their head: harmful wherever up and down mean something.",
        Pipeline((Step("flip", {"direction": "both"}, 0.5),)),
    ),
)
PRESETS: Mapping[str, Preset] = {preset.name: preset for preset in _PRESETS}


def preset(name: str) -> Preset:
    """The preset of this name.

    Raises:
        UnknownName: there is none.
    """
    if name not in PRESETS:
        raise UnknownName(f"There is no preset {str(name)[:80]!r}. There are {', '.join(PRESETS)}.")
    return PRESETS[name]


def is_for_photos(text: str) -> bool:
    """Whether this is the text of a preset that was made for photos, of which digits, say, become others."""
    return any(each.for_photos and each.pipeline.canonical().to_text() == text for each in _PRESETS)


def title_of(text: str) -> str:
    """What a pipeline is called: its preset's title, else its transforms' names."""
    for each in _PRESETS:
        if each.pipeline.canonical().to_text() == text:
            return each.title
    return ", ".join(step.card.title for step in Pipeline.from_text(text).active)
