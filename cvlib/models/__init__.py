"""The networks: one architecture a file, listed here.

    models.build("lenet", input_shape=(28, 28, 1), num_classes=10)

Every network is a functional Keras model that takes pictures with values 0..255. Classifiers (`CATALOG`) give
probabilities; detectors (`DETECTORS`, see `cvlib.models.detectors`) give boxes with scores; networks for segmentation
(`SEGMENTERS`) give probabilities for every pixel.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cvlib.errors import UnknownName
from cvlib.models import lenet, mlp, resnet, softmax_regression
from cvlib.models.detectors import centernet, one_box, retinanet, sliding_window, yolov8
from cvlib.models.segmenters import deeplab, fcn, segnet, unet


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """A network's card in the catalogue.

    Attributes:
        name: short name, an identifier.
        title: name for people.
        year: of its paper.
        paper: authors, title and year.
        description: one sentence for newcomers.
        min_side: smallest side of a picture in pixels.
        build: `build(input_shape, num_classes, *, dropout, l2, **options)`; for a detector
            `build(input_shape, num_classes, **options)`, for segmentation the same with `skips` if it has any.
        options: further arguments of `build` that make this entry.
        task: what it learns to do.
        single: whether it can only find one object a picture.
        skips: what its shortcuts from encoder to decoder are called, if it can be had without them.
    """

    name: str
    title: str
    year: int
    paper: str
    description: str
    min_side: int = 2
    build: Callable[..., Any]
    options: dict[str, Any] = field(default_factory=dict)
    task: str = "classification"
    single: bool = False
    skips: str | None = None


RESNET_PAPER = "He, Zhang, Ren & Sun: Deep residual learning for image recognition, 2016"
_INFOS = (
    ModelInfo(
        name="softmax_regression",
        title="Softmax regression",
        year=1958,
        paper="Cox: The regression analysis of binary sequences, 1958",
        description="The plainest network there is: each class adds up all pixels, each with a weight of its own.",
        build=softmax_regression.build,
    ),
    ModelInfo(
        name="mlp",
        title="Multilayer perceptron",
        year=1986,
        paper="Rumelhart, Hinton & Williams: Learning representations by back-propagating errors, 1986",
        description="One hidden layer of 128 units between pixels and classes. It does not know which pixels are "
        "neighbours.",
        build=mlp.build,
    ),
    ModelInfo(
        name="lenet",
        title="LeNet",
        year=1998,
        paper="LeCun, Bottou, Bengio & Haffner: Gradient-based learning applied to document recognition, 1998",
        description="Looks for small patterns everywhere in the picture (convolution), then for patterns of patterns.",
        min_side=8,
        build=lenet.build,
    ),
    ModelInfo(
        name="resnet",
        title="ResNet-8",
        year=2016,
        paper=RESNET_PAPER,
        description="A deep network with shortcuts around its layers, 8 layers deep.",
        min_side=8,
        build=resnet.build,
        options={"depth": 8},
    ),
    ModelInfo(
        name="resnet14",
        title="ResNet-14",
        year=2016,
        paper=RESNET_PAPER,
        description="A deep network with shortcuts around its layers, 14 layers deep: slower, often better.",
        min_side=8,
        build=resnet.build,
        options={"depth": 14},
    ),
    ModelInfo(
        name="resnet20",
        title="ResNet-20",
        year=2016,
        paper=RESNET_PAPER,
        description="A deep network with shortcuts around its layers, 20 layers deep: the slowest here.",
        min_side=8,
        build=resnet.build,
        options={"depth": 20},
    ),
)
_DETECTORS = (
    ModelInfo(
        name="centernet",
        title="CenterNet",
        year=2019,
        paper="Zhou, Wang & Krähenbühl: Objects as points, 2019",
        description="Asks of every spot: is this the middle of something, and how far are its edges? Small and fast.",
        min_side=32,
        build=centernet.CenterNet,
        task="detection",
    ),
    ModelInfo(
        name="yolov8",
        title="YOLOv8",
        year=2023,
        paper="Jocher, Chaurasia & Qiu: Ultralytics YOLOv8, 2023",
        description="Looks once, at three sizes of detail at the same time. A small version of what industry uses.",
        min_side=64,
        build=yolov8.YOLOv8,
        task="detection",
    ),
    ModelInfo(
        name="retinanet",
        title="RetinaNet",
        year=2017,
        paper="Lin, Goyal, Girshick, He & Dollár: Focal loss for dense object detection, 2017",
        description="Compares the picture with thousands of ready-made boxes (anchors) and corrects those that fit.",
        min_side=64,
        build=retinanet.RetinaNet,
        task="detection",
    ),
    ModelInfo(
        name="sliding_window",
        title="Sliding window",
        year=2001,
        paper="Viola & Jones: Rapid object detection using a boosted cascade of simple features, 2001",
        description="A plain classifier that looks through a small window, moved over the picture step by step: how it "
        "was done before.",
        min_side=32,
        build=sliding_window.SlidingWindow,
        task="detection",
    ),
    ModelInfo(
        name="one_box",
        title="One box (regression)",
        year=2014,
        paper="Sermanet et al.: OverFeat: integrated recognition, localization and detection, 2014",
        description="Answers with four numbers: where the one thing in the picture is. It cannot find two.",
        min_side=32,
        build=one_box.OneBox,
        task="detection",
        single=True,
    ),
)
_SEGMENTERS = (
    ModelInfo(
        name="unet",
        title="U-Net",
        year=2015,
        paper="Ronneberger, Fischer & Brox: U-Net: convolutional networks for biomedical image segmentation, 2015",
        description="Shrinks the picture to understand it, grows it back to draw, and hands fine detail across.",
        min_side=32,
        build=unet.build,
        task="segmentation",
        skips="skip connections",
    ),
    ModelInfo(
        name="segnet",
        title="SegNet",
        year=2015,
        paper="Badrinarayanan, Kendall & Cipolla: SegNet: a deep convolutional encoder-decoder architecture for image "
        "segmentation, 2015",
        description="Remembers only where each maximum was when it shrinks the picture, and puts it back there.",
        min_side=32,
        build=segnet.build,
        task="segmentation",
        skips="pooling indices",
    ),
    ModelInfo(
        name="fcn",
        title="FCN",
        year=2015,
        paper="Long, Shelhamer & Darrell: Fully convolutional networks for semantic segmentation, 2015",
        description="Names the patches of a coarse grid and enlarges the answer: the first of its kind, and quick.",
        min_side=32,
        build=fcn.build,
        task="segmentation",
        skips="skip connections",
    ),
    ModelInfo(
        name="deeplab",
        title="DeepLabV3+",
        year=2018,
        paper="Chen, Zhu, Papandreou, Schroff & Adam: Encoder-decoder with atrous separable convolution for semantic "
        "image segmentation, 2018",
        description="Looks at every place with several reaches at once, near and far, and refines the edges once.",
        min_side=64,
        build=deeplab.build,
        task="segmentation",
    ),
)


def _catalogue(infos: tuple[ModelInfo, ...]) -> dict[str, ModelInfo]:
    return {info.name: info for info in infos}


CATALOG: dict[str, ModelInfo] = _catalogue(_INFOS)
"""The classifiers."""
DETECTORS: dict[str, ModelInfo] = _catalogue(_DETECTORS)
SEGMENTERS: dict[str, ModelInfo] = _catalogue(_SEGMENTERS)
EVERY: dict[str, ModelInfo] = {**CATALOG, **DETECTORS, **SEGMENTERS}
if len(EVERY) < len(_INFOS) + len(_DETECTORS) + len(_SEGMENTERS):
    raise ValueError("two networks have the same name")


def info(name: str) -> ModelInfo:
    """The card of this network.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in EVERY:
        raise UnknownName(f"There is no network {str(name)[:80]!r}. There are {', '.join(EVERY)}.")
    return EVERY[name]


def build_detector(name: str, *, input_shape: tuple[int, int, int], num_classes: int) -> Any:
    """An untrained `cvlib.models.detectors.base.Detector`; `keras.utils.set_random_seed` decides its first weights.

    Args:
        name: in `DETECTORS`.
        input_shape: (H, W, 3) of the pictures.
        num_classes: at least 1.
    """
    card = info(name)
    return card.build(input_shape, num_classes, **card.options)


def build_segmenter(name: str, *, input_shape: tuple[int, int, int], num_classes: int, skips: bool = True) -> Any:
    """An untrained network for segmentation; `keras.utils.set_random_seed` decides its first weights.

    It takes pictures with values 0..255, float (N, H, W, 3), and gives the probability of every class at every pixel,
    float32 (N, H, W, K). Its layer `logits` has them before the softmax.

    Args:
        name: in `SEGMENTERS`.
        input_shape: (H, W, 3) of the pictures.
        num_classes: K, with the background.
        skips: whether it has its skip connections or pooling indices.
    """
    card = info(name)
    without = {} if skips else {"skips": False}
    return card.build(input_shape, num_classes, **card.options, **without)


def build(
    name: str, *, input_shape: tuple[int, int, int], num_classes: int, dropout: float = 0.0, l2: float = 0.0
) -> Any:
    """An untrained network; `keras.utils.set_random_seed` decides its first weights.

    Args:
        name: in `CATALOG`.
        input_shape: (H, W, C) of the pictures.
        num_classes: at least 2.
        dropout: share of activations silenced in training.
        l2: weight of the L2 penalty.
    """
    card = info(name)
    return card.build(input_shape, num_classes, dropout=dropout, l2=l2, **card.options)
