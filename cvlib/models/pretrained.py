"""Networks that others have trained on the 1.3 million photos of ImageNet, through Keras' own downloads.

J. Deng, W. Dong, R. Socher, L.-J. Li, K. Li, L. Fei-Fei, "ImageNet: a large-scale hierarchical image database", 2009.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cvlib import lazy
from cvlib.errors import DataUnavailable, UnknownName

keras = lazy.load("keras")

PREFIX = "imagenet/"
CLASSES = 1000
LABELS = "imagenet_class_index.json"


@dataclass(frozen=True, kw_only=True)
class Pretrained:
    """A pre-trained network's card.

    Attributes:
        name: a folder (`imagenet/`, `backbone/`) and an identifier.
        title: name for people.
        year: of its paper.
        paper: authors, title and year.
        description: one sentence for newcomers.
        application: function of `keras.applications`.
        side: height and width of its pictures in pixels.
        weights: file that Keras keeps its weights in, below `models`.
        megabytes: to be fetched.
        scale: pixel values are multiplied with this ...
        offset: ... and this is added, before they go in; the networks that do so themselves have 1 and 0.
        options: further arguments of the application.
        is_backbone: whether it gives features (N, D) and not probabilities of ImageNet's classes.
    """

    name: str
    title: str
    year: int
    paper: str
    description: str
    application: str
    side: int
    weights: str
    megabytes: int
    scale: float = 1 / 127.5
    offset: float = -1.0
    options: Mapping[str, Any] = field(default_factory=dict)
    is_backbone: bool = False

    def available(self) -> bool:
        """Whether it can be loaded without the internet: looks for its files, imports nothing."""
        folder = models_folder()
        return (folder / self.weights).is_file() and (self.is_backbone or (folder / LABELS).is_file())

    def build(self) -> Any:
        """The network with its weights, as one flat functional model: pictures (N, side, side, 3) in 0..255.

        Raises:
            DataUnavailable: its weights are neither here nor to be had from the internet.
        """
        shape = (self.side, self.side, 3)
        images = keras.Input(shape, name="images")
        scaled = keras.layers.Rescaling(self.scale, offset=self.offset, name="rescaling")(images)
        options = {**self.options, **({"include_top": False, "pooling": "avg"} if self.is_backbone else {})}
        application = getattr(keras.applications, self.application)
        try:
            return application(input_tensor=scaled, input_shape=shape, weights="imagenet", **options)
        except Exception as error:  # Keras raises a bare Exception where a download fails
            raise DataUnavailable(
                f"The weights of {self.title} ({self.megabytes} MB) are not on this host and could not be fetched. "
                "Connect it to the internet once and run 'python -m cvlib prepare', or choose a network that was "
                "trained here."
            ) from error


MOBILENET_V2_PAPER = "Sandler, Howard, Zhu, Zhmoginov & Chen: MobileNetV2, 2018"
MOBILENET_PAPER = "Howard, Zhu, Chen et al.: MobileNets, 2017"
_CARDS = (
    Pretrained(
        name=f"{PREFIX}mobilenet_v2",
        title="MobileNetV2 (ImageNet)",
        year=2018,
        paper=MOBILENET_V2_PAPER,
        description="Made for phones, trained by others on 1.3 million photos of 1,000 things, from goldfish to toilet "
        "paper.",
        application="MobileNetV2",
        side=224,
        weights="mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5",
        megabytes=14,
    ),
    Pretrained(
        name=f"{PREFIX}mobilenet_025",
        title="MobileNet ¼ (ImageNet)",
        year=2017,
        paper=MOBILENET_PAPER,
        description="The smallest of its kind: quick, and more often wrong.",
        application="MobileNet",
        side=224,
        weights="mobilenet_2_5_224_tf.h5",
        megabytes=2,
        options={"alpha": 0.25},
    ),
    Pretrained(
        name=f"{PREFIX}resnet50_v2",
        title="ResNet50V2 (ImageNet)",
        year=2016,
        paper="He, Zhang, Ren & Sun: Identity mappings in deep residual networks, 2016",
        description="50 layers deep with shortcuts around them; large and slow.",
        application="ResNet50V2",
        side=224,
        weights="resnet50v2_weights_tf_dim_ordering_tf_kernels.h5",
        megabytes=103,
    ),
    Pretrained(
        name=f"{PREFIX}efficientnet_v2_b0",
        title="EfficientNetV2-B0 (ImageNet)",
        year=2021,
        paper="Tan & Le: EfficientNetV2: smaller models and faster training, 2021",
        description="Its sizes were found by search: more accurate for its size than those before it.",
        application="EfficientNetV2B0",
        side=224,
        weights="efficientnetv2-b0.h5",
        megabytes=29,
        scale=1.0,
        offset=0.0,
    ),
)
CATALOG: Mapping[str, Pretrained] = {card.name: card for card in _CARDS}


def models_folder() -> Path:
    """Where Keras keeps weights."""
    home = os.environ.get("KERAS_HOME")
    return Path(home or Path.home() / ".keras").expanduser() / "models"


def info(name: str) -> Pretrained:
    """The card of this network.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no pre-trained network {str(name)[:80]!r}. There are {', '.join(CATALOG)}.")
    return CATALOG[name]


def load(name: str) -> Any:
    """The network of this name: pictures (N, side, side, 3) in 0..255 to probabilities (N, 1000).

    Raises:
        UnknownName: there is none of this name.
        DataUnavailable: its weights are neither here nor to be had from the internet.
    """
    return info(name).build()


def class_names() -> tuple[str, ...]:
    """What the 1,000 outputs stand for, in their order.

    Raises:
        DataUnavailable: Keras' list of them is not on this host.
    """
    path = models_folder() / LABELS
    try:
        return _read_names(str(path), path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError) as error:
        raise DataUnavailable(
            "The names of the ImageNet classes are not on this host. Connect it to the internet once and run "
            "'python -m cvlib prepare'."
        ) from error


@cache
def _read_names(path: str, _changed: int) -> tuple[str, ...]:
    table = json.loads(Path(path).read_text(encoding="utf-8"))
    return tuple(table[str(index)][1].replace("_", " ") for index in range(CLASSES))


def fetch(name: str) -> None:
    """See to it that a network and the names of its classes are on this host.

    Raises:
        DataUnavailable: they cannot be fetched.
    """
    import numpy as np

    load(name)
    try:
        # Keras fetches the list of names when it first decodes a prediction.
        keras.applications.imagenet_utils.decode_predictions(np.zeros((1, CLASSES), np.float32), top=1)
    except Exception as error:  # as above
        raise DataUnavailable("The names of the ImageNet classes could not be fetched.") from error
