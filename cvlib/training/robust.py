"""Adversarial training: the network learns from pictures that were just made to fool it.

A. Madry et al., "Towards deep learning models resistant to adversarial attacks", 2018 (PGD with 7 steps);
E. Wong, L. Rice, Z. Kolter, "Fast is better than free: revisiting adversarial training", 2020 (FGSM from a random
start, with a step of 1.25 epsilon).
"""

from typing import Any

from cvlib import lazy
from cvlib.spec import TrainingSpec

keras = lazy.load("keras")
tf = lazy.load("tensorflow")

STEPS = {"fgsm": (1, 1.25), "pgd": (7, 0.25)}
"""Number of steps, and their size as a share of epsilon."""


WARM_UP = 0.5
"""Epsilon grows from 0 over this share of all steps: with the full one from the start, large ones are never learned."""


def trainer(model: Any, spec: TrainingSpec, steps: int) -> Any:
    """What is compiled and fitted to train this model: itself, or its adversarial trainer.

    Args:
        model: to be trained.
        spec: how.
        steps: of the whole training.
    """
    return model if spec.adversarial == "none" else adversarial_trainer(model, **settings(spec, steps))


def settings(spec: TrainingSpec, steps: int) -> dict[str, Any]:
    """What `adversarial_trainer` is called with."""
    count, share = STEPS[spec.adversarial]
    return {
        "epsilon": spec.epsilon,
        "count": count,
        "step_size": share * spec.epsilon,
        "warm_up": max(1, round(WARM_UP * steps)),
    }


def adversarial_trainer(model, epsilon, count, step_size, warm_up):
    """A Keras model that shares its layers with `model` and learns from attacked pictures.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        epsilon: L-infinity bound of the attack in pixel values.
        count: its steps.
        step_size: in pixel values.
        warm_up: steps of the training over which both grow from 0.
    """

    class AdversarialTrainer(keras.Model):
        def train_step(self, data):
            images, labels = data
            origin = tf.cast(images, "float32")
            strength = tf.minimum(1.0, tf.cast(self.optimizer.iterations, "float32") / warm_up)
            bound = strength * epsilon
            attacked = origin + bound * tf.random.uniform(tf.shape(origin), -1.0, 1.0)
            for _ in range(count):
                attacked = tf.clip_by_value(attacked, 0.0, 255.0)
                with tf.GradientTape(watch_accessed_variables=False) as tape:
                    tape.watch(attacked)
                    shares = tf.cast(self(attacked, training=False), "float32")
                    loss = keras.losses.sparse_categorical_crossentropy(labels, shares)
                attacked += strength * step_size * tf.sign(tape.gradient(loss, attacked))
                attacked = tf.clip_by_value(attacked, origin - bound, origin + bound)
            return super().train_step((tf.clip_by_value(attacked, 0.0, 255.0), labels))

    return AdversarialTrainer(model.inputs, model.outputs[0])
