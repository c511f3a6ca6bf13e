"""The training itself."""

import time
from collections.abc import Callable, Mapping

from cvlib import device, lazy, recipes
from cvlib.data import Dataset
from cvlib.spec import TrainingSpec
from cvlib.training import classifying, detecting, segmenting
from cvlib.training.progress import Report
from cvlib.training.trained import Student, TrainedModel

keras = lazy.load("keras")

STUDENTS: Mapping[str, type[Student]] = {
    "classification": classifying.Classifier,
    "detection": detecting.DetectorStudent,
    "segmentation": segmenting.SegmenterStudent,
}
LOADERS: Mapping[str, Callable[[TrainingSpec], Dataset]] = {
    "classification": classifying.load,
    "detection": detecting.load,
    "segmentation": segmenting.load,
}


def train(
    spec: TrainingSpec,
    *,
    report: Report = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    dataset: Dataset | None = None,
) -> TrainedModel:
    """Train to this specification. The same specification gives the same model on the same device.

    Args:
        spec: what to train.
        report: takes progress events (see `Progress`).
        cancelled: asked every few batches; once it says yes, the model so far is judged and returned.
        dataset: the data, if it is at hand already.

    Raises:
        UserError: the specification names what there is not, or the data cannot be had.
        Diverged: the loss became infinite or not a number.
    """
    recipes.check(spec)
    device.configure()
    started = time.perf_counter()
    report({"kind": "phase", "phase": "loading data"})
    dataset = dataset or load_data(spec)
    report({"kind": "phase", "phase": "building"})
    keras.utils.set_random_seed(spec.seed)
    student = STUDENTS[spec.task](spec, dataset)
    history, stopped = student.learn(report, cancelled)
    report({"kind": "phase", "phase": "evaluating"})
    judged = student.judged()
    return TrainedModel(
        spec=spec,
        model=judged.model,
        history=history,
        metrics=judged.metrics,
        parameters=judged.model.count_params(),
        train_count=len(dataset.train),
        seconds=time.perf_counter() - started,
        device=device.describe(),
        precision=student.precision,
        stopped=stopped,
        answers=judged.answers,
        class_names=dataset.class_names,
    )


def load_data(spec: TrainingSpec) -> Dataset:
    """The data that a specification trains and tests with."""
    return LOADERS[spec.task](spec)
