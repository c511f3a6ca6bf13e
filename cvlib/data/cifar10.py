"""CIFAR-10, 60,000 small colour photos of ten kinds of things.

Reference:
    A. Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images, technical report,
    University of Toronto.
"""

from cvlib.data.base import DatasetInfo
from cvlib.data.keras_datasets import KerasSet

CIFAR10 = KerasSet(
    name="cifar10",
    title="CIFAR-10",
    image_shape=(32, 32, 3),
    num_classes=10,
    host="www.cs.toronto.edu",
    cached=("cifar-10-batches-py-target_archive",),
)

INFO = DatasetInfo(
    name="cifar10",
    title="CIFAR-10 photos (32×32)",
    description="60,000 small colour photos of animals and vehicles: the classic test for convolutional networks.",
    licence="None stated by its authors; free for research and teaching by custom",
    source="https://www.cs.toronto.edu/~kriz/cifar.html",
    class_names=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    image_shape=CIFAR10.image_shape,
    train_count=45_000,
    test_count=10_000,
    open_pool=CIFAR10.open_pool,
    available=CIFAR10.available,
    always_here=False,
)
