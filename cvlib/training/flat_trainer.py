"""A Keras model that is fitted with a loss of its own and updated as one vector."""

from collections.abc import Callable
from typing import Any

from cvlib import lazy
from cvlib.training.flat_optimizer import FlatVariables

tf = lazy.load("tensorflow")
keras = lazy.load("keras")


def trainer(network: Any, loss: Callable[[Any, Any], Any], judge: Any = None) -> Any:
    """The model that is compiled and fitted: it shares its layers with the network.

    Args:
        network: pictures to its answers.
        loss: `loss(answers, targets)` of a batch, a scalar.
        judge: a Keras metric that takes the targets and the answers of validation batches.
    """

    class Trainer(keras.Model):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.mean_loss = keras.metrics.Mean(name="loss")
            self.judge = judge
            self.flat = FlatVariables(self.trainable_variables)

        @property
        def metrics(self) -> list[Any]:
            return [self.mean_loss, *([self.judge] if self.judge else [])]

        def train_step(self, data: Any) -> dict[str, Any]:
            images, targets, _ = keras.utils.unpack_x_y_sample_weight(data)
            with tf.GradientTape() as tape:
                value = loss(self(images, training=True), targets)
            self.flat.update(self.optimizer, tape.gradient(value, self.flat.variables))
            return self._noted(value)

        def test_step(self, data: Any) -> dict[str, Any]:
            images, targets, _ = keras.utils.unpack_x_y_sample_weight(data)
            found = self(images, training=False)
            noted = self._noted(loss(found, targets))
            if self.judge is None:
                return noted
            self.judge.update_state(targets, found)
            return {**noted, self.judge.name: self.judge.result()}

        def _noted(self, value: Any) -> dict[str, Any]:
            self.mean_loss.update_state(value)
            return {"loss": self.mean_loss.result()}

    return Trainer(network.inputs, network.outputs[0])
