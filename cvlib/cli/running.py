"""`train`, `evaluate`, `predict` and `runs`."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from cvlib import images, models, recipes, runs
from cvlib.cli.progress import training_progress
from cvlib.cli.result import Result
from cvlib.data import Dataset
from cvlib.errors import ImageError, SpecError
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.store import Store

TOP = 5


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    parser = commands.add_parser("train", help="train a network, or fetch it from the store")
    parser.add_argument("--task", default="classification")
    parser.add_argument("--data", default="digits", help="name in the data catalogue")
    parser.add_argument("--model", help="name in the models' catalogue; by default the one that suits the data")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--augmentation", metavar="PIPELINE", help="a preset's name, or steps as rotation:angle=-15..15"
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="any other setting")
    parser.add_argument("--again", action="store_true", help="train even if the store has it")
    parser.set_defaults(command=train)
    parser = commands.add_parser("evaluate", help="judge a run on its test pictures")
    parser.add_argument("run", metavar="RUN", help="a run's name or its first characters")
    parser.set_defaults(command=evaluate)
    parser = commands.add_parser("predict", help="what a run makes of a picture")
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("picture", metavar="PICTURE", type=Path)
    parser.set_defaults(command=predict)
    parser = commands.add_parser("runs", help="list the runs in the store")
    parser.set_defaults(command=list_runs)


def spec_of(options: argparse.Namespace) -> TrainingSpec:
    """The specification that these options name, the rest as recommended."""
    changes = dict(_setting(text) for text in options.set)
    changes |= {name: value for name in ("epochs", "seed") if (value := getattr(options, name)) is not None}
    words = options.augmentation or changes.get("augmentation")
    if words:
        changes["augmentation"] = recipes.augmentation(str(words))
    name = options.data.replace("-", "_")
    model = options.model or recipes.default_model(name, options.task)
    if models.info(model).task != options.task:
        recipes.check(TrainingSpec(task=options.task, data=name, model=model))
    spec = recipes.recommended(name, model, **changes)
    recipes.check(spec)
    return spec


def _setting(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise SpecError(f"--set takes KEY=VALUE; received {text!r}.")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


def train(options: argparse.Namespace) -> Result:
    """Train to the options' specification, unless the store has that run."""
    spec = spec_of(options)
    store = Store()
    began = time.perf_counter()
    run, cached = obtain(spec, store, again=options.again)
    data = {**run.record, "cached": cached, "seconds": round(time.perf_counter() - began, 3)}
    data["training_seconds"] = run.record["seconds"]
    source = "from the store" if cached else f"in {data['seconds']:.1f} s"
    return Result(data, f"{run.name[:12]}  {spec.model} on {spec.data}, {source}: {_in_words(run.metrics)}")


def obtain(spec: TrainingSpec, store: Store, *, again: bool = False) -> tuple[Run, bool]:
    """The run of this specification, trained here if the store does not have it; and whether it had it."""
    with store.once(spec.digest):
        run = None if again else runs.load(store, spec.digest)
        if run is not None:
            return run, True
        from cvlib import training

        with training_progress(f"{spec.model} on {spec.data}") as report:
            trained = training.train(spec, report=report)
        return Run(spec.digest, store.put(spec.digest, training.to_files(trained), replace=True)), False


def evaluate(options: argparse.Namespace) -> Result:
    """Load a run's model and judge it anew on the test split."""
    from cvlib.engine import warm

    run = runs.require(Store(), options.run)
    dataset = warm.dataset(run.spec)
    judge = {"classification": _judge_classifier, "detection": _judge_detector, "segmentation": _judge_segmenter}[
        run.spec.task
    ]
    data = {"run": run.name, "spec": run.spec.to_dict(), **judge(warm.model(run.name), dataset)}
    data["class_names"] = list(dataset.class_names)
    return Result(data, f"{run.name[:12]}  {_in_words(data['metrics'])}")


def _judge_classifier(model: Any, dataset: Dataset) -> dict[str, Any]:
    from cvlib.tasks import classification

    probabilities = classification.predict(model, dataset.test.images)
    report = classification.report(dataset.test.labels, probabilities, dataset.class_names)
    return {
        "metrics": classification.metrics(report, probabilities),
        "report": report.to_dict(),
        "confusion": report.confusion.tolist(),
    }


def _judge_detector(model: Any, dataset: Dataset) -> dict[str, Any]:
    from cvlib.tasks import detection

    names, size_hw = dataset.class_names, dataset.test.images.shape[1:3]
    found = detection.predict(model, dataset.test.images, names)
    answers = detection.Answers(tuple(detection.truths(dataset.test, names)), tuple(found), size_hw)
    judged = answers.judged()
    by_class = {name: _known(value) for name, value in zip(names, judged.by_class50, strict=True)}
    by_size = {name: _known(value) for name, value in judged.by_size.items()}
    recall = {str(most): _known(value) for most, value in judged.recall.items()}
    return {"metrics": detection.metrics(answers), "map50_by_class": by_class, "map_by_size": by_size, "recall": recall}


def _judge_segmenter(model: Any, dataset: Dataset) -> dict[str, Any]:
    from cvlib.tasks import segmentation

    names, test = dataset.class_names, dataset.test
    answers = segmentation.answers(model, test.images, test.masks, len(names))
    boundary = {name: _known(value) for name, value in zip(names, answers.boundary_by_class, strict=True)}
    by_class = {name: _known(value) for name, value in zip(names, answers.scores.iou, strict=True)}
    confusion = answers.scores.confusion.tolist()
    metrics = segmentation.metrics(answers)
    return {"metrics": metrics, "iou_by_class": by_class, "boundary_f1_by_class": boundary, "confusion": confusion}


def _known(value: float) -> float | None:
    """JSON has no NaN: what cannot be said is null."""
    return None if np.isnan(value) else float(value)


def predict(options: argparse.Namespace) -> Result:
    """What a run makes of a picture file."""
    from cvlib.engine import warm

    run = runs.require(Store(), options.run)
    try:
        content = options.picture.read_bytes()
    except OSError as error:
        raise ImageError(f"The picture {images.inert_name(options.picture.name)} cannot be read.") from error
    picture = images.decode(content, name=options.picture.name)
    name = {"classification": _name, "detection": _detect, "segmentation": _segment}[run.spec.task]
    answer, text = name(run, warm.model(run.name), picture.pixels)
    data = {"run": run.name, "picture": picture.name, "notes": list(picture.notes), **answer}
    return Result(data, text)


def _name(run: Run, model: Any, pixels: np.ndarray) -> tuple[dict[str, Any], str]:
    """The most likely classes of a picture, for `--json` and in words."""
    from cvlib.tasks import classification

    seen, steps = classification.as_seen(run.spec, pixels)
    shares = classification.predict(model, seen[None])[0]
    top = [{"class": run.class_names[k], "probability": float(shares[k])} for k in np.argsort(-shares)[:TOP]]
    lines = [f"{entry['probability']:7.2%}  {entry['class']}" for entry in top]
    return {"steps": list(steps), "top": top}, "\n".join(lines)


def _detect(run: Run, model: Any, pixels: np.ndarray) -> tuple[dict[str, Any], str]:
    """The boxes on a picture, for `--json` and in words."""
    from cvlib.tasks import detection, tiling

    found = tiling.detect(model, pixels, run.class_names).chosen(confidence=detection.CONFIDENCE)
    boxes = [
        {"class": run.class_names[label], "confidence": float(score), "box": [round(float(edge), 2) for edge in box]}
        for box, label, score in zip(found.boxes_xyxy, found.labels, found.scores, strict=True)
    ]
    lines = [f"{one['confidence']:7.2%}  {one['class']}  {one['box']}" for one in boxes]
    return {"boxes": boxes}, "\n".join(lines) or "Nothing was found."


def _segment(run: Run, model: Any, pixels: np.ndarray) -> tuple[dict[str, Any], str]:
    """The area of every class on a picture, for `--json` and in words."""
    from cvlib.tasks import mask_formats, mask_tiling

    found = mask_tiling.segment(model, pixels, run.class_names)
    areas = [
        {"class": name, "pixels": number, "share": share}
        for name, number, share in mask_formats.area_table(found.labels, run.class_names)
    ]
    lines = [f"{one['share']:7.2%}  {one['class']}" for one in areas]
    return {"areas": areas}, "\n".join(lines)


def list_runs(_options: argparse.Namespace) -> Result:
    """The runs in the store, newest first."""
    keys = ("run", "title", "created", "parameters", "seconds", "metrics", "spec", "stopped")
    found = [{key: run.record[key] for key in keys} for run in runs.every(Store())]
    lines = [f"{run['run'][:12]}  {run['created'][:16]}  {run['title']}: {_in_words(run['metrics'])}" for run in found]
    return Result({"runs": found}, "\n".join(lines) or "The store is empty.")


def _in_words(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
