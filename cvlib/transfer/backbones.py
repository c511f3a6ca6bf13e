"""What transfer learning builds on: networks without their last layer, which turn a picture into features."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cvlib import lazy
from cvlib.errors import DataUnavailable, UnknownName
from cvlib.models import pretrained

keras = lazy.load("keras")

PREFIX = "backbone/"
HEAD = ("logits", "probabilities")
"""The layers that a network of this workshop ends with."""


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """A backbone that others trained on ImageNet.

    Attributes:
        name: `backbone/` and an identifier.
        title: name for people.
        year: of its paper.
        paper: authors, title and year.
        description: one sentence for newcomers.
        application: function of `keras.applications`.
        side: height and width of its pictures in pixels.
        weights: file that Keras keeps its weights in, below `models`.
        megabytes: to be fetched.
        scale: pixel values are multiplied with this ...
        offset: ... and this is added, before they go in.
        options: further arguments of the application.
    """

    name: str
    title: str
    year: int
    paper: str
    description: str
    application: str
    side: int = 224
    weights: str
    megabytes: int
    scale: float = 1 / 127.5
    offset: float = -1.0
    options: Mapping[str, Any] = field(default_factory=dict)

    def available(self) -> bool:
        """Whether it can be loaded without the internet: looks for its file, imports nothing."""
        return (pretrained.models_folder() / self.weights).is_file()


_V2 = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{}_224_no_top.h5"
_CARDS = (
    Backbone(
        name=f"{PREFIX}mobilenet_v2_035",
        title="MobileNetV2, slim",
        year=2018,
        paper=pretrained.MOBILENET_V2_PAPER,
        description="Made for phones, with a third of the usual width: quick, and good enough for most things.",
        application="MobileNetV2",
        weights=_V2.format("0.35"),
        megabytes=2,
        options={"alpha": 0.35},
    ),
    Backbone(
        name=f"{PREFIX}mobilenet_v2",
        title="MobileNetV2",
        year=2018,
        paper=pretrained.MOBILENET_V2_PAPER,
        description="Made for phones: takes three times as long as the slim one and is a little more accurate.",
        application="MobileNetV2",
        weights=_V2.format("1.0"),
        megabytes=9,
    ),
    Backbone(
        name=f"{PREFIX}mobilenet_v3_small",
        title="MobileNetV3 small",
        year=2019,
        paper="Howard, Sandler, Chu et al.: Searching for MobileNetV3, 2019",
        description="Its form was found by search; small and quick.",
        application="MobileNetV3Small",
        weights="weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
        megabytes=4,
        scale=1.0,
        offset=0.0,
    ),
    Backbone(
        name=f"{PREFIX}efficientnet_v2_b0",
        title="EfficientNetV2-B0",
        year=2021,
        paper="Tan & Le: EfficientNetV2: smaller models and faster training, 2021",
        description="More accurate for its size than those before it, and slower on a host without a GPU.",
        application="EfficientNetV2B0",
        weights="efficientnetv2-b0_notop.h5",
        megabytes=24,
        scale=1.0,
        offset=0.0,
    ),
    Backbone(
        name=f"{PREFIX}resnet50_v2",
        title="ResNet50V2",
        year=2016,
        paper="He, Zhang, Ren & Sun: Identity mappings in deep residual networks, 2016",
        description="50 layers deep with shortcuts around them; large and slow.",
        application="ResNet50V2",
        weights="resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        megabytes=94,
    ),
)
CATALOG: Mapping[str, Backbone] = {card.name: card for card in _CARDS}


def info(name: str) -> Backbone:
    """The card of this backbone.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no backbone {str(name)[:80]!r}. There are {', '.join(CATALOG)}.")
    return CATALOG[name]


def load(name: str) -> Any:
    """The backbone with its weights, flat and functional: pictures (N, side, side, 3) in 0..255 to features (N, D).

    Raises:
        UnknownName: there is none of this name.
        DataUnavailable: its weights are neither here nor to be had from the internet.
    """
    card = info(name)
    shape = (card.side, card.side, 3)
    images = keras.Input(shape, name="images")
    scaled = keras.layers.Rescaling(card.scale, offset=card.offset, name="rescaling")(images)
    build = getattr(keras.applications, card.application)
    try:
        return build(
            input_tensor=scaled, input_shape=shape, include_top=False, pooling="avg", weights="imagenet", **card.options
        )
    except (OSError, ValueError) as error:
        raise DataUnavailable(
            f"The weights of {card.title} ({card.megabytes} MB) are not on this host and could not be fetched. Connect "
            "it to the internet once, or build on a network that was trained here."
        ) from error


def beheaded(model: Any) -> Any:
    """A network of this workshop without its last layer: pictures (N, H, W, C) in 0..255 to features (N, D)."""
    return keras.Model(model.inputs, model.get_layer(HEAD[0]).input)
