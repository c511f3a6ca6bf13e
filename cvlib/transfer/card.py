"""What goes home with a network: a model card, and a script that runs it.

M. Mitchell et al., "Model cards for model reporting", 2019.
"""

from collections.abc import Sequence

SCRIPT = '''"""Names a picture with my-classes.keras, the network from the vision workshop.

Needs `pip install tensorflow pillow`. Run it with `python name_it.py picture.jpg`.
"""

import sys

import keras
import numpy as np
from PIL import Image, ImageOps

NAMES = {names!r}

model = keras.saving.load_model("my-classes.keras")
height, width, channels = model.input_shape[1:]
picture = ImageOps.exif_transpose(Image.open(sys.argv[1])).convert("L" if channels == 1 else "RGB")
picture = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)  # the largest middle part
image = np.asarray(picture, np.float32).reshape(1, height, width, channels)
for name, share in sorted(zip(NAMES, model.predict(image, verbose=0)[0]), key=lambda pair: -pair[1]):
    print(f"{{share:6.1%}}  {{name}}")
'''
CARD = """# Model card

A network that tells {count} classes of pictures apart, made in the vision workshop.

- Built on: {base}, frozen; one dense layer on top was trained.
- Classes, with the pictures it learned from / was tested on:
{classes}
- Test: {right} of {tested} held-back pictures were named correctly{share}. They come from the same source as the
  pictures it learned from, and so the result says nothing about other places, cameras or people.

## Limits

It always answers with one of its classes, whatever the picture shows. It has seen few pictures, and may have learned
what they have in common by accident: a background, a light, a camera. Do not use it to decide about people.
"""


def script(class_names: Sequence[str]) -> str:
    """A short Python script that names a picture with the downloaded network."""
    return SCRIPT.format(names=list(class_names))


def model_card(base: str, class_names: Sequence[str], learned: Sequence[int], tested: Sequence[int], right: int) -> str:
    """The model card, as Markdown.

    Args:
        base: what it is built on.
        class_names: K names.
        learned: pictures of each class that it learned from.
        tested: held-back pictures of each class.
        right: how many held-back pictures were named correctly.
    """
    rows = zip(class_names, learned, tested, strict=True)
    total = sum(tested)
    return CARD.format(
        count=len(class_names),
        base=base,
        classes="\n".join(f"  - {name}: {one} / {other}" for name, one, other in rows),
        right=right,
        tested=total,
        share=f" ({right / total:.0%})" if total else "",
    )
