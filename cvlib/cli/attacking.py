"""`bench-attack`: accuracy under attack, and what PGD costs, beside Foolbox where it is installed."""

import argparse
import time
from typing import Any

import numpy as np

from cvlib.cli.explaining import find
from cvlib.cli.progress import console
from cvlib.cli.result import Result
from cvlib.cli.timing import fastest
from cvlib.errors import SpecError

SHARES = (0.1, 0.2, 0.3)
"""Bounds as shares of the range of pixels."""
STEPS = 40


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    parser = commands.add_parser("bench-attack", help="accuracy under attack, and the cost of PGD")
    parser.add_argument("--network", required=True, help="a run's name (its beginning will do)")
    parser.add_argument("--pictures", type=int, default=500, help="the first so many test pictures")
    parser.set_defaults(command=bench)


def bench(options: argparse.Namespace) -> Result:
    """FGSM and PGD with several bounds on a run's test pictures; seconds of PGD beside bare passes and Foolbox."""
    from cvlib import adversarial
    from cvlib.engine import warm

    network = find(options.network)
    if network.run is None:
        raise SpecError("Only a network that was trained here has test pictures.")
    if options.pictures < 1:
        raise SpecError("At least one picture is needed.")
    test = warm.dataset(network.run.spec).test
    images, labels = test.images[: options.pictures], test.labels[: options.pictures]
    model = warm.model(network.name)
    under: dict[str, dict[str, float]] = {}
    for name, attack in (("fgsm", adversarial.fgsm), (f"pgd_{STEPS}", adversarial.pgd)):
        console().print(f"{name} ...", markup=False)
        under[name] = {
            f"{share:g}": 1 - float(attack(model, images, labels, epsilon=255 * share).success.mean())
            for share in SHARES
        }
    clean = float((model.predict(images, verbose=0).argmax(axis=1) == labels).mean())
    epsilon = 255 * SHARES[1]
    ours = fastest(lambda: adversarial.pgd(model, images, labels, epsilon=epsilon))
    bare = fastest(lambda: _passes(model, images, labels))
    foolbox = _foolbox(model, images, labels, epsilon)
    data = {
        "network": network.name,
        "title": network.title,
        "pictures": len(images),
        "clean": clean,
        "under_attack": under,
        "pgd_seconds": ours,
        "bare_passes_seconds": bare,
        "of_bare_passes": ours / bare,
        "foolbox": foolbox,
    }
    words = [f"{network.title}: {clean:.3f} without attack"]
    words += [f"{name}: {', '.join(f'{value:.3f} at {share}' for share, value in row.items())}"
              for name, row in under.items()]  # fmt: skip
    words.append(f"PGD with {STEPS} steps: {ours:.2f} s = {ours / bare:.2f} times {STEPS} passes forward and back.")
    if foolbox:
        words.append(f"Foolbox: {foolbox['seconds']:.2f} s, accuracy {foolbox['accuracy']:.3f}.")
    return Result(data, "\n".join(words))


def _passes(model: Any, images: np.ndarray, labels: np.ndarray) -> None:
    """So many passes forward and back as the attack has steps, and nothing else, in batches of the same size."""
    import tensorflow as tf

    from cvlib.adversarial import base
    from cvlib.explain.probe import probe

    network = probe(model)

    def gradient(pictures: Any, wanted: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pictures)
            logits = network.logits(pictures)
            loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits))
        return tape.gradient(loss, pictures)

    compiled = network.compiled(("bare",), gradient)
    for part in base.batches(images):
        pictures, wanted = tf.constant(images[part], tf.float32), tf.constant(labels[part])
        for _ in range(STEPS):
            compiled(pictures, wanted)


def _foolbox(model: Any, images: np.ndarray, labels: np.ndarray, epsilon: float) -> dict[str, float] | None:
    """The same attack by Foolbox; None where it is not installed."""
    try:
        import foolbox
    except ImportError:
        return None
    import tensorflow as tf

    from cvlib.explain.probe import probe

    console().print("Foolbox ...", markup=False)
    wrapped = foolbox.TensorFlowModel(probe(model).logits, bounds=(0, 255))
    attack = foolbox.attacks.LinfPGD(steps=STEPS, rel_stepsize=2.5 / STEPS, random_start=True)
    pictures, wanted = tf.constant(images, tf.float32), tf.constant(labels)
    began = time.perf_counter()
    *_, success = attack(wrapped, pictures, wanted, epsilons=epsilon)
    return {"seconds": time.perf_counter() - began, "accuracy": 1 - float(np.mean(success))}
