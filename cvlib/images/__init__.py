"""The only way in for a stranger's bytes: they become plain RGB pixels, or a sentence that says why not.

picture = images.decode(data, name="IMG_1234.jpg")
picture.pixels            # uint8 (H, W, 3), at most 1024 pixels a side, no metadata
"""

from cvlib.images.decoding import BatchResult, DecodedImage, decode, decode_many
from cvlib.images.fit import fit_for_network
from cvlib.images.names import inert_name

__all__ = ["BatchResult", "DecodedImage", "decode", "decode_many", "fit_for_network", "inert_name"]
