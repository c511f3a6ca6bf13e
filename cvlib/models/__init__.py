"""The networks: one architecture a file, listed here.

    models.build("lenet", input_shape=(28, 28, 1), num_classes=10)

Every network is a functional Keras model that takes pictures with values 0..255. Classifiers (`CATALOG`) give
probabilities; detectors (`DETECTORS`, see `cvlib.models.detectors`) give boxes with scores.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cvlib.errors import UnknownName
from cvlib.models import lenet, mlp, resnet, softmax_regression
from cvlib.models.detectors import centernet, one_box, retinanet, sliding_window, yolov8


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
            `build(input_shape, num_classes, **options)`.
        options: further arguments of `build` that make this entry.
        task: what it learns to do.
        single: whether it can only find one object a picture.
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


def _catalogue(infos: tuple[ModelInfo, ...]) -> dict[str, ModelInfo]:
    return {info.name: info for info in infos}


CATALOG: dict[str, ModelInfo] = _catalogue(_INFOS)
"""The classifiers."""
DETECTORS: dict[str, ModelInfo] = _catalogue(_DETECTORS)
EVERY: dict[str, ModelInfo] = {**CATALOG, **DETECTORS}
if len(EVERY) < len(_INFOS) + len(_DETECTORS):
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
