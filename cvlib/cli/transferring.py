"""`bench-transfer`: a head on kept features, against plain Keras through the frozen backbone, in one run."""

import argparse
import time
from typing import Any

import numpy as np

from cvlib.cli.progress import console
from cvlib.cli.result import Result
from cvlib.errors import SpecError
from cvlib.transfer import backbones, head, ready, splitting, tuning
from cvlib.transfer.project import Project

PLAIN_EPOCHS = 20
BATCH = 32


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    parser = commands.add_parser("bench-transfer", help="time a head on kept features against plain Keras")
    parser.add_argument("--data", default="faces", choices=list(ready.CATALOG), metavar="SET")
    parser.add_argument("--base", default="backbone/mobilenet_v2_035", choices=list(backbones.CATALOG), metavar="BASE")
    parser.add_argument("--classes", type=int, default=3, help="only the first so many classes")
    parser.add_argument("--per-class", type=int, default=30, help="pictures of each")
    parser.set_defaults(command=bench)


def bench(options: argparse.Namespace) -> Result:
    """Pictures to a judged head; the same after one more picture; plain `fit`; logistic regression of scikit-learn."""
    if options.classes < 2 or options.per_class < 4:
        raise SpecError("At least 2 classes with 4 pictures each are needed.")
    made = ready.CATALOG[options.data].load(options.per_class)
    images, labels, hashes = _first_classes(made, options.classes)
    held = splitting.hold_back(labels, hashes)
    model = backbones.load(options.base)
    count = int(labels.max()) + 1
    console().print("A head on kept features ...", markup=False)
    began = time.perf_counter()
    found = tuning.probabilities(model, images)
    learned, _ = head.train(found, labels, count, held=held)
    ours = _right(learned.probabilities(found[held]), labels[held])
    first = time.perf_counter() - began
    began = time.perf_counter()
    more = np.concatenate([found, tuning.probabilities(model, images[:1])])
    head.train(more, np.append(labels, labels[0]), count, held=np.append(held, False))
    again = time.perf_counter() - began
    console().print(f"Plain Keras, {PLAIN_EPOCHS} epochs through the frozen backbone ...", markup=False)
    plain_seconds, plain = _plain(model, images, labels, held, count)
    regression = _regression(found, labels, held)
    data = {
        "data": options.data,
        "base": options.base,
        "pictures": {"learned": int((~held).sum()), "held_back": int(held.sum())},
        "ours": {"seconds": first, "accuracy": ours},
        "one_more_picture_seconds": again,
        "plain": {"seconds": plain_seconds, "epochs": PLAIN_EPOCHS, "accuracy": plain},
        "ratio": plain_seconds / first,
        "scikit_learn_accuracy": regression,
    }
    return Result(
        data,
        f"{first:.1f} s to {ours:.3f}, {again:.2f} s with one more picture; plain Keras {plain_seconds:.1f} s to "
        f"{plain:.3f}: {data['ratio']:.1f} times as long. scikit-learn on the same features: {regression:.3f}.",
    )


def _first_classes(made: Project, count: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    kept = [picture for picture in made.pictures if picture.label < count]
    labels = np.array([picture.label for picture in kept], np.int64)
    return np.stack([picture.pixels for picture in kept]), labels, [picture.hash for picture in kept]


def _right(shares: np.ndarray, labels: np.ndarray) -> float:
    return float((shares.argmax(axis=1) == labels).mean())


def _plain(model: Any, images: np.ndarray, labels: np.ndarray, held: np.ndarray, count: int) -> tuple[float, float]:
    """What Keras' guide to transfer learning does: a dense layer on the frozen backbone, `compile` and `fit`."""
    import keras

    keras.utils.set_random_seed(0)
    began = time.perf_counter()
    model.trainable = False
    entry = keras.Input(model.input_shape[1:])
    whole = keras.Model(entry, keras.layers.Dense(count, "softmax")(model(entry, training=False)))
    whole.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    tested = (images[held], labels[held])
    whole.fit(
        images[~held], labels[~held], batch_size=BATCH, epochs=PLAIN_EPOCHS, validation_data=tested, verbose=0
    )  # fmt: skip
    seconds = time.perf_counter() - began
    return seconds, _right(whole.predict(images[held], verbose=0), labels[held])


def _regression(found: np.ndarray, labels: np.ndarray, held: np.ndarray) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    judge = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, class_weight="balanced", C=0.01))
    judge.fit(found[~held], labels[~held])
    return float(judge.score(found[held], labels[held]))
