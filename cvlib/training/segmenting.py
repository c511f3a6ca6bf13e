"""How a network for segmentation is trained."""

from collections.abc import Callable
from typing import Any

import numpy as np

from cvlib import device, lazy, models
from cvlib.data import Dataset, Split
from cvlib.data.scene_sets import load_scenes
from cvlib.spec import TrainingSpec
from cvlib.tasks import segmentation
from cvlib.training import augmented, precision, segmentation_losses
from cvlib.training.flat_trainer import trainer
from cvlib.training.pace import steps_per_execution
from cvlib.training.progress import Progress, Report, Stopped, keras_callback
from cvlib.training.schedule import optimizer
from cvlib.training.trained import History, Judged

tf = lazy.load("tensorflow")
keras = lazy.load("keras")


def load(spec: TrainingSpec) -> Dataset:
    """The pictures with masks that a specification trains and tests with."""
    return load_scenes(
        spec.data, seed=spec.split_seed, image_size=spec.image_size, train_size=spec.train_size, masks=True
    )


def built(spec: TrainingSpec, input_shape: tuple[int, int, int], num_classes: int) -> tuple[Any, str]:
    """The untrained network under the dtype policy that suits it and the device, and that policy."""

    def build() -> Any:
        return models.build_segmenter(spec.model, input_shape=input_shape, num_classes=num_classes, skips=spec.skips)

    return precision.built(spec, build)


class SegmenterStudent:
    """See `cvlib.training.trained.Student`."""

    def __init__(self, spec: TrainingSpec, dataset: Dataset) -> None:
        self.spec, self.dataset = spec, dataset
        self.num_classes = len(dataset.class_names)
        self.model, self.precision = built(spec, dataset.train.images.shape[1:], self.num_classes)

    def learn(self, report: Report, cancelled: Callable[[], bool]) -> tuple[History, dict[str, Any] | None]:
        """See `Student`."""
        report({"kind": "phase", "phase": "preparing the first step"})
        spec, train = self.spec, self.dataset.train
        steps = max(1, len(train) // spec.batch_size)
        progress = Progress(spec, steps, report, cancelled, prepares=True)
        try:
            self.compiled(steps).fit(
                self.batches(train, spec.seed),
                epochs=spec.epochs,
                shuffle=False,
                validation_data=self.batches(self.dataset.validation, None) if len(self.dataset.validation) else None,
                callbacks=[keras_callback(progress)],
                verbose=0,
            )
        except Stopped:
            return progress.history, {"epoch": progress.epoch + 1, "reason": "cancelled"}
        return progress.history, None

    def compiled(self, steps: int) -> Any:
        """The trainer, ready to be fitted for so many steps an epoch."""
        logits = keras.Model(self.model.inputs, self.model.get_layer("logits").output)
        loss = segmentation_losses.of(self.spec.loss, self.dataset.train.masks, self.num_classes)
        learner = trainer(logits, loss, _miou(self.num_classes))
        learner.compile(
            optimizer=optimizer(self.spec, steps * self.spec.epochs),
            jit_compile=device.compiles(),
            steps_per_execution=steps_per_execution(device.work_of(self.model) * self.spec.batch_size, steps),
        )
        # With its variables made beforehand TensorFlow need not trace the first step twice.
        learner.optimizer.build([learner.flat.vector])
        return learner

    def batches(self, split: Split, seed: int | None) -> Any:
        """The pictures of a split with their masks, shuffled and augmented or mirrored by chance if there is a seed."""
        if seed is not None and self.spec.augmentation:
            plain = shuffled(split.images, split.masks, self.spec.batch_size, seed)
            return augmented.segmented(plain, self.spec).prefetch(2)
        return batched(split.images, split.masks, self.spec.batch_size, seed)

    def judged(self) -> Judged:
        """See `Student`."""
        model, test = self.judged_model(), self.dataset.test
        judged = segmentation.answers(model, test.images, test.masks, self.num_classes)
        return Judged(model, segmentation.metrics(judged), segmentation.pack(judged))

    def judged_model(self) -> Any:
        """The network with its weights in float32, so that it can be used anywhere."""
        spec, shape = self.spec.replace(precision="float32"), self.dataset.train.images.shape[1:]
        plain, _ = built(spec, shape, self.num_classes)
        plain.set_weights(self.model.get_weights())
        return plain


def batched(images: np.ndarray, masks: np.ndarray, batch_size: int, seed: int | None) -> Any:
    """A tf.data pipeline of (pictures, masks); half of them left to right, for what a thing is does not change.

    Args:
        images: uint8 (N, H, W, 3).
        masks: uint8 (N, H, W).
        batch_size: pictures a step.
        seed: of the order and the mirroring; None for validation.
    """
    count = len(images)
    if seed is None:
        both = tf.data.Dataset.from_tensor_slices((images, masks))
        return both.batch(batch_size).prefetch(2)
    # Mirrored beforehand: turning a picture around anew for each step would cost a tenth of the step.
    pictures = tf.constant(np.concatenate([images, images[:, :, ::-1]]))
    truth = tf.constant(np.concatenate([masks, masks[:, :, ::-1]]))
    order = tf.data.Dataset.range(count).shuffle(count, seed=seed, reshuffle_each_iteration=True)

    def gather(places: Any) -> tuple[Any, Any]:
        mirrored = tf.random.uniform(tf.shape(places), maxval=2, dtype=tf.int64, seed=seed)
        chosen = places + count * mirrored
        return tf.gather(pictures, chosen), tf.gather(truth, chosen)

    return order.batch(batch_size, drop_remainder=count >= batch_size).map(gather).prefetch(2)


def shuffled(images: np.ndarray, masks: np.ndarray, batch_size: int, seed: int) -> Any:
    """`batched` without mirroring and read-ahead: what a pipeline begins with."""
    pictures, truth, count = tf.constant(images), tf.constant(masks), len(images)
    order = tf.data.Dataset.range(count).shuffle(count, seed=seed, reshuffle_each_iteration=True)
    whole = order.batch(batch_size, drop_remainder=count >= batch_size)
    return whole.map(lambda places: (tf.gather(pictures, places), tf.gather(truth, places)))


def _miou(num_classes: int) -> Any:
    """Keras' mean IoU, of logits and masks."""
    return keras.metrics.MeanIoU(
        num_classes, name="miou", ignore_class=segmentation.IGNORE, sparse_y_true=True, sparse_y_pred=False
    )
