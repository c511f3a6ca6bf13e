"""What other libraries have for each transform, at about the strength that is usual here, for comparisons of time."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

RANGE = (0, 255)
EVENNESS = 0.4

KERAS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "flip": ("RandomFlip", {"mode": "horizontal"}),
    "rotation": ("RandomRotation", {"factor": 15 / 360}),
    "translation": ("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.1}),
    "zoom": ("RandomZoom", {"height_factor": 0.2}),
    "shear": ("RandomShear", {"x_factor": 0.2}),
    "perspective": ("RandomPerspective", {"factor": 1.0, "scale": 0.1}),
    "elastic": ("RandomElasticTransform", {}),
    "brightness": ("RandomBrightness", {"factor": 0.16}),
    "contrast": ("RandomContrast", {"factor": 0.4}),
    "saturation": ("RandomSaturation", {"factor": 0.4}),
    "hue": ("RandomHue", {"factor": 0.06}),
    "grey": ("RandomGrayscale", {"factor": 1.0}),
    "posterise": ("RandomPosterization", {"factor": 4}),
    "solarise": ("Solarization", {"threshold_factor": (0.5, 1.0)}),
    "equalise": ("Equalization", {}),
    "auto_contrast": ("AutoContrast", {}),
    "sharpness": ("RandomSharpness", {"factor": 0.8}),
    "gaussian_blur": ("RandomGaussianBlur", {"kernel_size": 7}),
    "random_erasing": ("RandomErasing", {}),
    "mixup": ("MixUp", {"alpha": EVENNESS}),
    "cutmix": ("CutMix", {}),
    "rand_augment": ("RandAugment", {"num_ops": 2}),
    "aug_mix": ("AugMix", {}),
}
KERAS_CV: Mapping[str, tuple[str, dict[str, Any]]] = {
    "flip": ("RandomFlip", {"mode": "horizontal"}),
    "rotation": ("RandomRotation", {"factor": 15 / 360}),
    "translation": ("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.1}),
    "zoom": ("RandomZoom", {"height_factor": 0.2}),
    "shear": ("RandomShear", {"x_factor": 0.2}),
    "brightness": ("RandomBrightness", {"factor": 0.16}),
    "contrast": ("RandomContrast", {"factor": 0.4, "value_range": RANGE}),
    "saturation": ("RandomSaturation", {"factor": (0.3, 0.7)}),
    "hue": ("RandomHue", {"factor": 0.06, "value_range": RANGE}),
    "grey": ("Grayscale", {"output_channels": 3}),
    "channel_shift": ("RandomChannelShift", {"factor": 0.15, "value_range": RANGE}),
    "posterise": ("Posterization", {"bits": 4, "value_range": RANGE}),
    "solarise": ("Solarization", {"threshold_factor": (0.5, 1.0), "value_range": RANGE}),
    "equalise": ("Equalization", {"value_range": RANGE}),
    "auto_contrast": ("AutoContrast", {"value_range": RANGE}),
    "sharpness": ("RandomSharpness", {"factor": 0.8, "value_range": RANGE}),
    "gaussian_blur": ("RandomGaussianBlur", {"kernel_size": 11, "factor": 3.0}),
    "jpeg": ("RandomJpegQuality", {"factor": (20, 80)}),
    "cutout": ("RandomCutout", {"height_factor": 0.3, "width_factor": 0.3}),
    "grid_mask": ("GridMask", {}),
    "mixup": ("MixUp", {"alpha": EVENNESS}),
    "cutmix": ("CutMix", {}),
    "mosaic": ("Mosaic", {}),
    "rand_augment": ("RandAugment", {"augmentations_per_image": 2, "value_range": RANGE}),
    "aug_mix": ("AugMix", {"value_range": RANGE}),
}
ALBUMENTATIONS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "flip": ("HorizontalFlip", {}),
    "rotation": ("Rotate", {"limit": 15}),
    "translation": ("Affine", {"translate_percent": (-0.1, 0.1)}),
    "zoom": ("Affine", {"scale": (0.8, 1.2)}),
    "shear": ("Affine", {"shear": (-12, 12)}),
    "perspective": ("Perspective", {}),
    "elastic": ("ElasticTransform", {"alpha": 30, "sigma": 6}),
    "lens": ("OpticalDistortion", {"distort_limit": 0.2}),
    "brightness": ("RandomBrightnessContrast", {"brightness_limit": 0.16, "contrast_limit": 0}),
    "contrast": ("RandomBrightnessContrast", {"brightness_limit": 0, "contrast_limit": 0.4}),
    "gamma": ("RandomGamma", {"gamma_limit": (60, 160)}),
    "saturation": ("ColorJitter", {"brightness": (1, 1), "contrast": (1, 1), "saturation": (0.6, 1.4), "hue": (0, 0)}),
    "hue": ("HueSaturationValue", {"hue_shift_limit": 10, "sat_shift_limit": 0, "val_shift_limit": 0}),
    "grey": ("ToGray", {}),
    "channel_shift": ("RGBShift", {"r_shift_limit": 40, "g_shift_limit": 40, "b_shift_limit": 40}),
    "posterise": ("Posterize", {"num_bits": (3, 6)}),
    "solarise": ("Solarize", {"threshold_range": (0.5, 1.0)}),
    "equalise": ("Equalize", {"mode": "pil"}),
    "auto_contrast": ("AutoContrast", {}),
    "sharpness": ("Sharpen", {}),
    "gaussian_blur": ("GaussianBlur", {"sigma_limit": (0.1, 3.4)}),
    "gaussian_noise": ("GaussNoise", {"std_range": (0.02, 0.08)}),
    "jpeg": ("ImageCompression", {"quality_range": (20, 80)}),
    "cutout": (
        "CoarseDropout",
        {"num_holes_range": (1, 1), "hole_height_range": (0.2, 0.4), "hole_width_range": (0.2, 0.4)},
    ),
    "random_erasing": ("Erasing", {"scale": (0.05, 0.3), "fill": "random"}),
    "grid_mask": ("GridDropout", {"ratio": 0.45}),
}


def callers(name: str, image: np.ndarray, count: int) -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    """How other libraries that are installed make this transform's pictures: library, and a call for all of them.

    Args:
        name: of the transform.
        image: uint8 (H, W, 3).
        count: of pictures.
    """
    import keras

    if name in KERAS:
        yield "keras", _layer(keras.layers, *KERAS[name], image, count)
    try:
        import keras_cv
    except ImportError:
        keras_cv = None
    if keras_cv and name in KERAS_CV:
        yield "keras_cv", _layer(keras_cv.layers, *KERAS_CV[name], image, count)
    try:
        import albumentations
    except ImportError:
        return
    if name in ALBUMENTATIONS:
        kind, settings = ALBUMENTATIONS[name]
        one = getattr(albumentations, kind)(**settings, p=1.0)
        yield "albumentations", lambda: np.stack([one(image=image)["image"] for _ in range(count)])


def _layer(layers: Any, kind: str, settings: dict[str, Any], image: np.ndarray, count: int) -> Callable[[], np.ndarray]:
    """A layer that is called eagerly, as a page would."""
    import tensorflow as tf

    layer = getattr(layers, kind)(**settings)

    def call() -> np.ndarray:
        given: Any = tf.cast(np.stack([image] * count), tf.float32)
        if kind in ("MixUp", "CutMix", "Mosaic"):
            given = {"images": given, "labels": tf.eye(count)}
        made = layer(given, training=True)
        made = made["images"] if isinstance(made, dict) else made
        return np.clip(np.rint(np.asarray(made)), *RANGE).astype(np.uint8)

    return call
