"""The settings that suit a data set and a network, and what goes together.

Test accuracy with these settings (seed 0, the data sets' own splits), and seconds of the whole training with its
evaluation on two processor cores, one run each:

======  ====================  ========  =======
data    network               accuracy  seconds
======  ====================  ========  =======
digits  softmax_regression    0.971     3
digits  mlp                   0.980     2
digits  lenet                 0.987     4
digits  resnet                0.991     8
mnist   softmax_regression    0.922     6
mnist   mlp                   0.977     5
mnist   lenet                 0.991     9
shapes  resnet                0.992     51
faces   lenet                 1.000     3
======  ====================  ========  =======
"""

from collections.abc import Mapping
from typing import Any

from cvlib import data, models
from cvlib.augmentation import Pipeline, parsed
from cvlib.augmentation.presets import PRESETS, title_of
from cvlib.data.base import DatasetInfo
from cvlib.data.scene_sets import SceneInfo, check_scenes, scene_info
from cvlib.errors import SpecError, UnknownName
from cvlib.spec import TrainingSpec

TASKS = ("classification", "detection", "segmentation")
HEADLINE: Mapping[str, str] = {"classification": "accuracy", "detection": "map50", "segmentation": "miou"}
"""The metric that is named where one number has to do."""
SMALL = 10_000
"""A data set with fewer training pictures needs more epochs and smaller batches."""
COMMON: Mapping[str, Any] = {"optimizer": "adam", "schedule": "one_cycle", "batch_size": 256}
FEW: Mapping[str, Any] = {"batch_size": 32}
BY_MODEL: Mapping[str, Mapping[str, Any]] = {
    "softmax_regression": {"learning_rate": 0.005, "epochs": 6},
    "mlp": {"learning_rate": 0.005, "epochs": 6},
    "lenet": {"learning_rate": 0.006, "epochs": 3},
    "resnet": {"learning_rate": 0.01, "epochs": 4},
    "resnet14": {"learning_rate": 0.01, "epochs": 4},
    "resnet20": {"learning_rate": 0.01, "epochs": 4},
}
BY_MODEL_FEW: Mapping[str, Mapping[str, Any]] = {
    "softmax_regression": {"learning_rate": 0.02, "epochs": 30},
    "mlp": {"learning_rate": 0.005, "epochs": 20},
    "lenet": {"learning_rate": 0.005, "epochs": 20},
    "resnet": {"learning_rate": 0.01, "epochs": 10},
    "resnet14": {"learning_rate": 0.01, "epochs": 10},
    "resnet20": {"learning_rate": 0.01, "epochs": 10},
}
DETECTION: Mapping[str, Mapping[str, Any]] = {
    "centernet": {"learning_rate": 0.006, "epochs": 5, "batch_size": 16},
    "yolov8": {"learning_rate": 0.006, "epochs": 7, "batch_size": 16},
    "retinanet": {"learning_rate": 0.006, "epochs": 10, "batch_size": 16},
    "sliding_window": {"learning_rate": 0.005, "epochs": 8, "batch_size": 16},
    "one_box": {"learning_rate": 0.003, "epochs": 12, "batch_size": 32, "train_size": 2500},
}
SEGMENTATION: Mapping[str, Any] = {"learning_rate": 0.01, "batch_size": 8, "loss": "dice_cross_entropy"}
SEGMENTATION_EPOCHS: Mapping[str, int] = {"unet": 7, "segnet": 5, "fcn": 7, "deeplab": 8}
FIRST_MODEL: Mapping[str, str] = {"detection": "centernet", "segmentation": "unet"}
CARRIED: Mapping[str, tuple[str, ...]] = {"detection": ("boxes",), "segmentation": ("masks",)}
"""What must move along when a task's pictures are augmented."""
CUT_ONCE = ("sliding_window",)
"""Networks that learn from windows which are cut out of the pictures beforehand: their pictures cannot be augmented."""
BY_PAIR: Mapping[tuple[str, str], Mapping[str, Any]] = {}
DEFAULT_MODEL: Mapping[str, str] = {"shapes": "resnet", "cifar10": "resnet"}


def recommended(data_name: str, model_name: str, **changes: Any) -> TrainingSpec:
    """The specification that suits this data set and network, with some fields changed.

    Raises:
        UnknownName: there is no such data set or network.
        SpecError: a change is out of bounds.
    """
    task = models.info(model_name).task
    settings = {"classification": _classifying, "detection": _detecting, "segmentation": _segmenting}
    values = settings[task](data_name, model_name)
    values |= BY_PAIR.get((data_name, model_name), {})
    return TrainingSpec.from_dict({"task": task, "data": data_name, "model": model_name, **values, **changes})


def _classifying(data_name: str, model_name: str) -> dict[str, Any]:
    values = {**COMMON, **BY_MODEL[model_name]}
    if data.info(data_name).train_count < SMALL:
        values |= {**FEW, **BY_MODEL_FEW[model_name]}
    return values


def _detecting(data_name: str, model_name: str) -> dict[str, Any]:
    scene_info(data_name)
    return {**COMMON, **DETECTION[model_name]}


def _segmenting(data_name: str, model_name: str) -> dict[str, Any]:
    scene_info(data_name)
    return {**COMMON, **SEGMENTATION, "epochs": SEGMENTATION_EPOCHS[model_name]}


def card_of(spec: TrainingSpec) -> DatasetInfo | SceneInfo:
    """The card of the data that a specification names.

    Raises:
        UnknownName: there is none of this name for its task.
    """
    return data.info(spec.data) if spec.task == "classification" else scene_info(spec.data)


def title(spec: TrainingSpec) -> str:
    """What a network of this specification is called."""
    words = f"{models.info(spec.model).title} on {card_of(spec).title}"
    if spec.adversarial != "none":
        words += f", hardened ({spec.adversarial.upper()} {spec.epsilon:g})"
    return f"{words}, augmented ({augmentation_title(spec.augmentation)})" if spec.augmentation else words


def augmentation_title(text: str) -> str:
    """What a pipeline is called; one that this version of the workshop cannot read is called by its text."""
    return title_of(text) if parsed(text) is not None else text[:60]


def augmentation(words: str) -> str:
    """The text of a pipeline as a specification has it.

    Args:
        words: the name of a preset, or a pipeline's text in any form; empty for none.

    Raises:
        UnknownName: it is neither, or names a transform that does not exist.
        SpecError: it is no pipeline.
    """
    if words in PRESETS:
        return PRESETS[words].pipeline.canonical().to_text()
    try:
        return Pipeline.from_text(words).canonical().to_text()
    except UnknownName as error:
        raise UnknownName(f"{error} Or name a preset: {', '.join(PRESETS)}.") from error


def default_model(data_name: str, task: str = "classification") -> str:
    """The network that a page offers first for this data set and task."""
    if task in FIRST_MODEL:
        return FIRST_MODEL[task]
    data.info(data_name)
    return DEFAULT_MODEL.get(data_name, "lenet")


def fits(data_name: str, model_name: str, image_size: int | None = None) -> bool:
    """Whether this network takes pictures of this data set's size."""
    side = image_size or min(data.info(data_name).image_shape[:2])
    return side >= models.info(model_name).min_side


def check(spec: TrainingSpec) -> None:
    """See that what the specification names exists and goes together.

    Raises:
        UnknownName: the task, data set or network does not exist.
        SpecError: the data set has one size only, or its pictures are too small for the network.
    """
    if spec.task not in TASKS:
        raise UnknownName(f"There is no task {spec.task!r}. There are {', '.join(TASKS)}.")
    card, network = card_of(spec), models.info(spec.model)
    if network.task != spec.task:
        fitting = ", ".join(name for name, other in models.EVERY.items() if other.task == spec.task)
        raise UnknownName(f"There is no network {spec.model!r} for {spec.task}. There are {fitting}.")
    _check_loss(spec, network)
    _check_augmentation(spec, network)
    if isinstance(card, SceneInfo):
        check_scenes(card, spec.image_size, network.single, masks=spec.task == "segmentation")
        return
    if spec.image_size is not None and not card.resizable:
        raise SpecError(f"The pictures of {card.name} have one size only; leave image_size out.")
    if not fits(spec.data, spec.model, spec.image_size):
        raise SpecError(
            f"{network.title} needs pictures of at least {network.min_side} pixels a side. Choose another network."
        )


def _check_loss(spec: TrainingSpec, network: models.ModelInfo) -> None:
    """What only segmentation knows must be left alone elsewhere."""
    if spec.task != "segmentation" and spec.loss != "cross_entropy":
        raise SpecError(f"The loss can only be chosen for segmentation; leave it out for {spec.task}.")
    if not spec.skips and network.skips is None:
        raise SpecError(f"{network.title} has no skip connections that can be left out; leave skips out.")


def _check_augmentation(spec: TrainingSpec, network: models.ModelInfo) -> None:
    """Its text must be canonical, so that equal pipelines have equal digests, and the pipeline must suit the task."""
    if not spec.augmentation:
        return
    pipeline, canonical = Pipeline.from_text(spec.augmentation), augmentation(spec.augmentation)
    if canonical != spec.augmentation:
        raise SpecError(f"augmentation must be written in full: {canonical!r}; received {spec.augmentation!r}.")
    if spec.model in CUT_ONCE:
        raise SpecError(f"{network.title} learns from windows that are cut out once; it cannot be augmented.")
    if stuck := carries_not(pipeline, spec.task):
        raise SpecError(f"{', '.join(stuck)} cannot move {CARRIED[spec.task][0]} along. Choose another augmentation.")
    if pipeline.mixes and spec.adversarial != "none":
        raise SpecError("Adversarial training needs one label a picture. Choose an augmentation that mixes none.")
    if pipeline.mixes and network.single:
        raise SpecError(f"{network.title} finds one thing a picture. Choose an augmentation that mixes none.")


def carries_not(pipeline: Pipeline, task: str) -> tuple[str, ...]:
    """The titles of a pipeline's steps that cannot carry along what a task's pictures have."""
    return pipeline.stuck(*CARRIED.get(task, ()))
