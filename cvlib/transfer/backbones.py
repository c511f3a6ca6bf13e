"""What transfer learning builds on: networks without their last layer, which turn a picture into features."""

from collections.abc import Mapping
from typing import Any

from cvlib import lazy
from cvlib.errors import UnknownName
from cvlib.models import pretrained
from cvlib.models.pretrained import Pretrained

keras = lazy.load("keras")

PREFIX = "backbone/"
SIDE = 224
"""Height and width of their pictures in pixels."""
HEAD = ("logits", "probabilities")
"""The layers that a network of this workshop ends with."""


_V2 = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{}_224_no_top.h5"
_CARDS = (
    Pretrained(
        name=f"{PREFIX}mobilenet_v2_035",
        title="MobileNetV2, slim",
        year=2018,
        paper=pretrained.MOBILENET_V2_PAPER,
        description="Made for phones, with a third of the usual width: quick, and good enough for most things.",
        application="MobileNetV2",
        side=SIDE,
        is_backbone=True,
        weights=_V2.format("0.35"),
        megabytes=2,
        options={"alpha": 0.35},
    ),
    Pretrained(
        name=f"{PREFIX}mobilenet_v2",
        title="MobileNetV2",
        year=2018,
        paper=pretrained.MOBILENET_V2_PAPER,
        description="Made for phones: takes three times as long as the slim one and is a little more accurate.",
        application="MobileNetV2",
        side=SIDE,
        is_backbone=True,
        weights=_V2.format("1.0"),
        megabytes=9,
    ),
    Pretrained(
        name=f"{PREFIX}mobilenet_v3_small",
        title="MobileNetV3 small",
        year=2019,
        paper="Howard, Sandler, Chu et al.: Searching for MobileNetV3, 2019",
        description="Its form was found by search; small and quick.",
        application="MobileNetV3Small",
        side=SIDE,
        is_backbone=True,
        weights="weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
        megabytes=4,
        scale=1.0,
        offset=0.0,
    ),
    Pretrained(
        name=f"{PREFIX}efficientnet_v2_b0",
        title="EfficientNetV2-B0",
        year=2021,
        paper="Tan & Le: EfficientNetV2: smaller models and faster training, 2021",
        description="More accurate for its size than those before it, and slower on a host without a GPU.",
        application="EfficientNetV2B0",
        side=SIDE,
        is_backbone=True,
        weights="efficientnetv2-b0_notop.h5",
        megabytes=24,
        scale=1.0,
        offset=0.0,
    ),
    Pretrained(
        name=f"{PREFIX}resnet50_v2",
        title="ResNet50V2",
        year=2016,
        paper="He, Zhang, Ren & Sun: Identity mappings in deep residual networks, 2016",
        description="50 layers deep with shortcuts around them; large and slow.",
        application="ResNet50V2",
        side=SIDE,
        is_backbone=True,
        weights="resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        megabytes=94,
    ),
)
CATALOG: Mapping[str, Pretrained] = {card.name: card for card in _CARDS}


def info(name: str) -> Pretrained:
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
    return info(name).build()


def fetch(name: str) -> None:
    """See to it that a backbone's weights are on this host.

    Raises:
        UnknownName: there is none of this name.
        DataUnavailable: they cannot be fetched.
    """
    load(name)


def beheaded(model: Any) -> Any:
    """A network of this workshop without its last layer: pictures (N, H, W, C) in 0..255 to features (N, D)."""
    return keras.Model(model.inputs, model.get_layer(HEAD[0]).input)
