"""Training with augmentation: repeatable, anew in each epoch, labels and boxes and masks in step with the pictures."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from cvlib import augmentation, data, recipes, training
from cvlib.errors import SpecError
from cvlib.models.detectors.base import padded
from cvlib.spec import TrainingSpec
from cvlib.training import augmented, classifying, detecting, segmenting

TURN = recipes.augmentation("rotation:angle=-40..40")
MIRROR = recipes.augmentation("flip:direction=horizontal")
HALF = recipes.augmentation("flip:direction=horizontal,p=0.5")
MIXING = next(name for name, card in augmentation.CATALOG.items() if card.mixes and "mix" in name)
QUICK = TrainingSpec(model="softmax_regression", epochs=2, batch_size=32, train_size=100, learning_rate=0.02)


@pytest.fixture(scope="module")
def digits() -> data.Dataset:
    return classifying.load(QUICK)


def drawn(spec: TrainingSpec, dataset: data.Dataset, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    stream = classifying.training_batches(spec, dataset.train, None).take(count)
    return [(images.numpy(), labels.numpy()) for images, labels in stream]


def test_the_same_specification_gives_the_same_model(digits: data.Dataset) -> None:
    spec = QUICK.replace(augmentation=TURN)
    one, other = training.train(spec, dataset=digits), training.train(spec, dataset=digits)
    for first, second in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    plain = training.train(QUICK, dataset=digits)
    assert any((a != b).any() for a, b in zip(one.model.get_weights(), plain.model.get_weights(), strict=True))


def test_every_epoch_has_each_picture_once_and_changes_it_anew(digits: data.Dataset) -> None:
    steps = 4
    batches = drawn(QUICK.replace(augmentation=TURN), digits, 2 * steps)
    epochs = [batches[:steps], batches[steps:]]
    assert [len(images) for images, _ in epochs[0]] == [32, 32, 32, 4]
    for epoch in epochs:
        labels = np.concatenate([labels for _, labels in epoch])
        np.testing.assert_array_equal(np.sort(labels), np.sort(digits.train.labels))
    one, other = (np.sort(np.concatenate([images.sum((1, 2, 3)) for images, _ in epoch])) for epoch in epochs)
    assert not np.allclose(one, other)


def test_pictures_keep_their_labels(digits: data.Dataset) -> None:
    mirrored = {image.tobytes(): label for image, label in zip(digits.train.images[:, :, ::-1], digits.train.labels,
                                                               strict=True)}  # fmt: skip
    for images, labels in drawn(QUICK.replace(augmentation=MIRROR), digits, 4):
        assert [mirrored[image.astype(np.uint8).tobytes()] for image in images] == labels.tolist()


def test_validation_pictures_are_left_alone(digits: data.Dataset) -> None:
    spec = QUICK.replace(augmentation=MIRROR, epochs=1)
    trained = training.train(spec, dataset=digits)
    model = trained.model
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    _, accuracy = model.evaluate(digits.validation.images, digits.validation.labels, verbose=0)
    assert trained.history["val_accuracy"][-1] == pytest.approx(accuracy, abs=1e-6)


def test_mixed_pictures_have_mixed_labels(digits: data.Dataset) -> None:
    spec = QUICK.replace(augmentation=recipes.augmentation(MIXING))
    for _, labels in classifying.training_batches(spec, digits.train, 10).take(3):
        assert labels.shape[1] == 10
        np.testing.assert_allclose(labels.numpy().sum(1), 1, atol=1e-5)
        assert ((labels.numpy() > 0.02) & (labels.numpy() < 0.98)).any()
    trained = training.train(spec.replace(epochs=20), dataset=digits)
    assert trained.metrics["accuracy"] > 0.6
    assert trained.history.keys() == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}


def test_adversarial_training_takes_augmented_pictures(digits: data.Dataset) -> None:
    spec = QUICK.replace(augmentation=TURN, adversarial="fgsm", epsilon=4)
    assert training.train(spec, dataset=digits).metrics["accuracy"] > 0.15
    with pytest.raises(SpecError, match="mixes none"):
        training.train(spec.replace(augmentation=recipes.augmentation(MIXING)), dataset=digits)


@pytest.mark.parametrize("name", augmentation.CATALOG)
def test_every_transform_works_in_a_training(name: str) -> None:
    card = augmentation.info(name)
    images = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), np.uint8)
    masks = np.zeros((6, 32, 32), np.uint8)
    masks[:, 8:20, 8:20] = 1
    boxes = {"boxes": np.full((6, 1, 4), (8, 8, 20, 20), np.float32), "labels": np.ones((6, 1), np.int32)}
    spec = QUICK.replace(augmentation=recipes.augmentation(name), batch_size=4)
    labels = np.eye(3, dtype=np.float32)[np.arange(6) % 3]

    def batches(truth: object) -> tf.data.Dataset:
        return tf.data.Dataset.from_tensor_slices((images, truth)).batch(4)

    for made, shares in augmented.classified(batches(labels), spec):
        assert made.dtype == tf.float32 and made.shape[1:] == (32, 32, 3)
        assert float(tf.reduce_min(made)) >= 0 and float(tf.reduce_max(made)) <= 255
        np.testing.assert_allclose(shares.numpy().sum(1), 1, atol=1e-5)
    if "masks" in card.carries:
        for made, mask in augmented.segmented(batches(masks), spec):
            assert made.shape[1:] == (32, 32, 3) and mask.dtype == tf.uint8
            assert set(np.unique(mask)) <= {0, 1, 255}
    if "boxes" in card.carries:
        for _, truth in augmented.detected(batches(boxes), spec):
            there = truth["labels"].numpy() >= 0
            sides = truth["boxes"].numpy()[there].reshape(-1, 2, 2)
            assert truth["boxes"].dtype == tf.float32 and set(np.unique(truth["labels"])) <= {-1, 1}
            assert (
                ((sides[:, 1] - sides[:, 0]) >= augmented.LEAST_PX).all() and (sides >= 0).all() and (sides <= 32).all()
            )


def scene() -> data.Split:
    """Four pictures with one bright rectangle each, a box around it and a mask of it."""
    images, masks, boxes = np.zeros((4, 32, 40, 3), np.uint8), np.zeros((4, 32, 40), np.uint8), []
    for place, (left, top, right, bottom) in enumerate(
        [(2, 3, 12, 9), (20, 20, 39, 31), (0, 0, 8, 8), (30, 2, 34, 30)]
    ):
        images[place, top:bottom, left:right], masks[place, top:bottom, left:right] = 200, 1
        boxes.append(np.array([[left, top, right, bottom]], np.float32))
    masks[0, 30:, :] = 255
    return data.Split(
        images=images, labels=np.zeros(4, np.int64), ids=np.arange(4), masks=masks, boxes_xyxy=tuple(boxes),
        box_labels=tuple(np.zeros(1, np.int64) for _ in boxes),
    )  # fmt: skip


def bright(image: np.ndarray) -> np.ndarray:
    """xyxy around what is bright."""
    rows, columns = np.nonzero(image[..., 0] > 100)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)


@pytest.mark.parametrize("text", [MIRROR, HALF, recipes.augmentation("flip:direction=both,p=0.5")])
def test_boxes_and_masks_move_along(text: str) -> None:
    split, spec = scene(), QUICK.replace(augmentation=text, batch_size=4)
    targets = padded(split.boxes_xyxy, split.box_labels)
    plain = tf.data.Dataset.from_tensors((split.images, targets))
    for images, truth in augmented.detected(plain.repeat(3), spec):
        for image, box in zip(images.numpy(), truth["boxes"].numpy()[:, 0], strict=True):
            np.testing.assert_array_equal(box, bright(image))
    for images, masks in augmented.segmented(segmenting.shuffled(split.images, split.masks, 4, 0), spec):
        np.testing.assert_array_equal(images.numpy()[..., 0] > 100, masks.numpy() == 1)
        assert (masks.numpy() == 255).sum() == 80


def test_pictures_that_stay_in_place_keep_their_exact_boxes() -> None:
    spec = QUICK.replace(augmentation=recipes.augmentation("brightness"))
    boxes = {"boxes": np.array([[[1.3, 2.7, 8.9, 9.1]]], np.float32), "labels": np.array([[0]], np.int32)}
    images = np.full((1, 16, 16, 3), 90, np.uint8)
    ((_, truth),) = augmented.detected(tf.data.Dataset.from_tensors((images, boxes)), spec)
    np.testing.assert_array_equal(truth["boxes"], boxes["boxes"])


def test_what_has_left_the_picture_is_no_box_any_more() -> None:
    spec = QUICK.replace(augmentation=recipes.augmentation("translation:x=45..45,y=0..0,fill=constant"))
    boxes = {"boxes": np.array([[[12, 2, 18, 9], [1, 1, 6, 6]]], np.float32), "labels": np.array([[1, 2]], np.int32)}
    images = np.zeros((1, 20, 20, 3), np.uint8)
    ((_, truth),) = augmented.detected(tf.data.Dataset.from_tensors((images, boxes)), spec)
    assert truth["labels"].numpy().tolist() == [[-1, 2]]
    np.testing.assert_array_equal(truth["boxes"].numpy()[0, 0], 0)


@pytest.mark.parametrize(("data_name", "model"), [("shapes", "centernet"), ("street", "unet")])
def test_detectors_and_segmenters_learn_augmented(data_name: str, model: str) -> None:
    spec = recipes.recommended(
        data_name, model, image_size=64, train_size=16, epochs=1, batch_size=8, augmentation=HALF
    )
    student = {"centernet": detecting, "unet": segmenting}[model]
    whole = student.load(spec)
    few = data.Dataset(
        name=whole.name, title=whole.title, class_names=whole.class_names, licence=whole.licence, source=whole.source,
        train=whole.train, validation=whole.validation.take(range(4)), test=whole.test.take(range(4)),
    )  # fmt: skip
    assert np.isfinite(training.train(spec, dataset=few).history["loss"]).all()


@pytest.mark.parametrize(("steps", "most", "taken"), [(1, 16, 1), (4, 16, 4), (43, 16, 1), (42, 16, 14), (100, 1, 1)])
def test_an_epoch_is_a_whole_number_of_executions(steps: int, most: int, taken: int) -> None:
    assert augmented.at_once(steps, most) == taken


def test_an_augmented_training_reports_all_of_its_steps(digits: data.Dataset) -> None:
    iterations: list[int] = []
    built = classifying.Classifier(QUICK.replace(augmentation=TURN), digits)
    history, stopped = built.learn(lambda event: iterations.append(event.get("epoch", 0)), lambda: False)
    assert stopped is None and len(history["val_accuracy"]) == QUICK.epochs and max(iterations) == QUICK.epochs
    assert isinstance(built.model, keras.Model)


def test_the_script_of_an_augmented_training_says_what_it_leaves_out(digits: data.Dataset) -> None:
    built = classifying.Classifier(QUICK, digits).model
    script = training.as_script(built, QUICK.replace(augmentation=f"{TURN};{HALF}"), 100)
    compile(script, "script", "exec")
    assert TURN in script and HALF in script and "with the pictures as they are" in script
    assert "as they are" not in training.as_script(built, QUICK, 100)


def test_a_box_that_was_thin_before_is_learned_all_the_same() -> None:
    boxes = np.float32([[[2, 2, 3.4, 9], [4, 4, 12, 12]]])
    given = {"boxes": boxes, "labels": np.int32([[0, 1]])}
    still = QUICK.replace(augmentation=recipes.augmentation("rotation:angle=0..0"))
    given = tf.data.Dataset.from_tensors((np.zeros((1, 16, 16, 3), np.uint8), given))
    [(_, truth)] = augmented.detected(given, still)
    assert truth["labels"].numpy().tolist() == [[0, 1]]
    away = QUICK.replace(augmentation=recipes.augmentation("translation:x=-20..-20,y=0..0"))  # 3.2 pixels
    [(_, truth)] = augmented.detected(given, away)
    assert truth["labels"].numpy().tolist() == [[-1, 1]]
