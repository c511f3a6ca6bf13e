"""What goes home with a network: a model card, and a script that runs it.

M. Mitchell et al., "Model cards for model reporting", 2019.
"""

import base64
import json
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

- Built on: {base}{trained}.
- Classes, with the pictures it learned from / was tested on:
{classes}
- Test: {right} of {tested} held-back pictures were named correctly{share}. They come from the same source as the
  pictures it learned from, and so the result says nothing about other places, cameras or people.

## Limits

It always answers with one of its classes, whatever the picture shows. It has seen few pictures, and may have learned
what they have in common by accident: a background, a light, a camera. Do not use it to decide about people.
"""

TRAINED = ", frozen; one dense layer on top was trained"
LINE = 20_000
TITLE = """# My classes

A network that tells {names} apart, made in the vision workshop. Run the cells from the top; the last one names a
picture. The network is inside this notebook."""
INSTALL = "%pip install --quiet ai-edge-litert pillow numpy"
RUN = """import base64

import numpy as np
from PIL import Image, ImageOps

try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:  # where TensorFlow is installed, it has one, too
    import tensorflow as tf

    Interpreter = tf.lite.Interpreter

NAMES = {names!r}
HEIGHT, WIDTH, CHANNELS = {shape!r}


def open_network(text):
    found = Interpreter(model_content=base64.b64decode(text))
    found.allocate_tensors()
    return found


def name(path):
    picture = ImageOps.exif_transpose(Image.open(path)).convert("L" if CHANNELS == 1 else "RGB")
    picture = ImageOps.fit(picture, (WIDTH, HEIGHT), Image.Resampling.LANCZOS)  # the largest middle part
    put, got = network.get_input_details()[0], network.get_output_details()[0]
    network.set_tensor(put["index"], np.asarray(picture).reshape(1, HEIGHT, WIDTH, CHANNELS).astype(put["dtype"]))
    network.invoke()
    shares = network.get_tensor(got["index"])[0].astype(float)
    if got["quantization"][0]:
        shares = (shares - got["quantization"][1]) * got["quantization"][0]
    return dict(sorted(zip(NAMES, shares), key=lambda pair: -pair[1]))"""
USE = """# Put a picture beside the notebook (in Colab: drop it into the folder on the left) and give its name.
picture = "picture.jpg"
for label, share in name(picture).items():
    print(f"{share:6.1%}  {label}")"""


def script(class_names: Sequence[str]) -> str:
    """A short Python script that names a picture with the downloaded network."""
    return SCRIPT.format(names=list(class_names))


def notebook(class_names: Sequence[str], content: bytes, shape: tuple[int, int, int]) -> str:
    """A Jupyter notebook that holds the network and names pictures with it (nbformat 4.5).

    Args:
        class_names: K names.
        content: the network as TFLite.
        shape: height, width and channels of its pictures.
    """
    words = base64.b64encode(content).decode()
    lines = "\n".join(words[start : start + LINE] for start in range(0, len(words), LINE))
    sources = (
        ("markdown", TITLE.format(names=", ".join(class_names))),
        ("code", INSTALL),
        ("code", RUN.format(names=list(class_names), shape=shape)),
        ("code", f'network = open_network("""\n{lines}\n""")'),
        ("code", USE),
    )
    cells = [
        {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": text}
        | ({"execution_count": None, "outputs": []} if kind == "code" else {})
        for number, (kind, text) in enumerate(sources)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False
    )


def model_card(
    base: str,
    class_names: Sequence[str],
    learned: Sequence[int],
    tested: Sequence[int],
    right: int,
    *,
    tuned: Sequence[str] = (),
) -> str:
    """The model card, as Markdown.

    Args:
        base: what it is built on.
        class_names: K names.
        learned: pictures of each class that it learned from.
        tested: held-back pictures of each class.
        right: how many held-back pictures were named correctly.
        tuned: names of the backbone's layers that were fine-tuned.
    """
    rows = zip(class_names, learned, tested, strict=True)
    total = sum(tested)
    return CARD.format(
        count=len(class_names),
        base=base,
        trained=f"; its layers {', '.join(tuned)} and a new dense layer were trained" if tuned else TRAINED,
        classes="\n".join(f"  - {name}: {one} / {other}" for name, one, other in rows),
        right=right,
        tested=total,
        share=f" ({right / total:.0%})" if total else "",
    )
