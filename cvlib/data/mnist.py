"""MNIST, 70,000 handwritten digits: the data set on which convolutional networks were introduced.

Reference:
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), Gradient-Based Learning Applied to Document Recognition,
    Proceedings of the IEEE 86(11).
"""

from cvlib.data.base import DatasetInfo
from cvlib.data.keras_datasets import KerasSet

MNIST = KerasSet(
    name="mnist",
    title="MNIST",
    image_shape=(28, 28, 1),
    num_classes=10,
    host="storage.googleapis.com",
    cached=("mnist.npz",),
    npz="mnist.npz",
)

INFO = DatasetInfo(
    name="mnist",
    title="MNIST digits (28×28)",
    description="70,000 handwritten digits, the best known data set of the field.",
    licence="CC BY-SA 3.0",
    source="https://doi.org/10.1109/5.726791",
    class_names=tuple("0123456789"),
    image_shape=MNIST.image_shape,
    train_count=55_000,
    test_count=10_000,
    light_on_dark=True,
    centre_digit=True,
    open_pool=MNIST.open_pool,
    available=MNIST.available,
    always_here=False,
)
