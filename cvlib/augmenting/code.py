"""The code of a pipeline: a script that augments pictures in the same way outside the workshop.

A step is a layer of Keras, else one of KerasCV, where there is one that does the same; else it is written out.
"""

import json

from cvlib.augmentation.pipeline import Pipeline, Step
from cvlib.augmentation.words import sentence
from cvlib.augmenting import snippets, written
from cvlib.augmenting.snippets import Snippet

SCRIPT = '''"""{title}

{steps}

Needs `pip install {packages}`. {use}
It writes {count} augmented pictures into the folder "augmented".
"""

import sys
from pathlib import Path

import keras
{imports}import numpy as np
import tensorflow as tf
from PIL import Image

HEIGHT, WIDTH, CHANNELS = {height}, {width}, {channels}
ENDINGS = {{".png", ".jpg", ".jpeg", ".webp", ".bmp"}}
{helpers}

STEPS = [
{calls}
]


{augment}


def read(path):
    picture = Image.open(path).convert("{mode}").resize((WIDTH, HEIGHT))
    return np.asarray(picture, np.float32).reshape(HEIGHT, WIDTH, CHANNELS)


def write(images):
    Path("augmented").mkdir(exist_ok=True)
    for number, pixels in enumerate(np.uint8(np.round(images)), start=1):
        Image.fromarray(pixels{plane}).save(f"augmented/{{number}}.png")


if __name__ == "__main__":
    given = Path(sys.argv[1] if len(sys.argv) > 1 else "picture.png")
    inside = sorted(given.iterdir()) if given.is_dir() else [given]
    pictures = np.stack([read(path) for path in inside if path.suffix.lower() in ENDINGS])
    places = np.arange({count}) % len(pictures)
{main}
    print("{count} pictures are in the folder augmented")
'''
PLAIN = '''def augment(images):
    """Pictures after every step; as before: float32 (N, HEIGHT, WIDTH, CHANNELS), 0 to 255."""
    for step in STEPS:
        images = tf.clip_by_value(step(images), 0.0, 255.0)
    return images


def training_data(images, labels, batch_size=32):
    """What `model.fit` learns from: every picture is changed anew each time it is seen.

    model.fit(training_data(x_train, y_train), validation_data=(x_val, y_val), epochs=10)
    """
    data = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(1000).batch(batch_size)
    data = data.map(lambda some, named: (augment(tf.cast(some, tf.float32)), named))
    return data.prefetch(tf.data.AUTOTUNE)'''
PLAIN_MAIN = "    write(augment(tf.constant(pictures[places])).numpy())"
MIXED = '''def augment(images, labels):
    """Pictures and the shares of their classes after every step.

    Pictures stay float32 (N, HEIGHT, WIDTH, CHANNELS), 0 to 255; shares are float32 (N, classes), each row sums to 1.
    """
    for step in STEPS:
        images, labels = step(images, labels)
        images = tf.clip_by_value(images, 0.0, 255.0)
    return images, labels


def training_data(images, labels, num_classes, batch_size=32):
    """What `model.fit` learns from: every picture is mixed anew each time it is seen.

    The labels become shares, so compile the model with loss="categorical_crossentropy".

    model.fit(training_data(x_train, y_train, 10), epochs=10)
    """
    data = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(1000).batch(batch_size)
    data = data.map(lambda some, named: augment(tf.cast(some, tf.float32), tf.one_hot(named, num_classes)))
    return data.prefetch(tf.data.AUTOTUNE)'''
MIXED_MAIN = """    made, shares = augment(tf.constant(pictures[places]), tf.one_hot(places, len(pictures)))
    write(made.numpy())
    for number, row in enumerate(shares.numpy(), start=1):
        print(f"{number}.png:", ", ".join(f"{share:.0%} of picture {k + 1}" for k, share in enumerate(row) if share))"""
PLAIN_USE = "Start it with a picture or a folder: python augment.py picture.png"
MIXED_USE = "Start it with a folder of pictures to be mixed with each other: python augment.py folder"
COUNT = 9


def as_script(pipeline: str, *, image_shape: tuple[int, int, int]) -> str:
    """The whole script.

    Args:
        pipeline: its text.
        image_shape: height, width and channels (1 or 3) of the pictures.

    Raises:
        SpecError: the text is no pipeline.
        UnknownName: it names what there is not.
    """
    chosen = Pipeline.from_text(pipeline)
    made = [snippets.of(step, image_shape) for step in chosen.active]
    height, width, channels = image_shape
    wanted = {name for one in made for name in one.helpers}
    wrapped = [_wrapped(step, one, channels, chosen.mixes) for step, one in zip(chosen.active, made, strict=True)]
    wanted |= {name for _, more in wrapped for name in more}
    uses_cv = any("keras_cv." in text for text in (*(call for call, _ in wrapped), *written.in_order(wanted)))
    return SCRIPT.format(
        title="Augments pictures: the vision workshop's pipeline as plain Keras.",
        steps="\n".join(f"{place}. {_line(sentence(step))}" for place, step in enumerate(chosen.active, start=1)),
        packages="tensorflow keras-cv pillow" if uses_cv else "tensorflow pillow",
        use=MIXED_USE if chosen.mixes else PLAIN_USE,
        imports="import keras_cv\n" if uses_cv else "",
        height=height,
        width=width,
        channels=channels,
        mode="L" if channels == 1 else "RGB",
        plane="[..., 0]" if channels == 1 else "",
        helpers="".join(f"\n\n{text}\n" for text in written.in_order(wanted)),
        calls="\n".join(call for call, _ in wrapped),
        augment=MIXED if chosen.mixes else PLAIN,
        main=MIXED_MAIN if chosen.mixes else PLAIN_MAIN,
        count=COUNT,
    )


def _line(text: str) -> str:
    """One line that cannot end the text it stands in."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _wrapped(step: Step, one: Snippet, channels: int, mixes: bool) -> tuple[str, set[str]]:
    """The line of a step, with its remark above it, and the helpers that it needs."""
    call, helpers = one.call, set()
    if step.card.colour and channels == 1:
        call, helpers = f"in_colour({call})", {"in_colour"}
    if mixes:
        if not step.card.mixes:
            call, helpers = f"pictures_only({call})", helpers | {"pictures_only"}
        if step.probability < 1 and not one.has_probability:
            call, helpers = f"maybe_mixed({call}, {step.probability:g})", helpers | {"maybe_mixed"}
    elif step.probability < 1 and not one.has_probability:
        call, helpers = f"maybe({call}, {step.probability:g})", helpers | {"maybe"}
    remark = "".join(f"    # {line}\n" for line in one.remark.splitlines())
    return f"{remark}    {call},", helpers
