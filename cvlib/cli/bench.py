"""`bench`: how fast this host trains, against plain Keras in the same run."""

import argparse
import time
from typing import Any

from cvlib import recipes
from cvlib.cli.progress import console
from cvlib.cli.result import Result
from cvlib.cli.timing import fastest
from cvlib.data import Dataset
from cvlib.spec import TrainingSpec

PLAIN_BATCH = 128
PLAIN_MOST_EPOCHS = 12


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    parser = commands.add_parser("bench", help="time this trainer against plain Keras, in one run")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--model", default="lenet")
    parser.add_argument("--most-epochs", type=int, default=PLAIN_MOST_EPOCHS, help="where plain Keras gives up")
    parser.set_defaults(command=bench)


def bench(options: argparse.Namespace) -> Result:
    """Train with the recommended settings, then with plain Keras until it is as good, and compare."""
    from cvlib import training
    from cvlib.tasks import classification

    spec = recipes.recommended(options.data, options.model)
    dataset = training.load_data(spec)
    console().print(f"This trainer: {spec.model} on {spec.data} ...", markup=False)
    began = time.perf_counter()
    trained = training.train(spec, dataset=dataset)
    ours = {"seconds": time.perf_counter() - began, "accuracy": trained.metrics["accuracy"], "epochs": spec.epochs}
    console().print("Plain Keras ...", markup=False)
    plain = _plain(spec, dataset, ours["accuracy"], options.most_epochs)
    one = dataset.test.images[:1]
    data = {
        "data": spec.data,
        "model": spec.model,
        "device": trained.device,
        "precision": trained.precision,
        "ours": ours,
        "plain": plain,
        "ratio": plain["seconds"] / ours["seconds"],
        "prediction_ms": 1000 * fastest(lambda: classification.predict(trained.model, one), times=20),
    }
    reached = "to the same accuracy" if plain["reached"] else "and still less accurate"
    return Result(
        data,
        f"{ours['seconds']:.1f} s to {ours['accuracy']:.4f}; plain Keras {plain['seconds']:.1f} s to "
        f"{plain['accuracy']:.4f}: {data['ratio']:.1f} times as long {reached}. One prediction: "
        f"{data['prediction_ms']:.2g} ms.",
    )


def _plain(spec: TrainingSpec, dataset: Dataset, goal: float, most_epochs: int) -> dict[str, Any]:
    """`compile("adam")` and `fit(batch_size=128)` of the same network, epoch by epoch until it reaches the goal."""
    import keras

    from cvlib.training.classifying import untrained

    keras.utils.set_random_seed(spec.seed)
    model = untrained(spec, dataset)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    seconds, best, epochs = 0.0, 0.0, 0
    while best < goal and epochs < most_epochs:
        began = time.perf_counter()
        model.fit(dataset.train.images, dataset.train.labels, batch_size=PLAIN_BATCH, epochs=1, verbose=0)
        seconds += time.perf_counter() - began
        best = max(best, model.evaluate(dataset.test.images, dataset.test.labels, batch_size=1000, verbose=0)[1])
        epochs += 1
    return {"seconds": seconds, "accuracy": best, "epochs": epochs, "reached": best >= goal}
