"""Where cells look, against the gradients of networks whose weights are all one."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib.explain import receptive
from cvlib.explain.probe import probe

# No 1 x 1 kernels with stride 2: TensorFlow 2.21 on a CPU overruns its memory in their gradient for so few channels.
KERNEL_AND_STRIDE = st.sampled_from([(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (5, 1), (5, 2)])
LAYER = st.tuples(KERNEL_AND_STRIDE, st.sampled_from(["same", "valid"]))


def centre_of(model: keras.Model, size: int, cell: tuple[int, int]) -> tuple[float, float]:
    """Middle of the part of the picture that one cell depends on, by the gradient."""
    picture = tf.ones((1, size, size, 1))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(picture)
        value = model(picture)[0, cell[0], cell[1], 0]
    rows, columns = np.nonzero(tape.gradient(value, picture).numpy()[0, ..., 0])
    return (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2


@settings(deadline=None, max_examples=25)
@given(st.lists(LAYER, min_size=1, max_size=3), st.sampled_from([40, 41]))
def test_the_centres_are_those_of_the_gradients(layers: list[tuple[tuple[int, int], str]], size: int) -> None:
    inputs = features = keras.Input((size, size, 1))
    for (kernel, stride), padding in layers:
        features = keras.layers.Conv2D(1, kernel, strides=stride, padding=padding, kernel_initializer="ones")(features)
    model = keras.Model(inputs, features)
    last = probe(model).last_spatial
    cell = (last.height // 2, last.width // 2)
    rows, columns = (axis.centres(cells) for axis, cells in zip(last.axes, (last.height, last.width), strict=True))
    assert (rows[cell[0]], columns[cell[1]]) == centre_of(model, size, cell)


def test_padding_cropping_pooling_and_growing_move_the_centres() -> None:
    inputs = keras.Input((32, 32, 1))
    features = keras.layers.ZeroPadding2D(((0, 1), (2, 3)))(inputs)
    features = keras.layers.Conv2D(1, 3, strides=2, kernel_initializer="ones")(features)
    features = keras.layers.Cropping2D(((1, 0), (0, 0)))(features)
    features = keras.layers.AveragePooling2D(2)(features)
    features = keras.layers.DepthwiseConv2D(3, padding="same", dilation_rate=2, depthwise_initializer="ones")(features)
    model = keras.Model(inputs, features)
    last = probe(model).last_spatial
    assert (last.axes[0].start + 3 * last.axes[0].stride, last.axes[1].start + 4 * last.axes[1].stride) == centre_of(
        model, 32, (3, 4)
    )
    grown = keras.Model(inputs, keras.layers.UpSampling2D(2)(features))
    fine = probe(grown).last_spatial.axes[0]
    assert fine.stride == last.axes[0].stride / 2
    assert (fine.centres(4)[0] + fine.centres(4)[1]) / 2 == last.axes[0].start


def test_ways_around_are_joined_in_the_middle() -> None:
    inputs = keras.Input((32, 32, 1))
    one = keras.layers.Conv2D(1, 3, strides=2, padding="same")(inputs)
    other = keras.layers.Conv2D(1, 1, strides=2, padding="same")(inputs)
    axis = probe(keras.Model(inputs, keras.layers.Add()([one, other]))).last_spatial.axes[0]
    assert (axis.start, axis.stride) == (0.5, 2.0)


def test_a_map_is_laid_where_its_cells_look() -> None:
    small = np.array([[0.0, 0.0], [0.0, 4.0]])
    large = receptive.laid_over(small, (receptive.Axis(1, 4), receptive.Axis(2, 4)), (8, 9))
    assert large.shape == (8, 9) and large[5, 6] == 4 == large[7, 8] and large[3, 6] == 2 and large[5, 4] == 2
    assert large[0, 0] == 0


@pytest.mark.parametrize("size", [(1, 1), (3, 5)])
def test_an_even_map_stays_even(size: tuple[int, int]) -> None:
    large = receptive.laid_over(np.ones(size), receptive.stretched(size, (12, 20)), (12, 20))
    np.testing.assert_array_equal(large, np.ones((12, 20), np.float32))
