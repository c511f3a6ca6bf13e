"""Where a pipeline's random numbers come from: named draws from one seed, the same in a page and in a training."""

import zlib
from typing import Any

from cvlib import lazy
from cvlib.augmentation.batch import Batch

tf = lazy.load("tensorflow")


class Chance:
    """Random numbers without a state: the same seed and name give the same numbers (J. Salmon et al., 2011: Philox).

    Args:
        seed: int32 (2,).
        pool: pictures to mix with, of the same shape, and with all that the batch has; None mixes a batch with itself.
    """

    def __init__(self, seed: Any, pool: Batch | None = None) -> None:
        self.seed = tf.cast(seed, tf.int32)
        self.pool = pool

    def at(self, name: str | int) -> "Chance":
        """A source of its own under this name."""
        number = name if isinstance(name, int) else zlib.crc32(name.encode()) & 0x7FFFFFFF
        return Chance(tf.random.experimental.stateless_fold_in(self.seed, number), self.pool)

    def uniform(self, name: str, shape: Any, low: Any = 0.0, high: Any = 1.0) -> Any:
        """float32 of this shape, evenly from `low` to `high`."""
        return low + (high - low) * tf.random.stateless_uniform(shape, self.at(name).seed)

    def normal(self, name: str, shape: Any) -> Any:
        """float32 of this shape, mean 0, standard deviation 1."""
        return tf.random.stateless_normal(shape, self.at(name).seed)

    def whole(self, name: str, shape: Any, count: Any) -> Any:
        """int32 of this shape, 0 to `count` - 1."""
        drawn = tf.random.stateless_uniform(shape, self.at(name).seed)
        return tf.minimum(tf.cast(drawn * tf.cast(count, tf.float32), tf.int32), count - 1)

    def beta(self, name: str, shape: Any, alpha: Any) -> Any:
        """float32 of this shape from the Beta(alpha, alpha) distribution; `alpha` broadcasts to it."""
        one, two = (tf.random.stateless_gamma(shape, self.at(f"{name}.{part}").seed, alpha) for part in "ab")
        return one / tf.maximum(one + two, 1e-12)

    def others(self, batch: Batch, name: str = "others") -> Batch:
        """A picture to mix with for each of the batch: from the pool, else another one of the batch."""
        count = tf.shape(batch.images)[0]
        if self.pool is None:
            step = 1 + self.whole(name, [1], tf.maximum(count - 1, 1))
            return batch.gather((tf.range(count) + step) % count)
        return self.pool.gather(self.whole(name, [count], tf.shape(self.pool.images)[0]))
