"""All variables of a network as one vector, so that an optimiser has one thing to update.

A Keras optimiser adds about 20 operations a variable to the graph of a training step. In a detector of 180 variables
those take as long to prepare as the rest of the way back. What an optimiser does to each number does not depend on the
others, so that the result is the same.
"""

from collections.abc import Sequence
from typing import Any

from cvlib import lazy

keras = lazy.load("keras")
tf = lazy.load("tensorflow")


class FlatVariables:
    """Variables that are updated as one.

    The vector is filled once: nothing else may change the variables between two updates.

    Attributes:
        vector: the Keras variable that the optimiser is built for.

    Args:
        variables: float32 Keras variables.
    """

    def __init__(self, variables: Sequence[Any]) -> None:
        self.variables = list(variables)
        self.vector = keras.Variable(_joined([variable.value for variable in self.variables]), name="flat")

    def update(self, optimizer: Any, gradients: Sequence[Any]) -> None:
        """One step of an optimiser.

        Args:
            optimizer: of Keras, built for `[vector]`; one that treats all numbers alike.
            gradients: one a variable, None where the loss does not depend on it.
        """
        pairs = zip(gradients, self.variables, strict=True)
        known = [tf.zeros(variable.shape) if gradient is None else gradient for gradient, variable in pairs]
        optimizer.apply([_joined(known)], [self.vector])
        parts = tf.split(self.vector.value, [variable.shape.num_elements() for variable in self.variables])
        for variable, part in zip(self.variables, parts, strict=True):
            variable.value.assign(tf.reshape(part, variable.shape))


def _joined(tensors: Sequence[Any]) -> Any:
    return tf.concat([tf.reshape(tensor, [-1]) for tensor in tensors], axis=0)
