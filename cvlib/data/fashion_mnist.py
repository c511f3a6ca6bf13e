"""Fashion-MNIST, 70,000 photos of garments in MNIST's format, and a harder problem.

Reference:
    H. Xiao, K. Rasul and R. Vollgraf (2017), Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
    Algorithms, arXiv:1708.07747.
"""

from cvlib.data.base import DatasetInfo
from cvlib.data.keras_datasets import KerasSet

FASHION_MNIST = KerasSet(
    name="fashion_mnist",
    title="Fashion-MNIST",
    image_shape=(28, 28, 1),
    num_classes=10,
    host="storage.googleapis.com",
    cached=tuple(
        f"fashion-mnist/{part}-ubyte.gz"
        for part in ("train-labels-idx1", "train-images-idx3", "t10k-labels-idx1", "t10k-images-idx3")
    ),
)

INFO = DatasetInfo(
    name="fashion_mnist",
    title="Fashion-MNIST (28×28)",
    description="70,000 small grey photos of garments: MNIST's format, but shirts, coats and pullovers look alike.",
    licence="MIT",
    source="https://arxiv.org/abs/1708.07747",
    class_names=(
        "T-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
    image_shape=FASHION_MNIST.image_shape,
    train_count=55_000,
    test_count=10_000,
    light_on_dark=True,
    open_pool=FASHION_MNIST.open_pool,
    available=FASHION_MNIST.available,
    always_here=False,
)
