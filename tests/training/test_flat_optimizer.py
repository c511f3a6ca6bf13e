"""What is updated as one vector ends where Keras' own updates end."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cvlib.training.flat_optimizer import FlatVariables

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(0.01),
    "adamw": lambda: keras.optimizers.AdamW(0.01),
    "sgd": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.01),
}
STEPS = 20


def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )


def gradients(model: keras.Model) -> list[tf.Tensor]:
    images = tf.random.stateless_normal((16, 8, 8, 1), (0, 0))
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(images, training=True) - 1.0) ** 2)
    return tape.gradient(loss, model.trainable_variables)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_same_weights_as_with_keras(name: str) -> None:
    usual, flat = network(), network()
    one, other = OPTIMIZERS[name](), OPTIMIZERS[name]()
    together = FlatVariables(flat.trainable_variables)
    for _ in range(STEPS):
        one.apply(gradients(usual), usual.trainable_variables)
        together.update(other, gradients(flat))
    for expected, found in zip(usual.get_weights(), flat.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_the_loss_does_not_depend_on_stays() -> None:
    used, unused = keras.Variable([1.0, 2.0]), keras.Variable([[3.0]])
    together = FlatVariables([used, unused])
    together.update(keras.optimizers.SGD(0.5), [tf.constant([1.0, 1.0]), None])
    np.testing.assert_allclose(used, [0.5, 1.5])
    np.testing.assert_allclose(unused, [[3.0]])
