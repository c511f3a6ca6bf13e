"""Faces and background patches cut out of news photos, 25x25 pixels.

Reference:
    G. Huang, M. Mattar, H. Lee and E. Learned-Miller (2012), Learning to Align from Scratch, NIPS.
"""

import numpy as np

from cvlib.data.arrays import array_pool
from cvlib.data.base import DatasetInfo, Pool

FACES = 100
"""The first so many pictures of the subset are faces, the others are not."""


def open_faces(*, seed: int = 0, image_size: int | None = None, train_size: int | None = None) -> Pool:
    """All 200 patches, uint8 (25, 25, 1). The arguments change nothing: the pictures are what they are."""
    from skimage.data import lfw_subset

    patches = lfw_subset()
    images = np.round(patches * 255).astype(np.uint8)[..., np.newaxis]
    return array_pool(images, np.arange(len(images)) < FACES)


INFO = DatasetInfo(
    name="faces",
    title="Faces or not",
    description="100 faces and 100 patches without one, cut out of news photos: very little data to learn from.",
    licence="For research and teaching (Labeled Faces in the Wild, University of Massachusetts)",
    source="http://vis-www.cs.umass.edu/lfw/",
    class_names=("not a face", "face"),
    image_shape=(25, 25, 1),
    train_count=127,
    test_count=50,
    open_pool=open_faces,
)
