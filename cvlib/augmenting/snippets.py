"""A pipeline's steps as code: a layer of Keras, else of KerasCV, where it does the same; else a function written out.

"The same" means the same signs, edges and values; measured with Keras 3.15 and KerasCV 0.9. Where a layer
comes near but differs, a remark in the script says how.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cvlib.augmentation.pipeline import Step
from cvlib.augmentation.schema import Range

ALL_SHADES = 255.0


@dataclass(frozen=True)
class Snippet:
    """A step as code.

    Attributes:
        call: an expression that makes a function of pictures; of pictures and labels for a step that mixes.
        helpers: names in `cvlib.augmenting.written.HELPERS` that it calls.
        remark: what a reader should know; may be empty.
        has_probability: whether the expression applies the step's probability itself.
    """

    call: str
    helpers: tuple[str, ...] = ()
    remark: str = ""
    has_probability: bool = False


def of(step: Step, image_shape: tuple[int, int, int]) -> Snippet:
    """The code of a step.

    Args:
        step: of a pipeline.
        image_shape: height, width and channels of the pictures.
    """
    return _MAKERS[step.name](step, image_shape)


def _range(step: Step, name: str, scale: float = 1.0, offset: float = 0.0) -> str:
    """A parameter's range in a layer's units, as code."""
    low, high = (offset + value * scale for value in _pair(step, name))
    return f"({_number(low)}, {_number(high)})"


def _both(step: Step, name: str, scale: float = 1.0, offset: float = 0.0) -> str:
    """The same without parentheses, for a function's first two arguments."""
    return _range(step, name, scale, offset)[1:-1]


def _pair(step: Step, name: str) -> Range:
    low, high = step.settings[name]
    return low, high


def _number(value: float) -> str:
    """A float as code, to six digits."""
    return repr(float(f"{value:.6g}") + 0.0)


def _fill(step: Step) -> str:
    return f'"{step.settings["fill"]}"'


def _flip(step: Step, shape: tuple[int, int, int]) -> Snippet:
    direction = step.settings["direction"]
    if step.probability == 0.5 and direction != "both":
        return Snippet(f'keras.layers.RandomFlip("{direction}")', has_probability=True)
    axes = {"horizontal": [2], "vertical": [1], "both": [1, 2]}[direction]
    remark = "keras.layers.RandomFlip flips half of the pictures, and each direction by itself."
    return Snippet(f"lambda images: tf.reverse(images, {axes})", remark=remark)


def _rotation(step: Step, shape: tuple[int, int, int]) -> Snippet:
    return Snippet(f"keras.layers.RandomRotation({_range(step, 'angle', 1 / 360)}, fill_mode={_fill(step)})")


def _translation(step: Step, shape: tuple[int, int, int]) -> Snippet:
    down, across = _range(step, "y", 0.01), _range(step, "x", 0.01)
    return Snippet(f"keras.layers.RandomTranslation({down}, {across}, fill_mode={_fill(step)})")


def _zoom(step: Step, shape: tuple[int, int, int]) -> Snippet:
    low, high = _pair(step, "factor")
    if low == high and low >= 50:
        factor = _number(100 / low - 1)
        return Snippet(f"keras.layers.RandomZoom(({factor}, {factor}), fill_mode={_fill(step)})")
    remark = "keras.layers.RandomZoom draws how much of the picture is seen, not how large things are."
    return Snippet(f"zoom({_both(step, 'factor', 0.01)}, {_fill(step)})", ("zoom",), remark)


def _shear(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras.layers.RandomShear slants around the upper left corner, and to both sides."
    return Snippet(f"shear({_range(step, 'x')}, {_range(step, 'y')}, {_fill(step)})", ("shear",), remark)


def _crop_and_resize(step: Step, shape: tuple[int, int, int]) -> Snippet:
    share, ratio = _range(step, "share", 0.01), _range(step, "ratio", 0.01)
    arguments = f"target_size=(HEIGHT, WIDTH), crop_area_factor={share}, aspect_ratio_factor={ratio}"
    remark = "A part that would be wider or higher than the picture loses some of its area here."
    return Snippet(f"keras_cv.layers.RandomCropAndResize({arguments})", remark=remark)


def _aspect_ratio(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras_cv.layers.RandomAspectRatio changes the pictures' sizes, and then they are no batch."
    return Snippet(f"aspect_ratio({_both(step, 'ratio', 0.01)}, {_fill(step)})", ("aspect_ratio",), remark)


def _perspective(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras.layers.RandomPerspective never moves the upper left corner."
    return Snippet(f"perspective({_both(step, 'strength', 0.01)}, {_fill(step)})", ("perspective",), remark)


def _elastic(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras.layers.RandomElasticTransform pushes every pixel and smooths; this pushes a coarse grid."
    points = int(step.settings["points"])
    call = f"elastic({_both(step, 'strength', 0.01)}, {points}, {_fill(step)})"
    return Snippet(call, ("elastic",), remark)


def _lens(step: Step, shape: tuple[int, int, int]) -> Snippet:
    return Snippet(f"lens({_both(step, 'strength', 0.01)}, {_fill(step)})", ("lens",))


def _brightness(step: Step, shape: tuple[int, int, int]) -> Snippet:
    return Snippet(f"keras.layers.RandomBrightness({_range(step, 'change', 1 / ALL_SHADES)})")


def _contrast(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras.layers.RandomContrast does this to each colour by itself, which tints the picture."
    return Snippet(f"contrast({_both(step, 'change', 0.01, 1.0)})", ("contrast",), remark)


def _saturation(step: Step, shape: tuple[int, int, int]) -> Snippet:
    low, high = _pair(step, "change")
    if high <= 0:
        factor = f"({_number(-high / 100)}, {_number(-low / 100)})"
        return Snippet(f"keras.layers.RandomColorDegeneration({factor})")
    remark = "keras.layers.RandomSaturation changes the lightness as well."
    return Snippet(f"saturation({_both(step, 'change', 0.01, 1.0)})", ("saturation",), remark)


def _hue(step: Step, shape: tuple[int, int, int]) -> Snippet:
    low, high = _pair(step, "turn")
    if low == -high:
        return Snippet(f"keras.layers.RandomHue((0.0, {_number(high / 180)}))")
    remark = "keras.layers.RandomHue turns both ways equally far."
    return Snippet(f"hue({_both(step, 'turn')})", ("hue",), remark)


def _grey(step: Step, shape: tuple[int, int, int]) -> Snippet:
    low, high = _pair(step, "amount")
    if low == high == 100:
        return Snippet(f"keras.layers.RandomGrayscale({step.probability:g})", has_probability=True)
    return Snippet(f"keras.layers.RandomColorDegeneration({_range(step, 'amount', 0.01)})")


def _channel_shift(step: Step, shape: tuple[int, int, int]) -> Snippet:
    low, high = _pair(step, "strength")
    if low == high <= ALL_SHADES / 2:
        factor = f"(0.0, {_number(2 * high / ALL_SHADES)})"
        return Snippet(f"keras_cv.layers.RandomChannelShift(value_range=(0, 255), factor={factor})")
    return Snippet(f"channel_shift({_both(step, 'strength')})", ("channel_shift",))


def _gamma(step: Step, shape: tuple[int, int, int]) -> Snippet:
    return Snippet(f"gamma({_both(step, 'gamma')})", ("gamma",))


def _blended(inner: str, *helpers: str, remark: str = "") -> Callable[[Step, tuple[int, int, int]], Snippet]:
    """A step of which an amount is blended into the picture."""

    def made(step: Step, shape: tuple[int, int, int]) -> Snippet:
        if _pair(step, "amount") == (100, 100):
            return Snippet(inner, helpers, remark)
        return Snippet(f"blended({inner}, {_both(step, 'amount', 0.01)})", ("blended", *helpers), remark)

    return made


def _posterise(step: Step, shape: tuple[int, int, int]) -> Snippet:
    low, high = (int(value) for value in _pair(step, "bits"))
    last = high if low == high else high + 1
    remark = "" if low == high else "It takes the first of the two bits, but not the second: hence one more."
    return Snippet(f"keras.layers.RandomPosterization(({low}, {last}))", remark=remark)


def _solarise(step: Step, shape: tuple[int, int, int]) -> Snippet:
    if _pair(step, "threshold")[1] <= ALL_SHADES:
        factor = _range(step, "threshold")
        return Snippet(f"keras_cv.layers.Solarization(value_range=(0, 255), threshold_factor={factor})")
    remark = "A threshold above 255, which inverts nothing, is more than keras_cv.layers.Solarization takes."
    return Snippet(f"solarised({_both(step, 'threshold')})", ("solarised",), remark)


def _sharpness(step: Step, shape: tuple[int, int, int]) -> Snippet:
    low, high = _pair(step, "change")
    if high <= 0:
        factor = f"({_number(-high / 100)}, {_number(-low / 100)})"
        return Snippet(f"keras_cv.layers.RandomSharpness({factor}, value_range=(0, 255))")
    remark = "keras.layers.RandomSharpness draws a dark frame, and KerasCV's only softens."
    return Snippet(f"sharpness({_both(step, 'change', 0.01)})", ("sharpness",), remark)


def _gaussian_blur(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras.layers.RandomGaussianBlur reaches a width of 1 pixel at most."
    return Snippet(f"blur({_both(step, 'width', max(shape[:2]) / 100)})", ("blur",), remark)


def _gaussian_noise(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras.layers.GaussianNoise takes a deviation of 1 shade at most, the same for all pictures."
    return Snippet(f"noise({_both(step, 'deviation')})", ("noise",), remark)


def _jpeg(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras_cv.layers.RandomJpegQuality gives values from 0 to 1."
    return Snippet(f"jpeg({_both(step, 'quality')})", ("jpeg",), remark)


def _cutout(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras_cv.layers.RandomCutout draws height and width apart, and may hide less at the edge."
    return Snippet(f"cutout({_both(step, 'side', 0.01)}, {_fill(step)})", ("cutout",), remark)


def _random_erasing(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras.layers.RandomErasing draws height and width apart, not area and shape."
    call = f"erasing({_range(step, 'area', 0.01)}, {_range(step, 'elongation')}, {_fill(step)})"
    return Snippet(call, ("erasing",), remark)


def _grid_mask(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras_cv.layers.GridMask draws the spacing itself."
    ranges = f"{_range(step, 'hidden', 0.01)}, {_range(step, 'cell', 0.01)}, {_range(step, 'angle')}"
    return Snippet(f"grid_mask({ranges}, {_fill(step)})", ("grid_mask",), remark)


def _mixup(step: Step, shape: tuple[int, int, int]) -> Snippet:
    return Snippet(f"both(keras.layers.MixUp({_number(step.settings['alpha'])}))", ("both",))


def _cutmix(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras.layers.CutMix never cuts the rectangle off at the frame, so that more of it is seen."
    return Snippet(f"cutmix({_number(step.settings['alpha'])})", ("cutmix",), remark)


def _mosaic(step: Step, shape: tuple[int, int, int]) -> Snippet:
    remark = "keras_cv.layers.Mosaic puts the four pictures together in their full size and cuts."
    return Snippet(f"mosaic({_range(step, 'x', 0.01)}, {_range(step, 'y', 0.01)})", ("mosaic",), remark)


def _rand_augment(step: Step, shape: tuple[int, int, int]) -> Snippet:
    low, high = _pair(step, "magnitude")
    rounds = int(step.settings["rounds"])
    if rounds == 0:
        return Snippet("tf.identity")
    middle, spread = (low + high) / 20, (high - low) / 20 / 3**0.5
    arguments = f"(0, 255), augmentations_per_image={rounds}, magnitude={_number(middle)}"
    remark = (
        "KerasCV's list of changes is a little shorter than the workshop's, and how strong each one is comes from a\n"
        "normal distribution: its mean and deviation are those of your range."
    )
    call = f"keras_cv.layers.RandAugment({arguments}, magnitude_stddev={_number(spread)}, rate=1.0)"
    return _coloured(call, shape, remark)


def _aug_mix(step: Step, shape: tuple[int, int, int]) -> Snippet:
    low, high = (max(0.01, value / 10) for value in _pair(step, "severity"))
    chains = int(step.settings["chains"])
    remark = "KerasCV's list of changes differs a little from the workshop's."
    severity = f"({_number(low)}, {_number(high)})"
    call = f"keras_cv.layers.AugMix((0, 255), severity={severity}, num_chains={chains})"
    return _coloured(call, shape, remark)


def _coloured(call: str, shape: tuple[int, int, int], remark: str) -> Snippet:
    """A layer that wants three channels, whatever the pictures have."""
    return Snippet(f"in_colour({call})", ("in_colour",), remark) if shape[2] == 1 else Snippet(call, (), remark)


_MAKERS: Mapping[str, Callable[[Step, tuple[int, int, int]], Snippet]] = {
    "flip": _flip,
    "rotation": _rotation,
    "translation": _translation,
    "zoom": _zoom,
    "shear": _shear,
    "crop_and_resize": _crop_and_resize,
    "aspect_ratio": _aspect_ratio,
    "perspective": _perspective,
    "elastic": _elastic,
    "lens": _lens,
    "brightness": _brightness,
    "contrast": _contrast,
    "saturation": _saturation,
    "hue": _hue,
    "grey": _grey,
    "channel_shift": _channel_shift,
    "gamma": _gamma,
    "log_illumination": _blended("log_light", "log_light"),
    "exp_illumination": _blended("exp_light", "exp_light"),
    "posterise": _posterise,
    "solarise": _solarise,
    "equalise": _blended(
        "keras_cv.layers.Equalization(value_range=(0, 255))",
        remark="Up to a few shades from Pillow's rule; keras.layers.Equalization is far from it.",
    ),
    "auto_contrast": _blended("keras.layers.AutoContrast()"),
    "sharpness": _sharpness,
    "gaussian_blur": _gaussian_blur,
    "gaussian_noise": _gaussian_noise,
    "jpeg": _jpeg,
    "cutout": _cutout,
    "random_erasing": _random_erasing,
    "grid_mask": _grid_mask,
    "mixup": _mixup,
    "cutmix": _cutmix,
    "mosaic": _mosaic,
    "rand_augment": _rand_augment,
    "aug_mix": _aug_mix,
}
"""One for each transform of the catalogue; a test holds that."""
