"""Every network in the catalogue keeps its promises."""

from pathlib import Path

import keras
import numpy as np
import pytest

from cvlib import models
from cvlib.errors import UnknownName

SHAPES = [(8, 8, 1), (28, 28, 1), (25, 25, 1), (33, 47, 3)]


def pictures(shape: tuple[int, int, int], count: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", models.CATALOG)
def test_pictures_in_probabilities_out(name: str, shape: tuple[int, int, int]) -> None:
    model = models.build(name, input_shape=shape, num_classes=5, dropout=0.3, l2=1e-4)
    shares = np.asarray(model.predict_on_batch(pictures(shape)))
    assert shares.shape == (3, 5) and shares.dtype == np.float32
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert model.get_layer("logits") and model.get_layer("probabilities")


@pytest.mark.parametrize("name", models.CATALOG)
def test_it_survives_save_and_load(name: str, tmp_path: Path) -> None:
    model = models.build(name, input_shape=(16, 16, 3), num_classes=4)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    images = pictures((16, 16, 3))
    np.testing.assert_array_equal(model.predict_on_batch(images), again.predict_on_batch(images))


@pytest.mark.parametrize("name", models.CATALOG)
def test_the_seed_decides_the_first_weights(name: str) -> None:
    def weights(seed: int) -> np.ndarray:
        keras.utils.set_random_seed(seed)
        return np.concatenate(
            [w.ravel() for w in models.build(name, input_shape=(8, 8, 1), num_classes=3).get_weights()]
        )

    assert (weights(1) == weights(1)).all() and (weights(1) != weights(2)).any()


@pytest.mark.parametrize("name", models.CATALOG)
def test_dropout_and_penalty_reach_the_network(name: str) -> None:
    plain = models.build(name, input_shape=(8, 8, 1), num_classes=3)
    regular = models.build(name, input_shape=(8, 8, 1), num_classes=3, dropout=0.5, l2=0.1)
    assert not plain.losses and regular.losses
    kinds = [type(layer).__name__ for layer in regular.layers]
    assert "Dropout" in kinds and "Dropout" not in [type(layer).__name__ for layer in plain.layers]


@pytest.mark.parametrize("name", models.CATALOG)
def test_its_card_names_its_source(name: str) -> None:
    card = models.info(name)
    assert str(card.year) in card.paper and card.title and card.description.endswith(".")


def test_an_unknown_name_lists_the_choices() -> None:
    with pytest.raises(UnknownName, match="lenet"):
        models.info("alexnet")


@pytest.mark.parametrize(
    ("name", "shape", "count"),
    [
        ("softmax_regression", (28, 28, 1), 7_850),
        ("mlp", (28, 28, 1), 784 * 128 + 128 + 1_290),
        # 5x5x1x16+16, 5x5x16x32+32, 4x4x32x120+120, 120x84+84, 84x10+10
        ("lenet", (28, 28, 1), 416 + 12_832 + 61_560 + 10_164 + 850),
    ],
)
def test_parameters_counted_by_hand(name: str, shape: tuple[int, int, int], count: int) -> None:
    assert models.build(name, input_shape=shape, num_classes=10).count_params() == count


@pytest.mark.parametrize(("name", "layers"), [("resnet", 8), ("resnet14", 14), ("resnet20", 20)])
def test_a_resnet_is_as_deep_as_its_name(name: str, layers: int) -> None:
    model = models.build(name, input_shape=(32, 32, 3), num_classes=10)
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert sum("around" not in layer.name for layer in convolutions) + 1 == layers


@pytest.mark.parametrize("depth", [2, 9, 0])
def test_a_resnet_of_another_depth_is_refused(depth: int) -> None:
    from cvlib.models import resnet

    with pytest.raises(ValueError, match="depth must be 8, 14, 20"):
        resnet.build((32, 32, 3), 10, depth=depth)
