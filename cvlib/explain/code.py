"""The code of an explanation: a script in plain TensorFlow that makes the same map outside the workshop."""

from cvlib.explain.receptive import Axes
from cvlib.models import pretrained

HEAD = '''"""{title}.

Needs `pip install tensorflow pillow` and the picture as picture.png{needs}.
"""

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

{load}
{scores}
channels = model.input_shape[-1]
picture = Image.open("picture.png").convert("L" if channels == 1 else "RGB")
image = np.asarray(picture, np.float32).reshape(model.input_shape[1:])
target = {target}  # the class that is explained
{body}
np.save("map.npy", raw)
heat = np.clip({heat}, 0, None)
heat = np.uint8(255 * np.clip(heat / max({top}, 1e-12), 0, 1))
Image.fromarray(heat).resize((448, 448), Image.Resampling.BILINEAR).save("map.png")
print("the map is in map.npy and map.png")
'''
OWN = 'model = keras.saving.load_model("{file}")'
OTHERS = """images = keras.Input(({side}, {side}, 3))
scaled = keras.layers.Rescaling({scale!r}, offset={offset!r})(images)
model = keras.applications.{application}(input_tensor=scaled{options})"""
LOGITS_OWN = 'logits = model.get_layer("logits").output  # the scores before the softmax'
LOGITS_OTHERS = """last = model.layers[-1]  # the scores before the softmax:
logits = keras.ops.matmul(last.input, last.kernel) + last.bias if last.weights else last.input"""
GRADIENT = """

def gradients(pictures):
    pictures = tf.constant(pictures, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        scores = network(pictures, training=False)[:, target]
    return tape.gradient(scores, pictures).numpy()


def strongest(values):
    return np.take_along_axis(values, np.abs(values).argmax(-1)[..., None], -1)[..., 0]


network = keras.Model(model.inputs, logits)
"""
GUIDED = """

def guided(function):
    def call(inputs, *_, **__):
        @tf.custom_gradient
        def forward(x):
            y = function(x)
            moves = tf.cast((y > 0) & (y >= x), x.dtype)
            return y, lambda upstream: tf.nn.relu(upstream) * moves

        return forward(inputs)

    return call


for layer in model.layers:
    if isinstance(layer, keras.layers.ReLU):
        layer.call = guided(layer.call)
    elif getattr(layer, "activation", None) in (keras.activations.relu, keras.activations.relu6):
        layer.activation = guided(layer.activation)
"""
MAPS = """
layer = {layer!r}
network = keras.Model(model.inputs, [model.get_layer(layer).output, logits])
with tf.GradientTape() as tape:
    maps, scores = network(image[np.newaxis], training=False)
    score = scores[:, target]
slopes = tape.gradient(score, maps)[0].numpy()
maps = maps[0].numpy()
"""
FORWARD = """

def sure(pictures):
    return np.asarray(model.predict_on_batch(np.asarray(pictures, np.float32)))[:, target]

"""
LAY_OVER = """

def lay_over(small):
    # each cell of the layer at the centre of the part of the picture that it looks at
    rows = {top!r} + {step_y!r} * np.arange(small.shape[0])
    columns = {left!r} + {step_x!r} * np.arange(small.shape[1])
    wide = np.stack([np.interp(np.arange(image.shape[1]), columns, row) for row in small])
    return np.stack([np.interp(np.arange(image.shape[0]), rows, column) for column in wide.T], axis=1)


"""
ON_PICTURE = "\nraw = lay_over(raw)"
CAM = {
    "grad_cam": "raw = np.maximum(maps @ slopes.mean((0, 1)), 0)",
    "grad_cam_plus_plus": """slopes, maps = slopes.astype(np.float64), maps.astype(np.float64)
below = 2 * slopes**2 + maps.sum((0, 1)) * slopes**3
shares = np.divide(slopes**2, below, out=np.zeros_like(below), where=np.abs(below) > 1e-20)
raw = np.maximum(maps @ (shares * np.maximum(slopes, 0)).sum((0, 1)), 0)""",
    "layer_cam": "raw = np.maximum((np.maximum(slopes, 0) * maps).sum(-1), 0)",
    "activation_map": "raw = np.maximum(maps, 0).mean(-1)",
}
SCORE_CAM = """
weights, together = 0.0, 0.0
for k in np.argsort(-maps.std((0, 1)), kind="stable")[:256]:
    window = (maps[..., k] - maps[..., k].min()) / max(np.ptp(maps[..., k]), 1e-12)
    weight = np.exp(sure([image * lay_over(window)[..., None]])[0])
    weights, together = weights + weight, together + weight * maps[..., k]
raw = np.maximum(together / weights, 0)
"""
OCCLUSION = """
height, width = image.shape[:2]
high, wide = max(1, round(0.2 * height)), max(1, round(0.2 * width))
tops = np.unique(np.linspace(0, height - high, min(14, height - high + 1)).round().astype(int))
lefts = np.unique(np.linspace(0, width - wide, min(14, width - wide + 1)).round().astype(int))
whole, fallen, patches = sure([image])[0], np.zeros((height, width)), np.zeros((height, width))
for top in tops:
    copies = np.repeat(image[np.newaxis], len(lefts), axis=0)
    for copy, left in zip(copies, lefts):
        copy[top : top + high, left : left + wide] = image.mean((0, 1))
    for score, left in zip(sure(copies), lefts):
        fallen[top : top + high, left : left + wide] += whole - score
        patches[top : top + high, left : left + wide] += 1
raw = fallen / np.maximum(patches, 1)
"""
RISE = """
height, width = image.shape[:2]
step_y, step_x = -(-height // 7), -(-width // 7)
weighted, visible = np.zeros((height, width)), np.zeros((height, width))
for number in range(512):
    rng = np.random.default_rng((0, number))
    grid = Image.fromarray((rng.random((8, 8)) < 0.5).astype(np.float32))
    large = np.asarray(grid.resize((8 * step_x, 8 * step_y), Image.Resampling.BILINEAR))
    top, left = rng.integers(step_y), rng.integers(step_x)
    mask = large[top : top + height, left : left + width]
    weighted += sure([image * mask[..., None]])[0] * mask
    visible += mask
raw = weighted / np.maximum(visible, 1e-9)
raw -= raw.min()
"""
SMOOTH = """
total = 0.0
for number in range(32):
    noise = np.random.default_rng((0, number)).standard_normal(image.shape, dtype=np.float32)
    total = total + gradients((image + 0.15 * np.ptp(image) * noise)[np.newaxis])[0]
raw = strongest(total / 32)
"""
INTEGRATED = """
total = 0.0
for share in (np.arange(64) + 0.5) / 64:  # from a black picture to this one
    total = total + gradients((share * image)[np.newaxis])[0]
raw = (image * total / 64).sum(-1)
"""
BODIES = {
    **{name: MAPS + LAY_OVER + body + ON_PICTURE for name, body in CAM.items()},
    "score_cam": MAPS + LAY_OVER + FORWARD + SCORE_CAM + ON_PICTURE,
    "occlusion": FORWARD + OCCLUSION,
    "rise": FORWARD + RISE,
    "vanilla_gradients": GRADIENT + "raw = strongest(gradients(image[np.newaxis])[0])",
    "gradient_x_input": GRADIENT + "raw = (image * gradients(image[np.newaxis])[0]).sum(-1)",
    "guided_backprop": GUIDED + GRADIENT + "raw = strongest(gradients(image[np.newaxis])[0])",
    "smooth_grad": GRADIENT + SMOOTH,
    "integrated_gradients": GRADIENT + INTEGRATED,
}
"""What each method adds; a test runs every script and compares its map with the workshop's."""
SINGLE_PIXELS = (
    "vanilla_gradients",
    "gradient_x_input",
    "guided_backprop",
    "smooth_grad",
    "integrated_gradients",
)
"""Methods with signed maps of which single values are cut off."""


def script(
    network: str | None, file: str, method: str, target: int, layer: str | None, axes: Axes | None = None
) -> str:
    """The whole script.

    Args:
        network: name of a pre-trained network; None for a person's own.
        file: name of their own network's file.
        method: name in the catalogue.
        target: the class that is explained.
        layer: that is looked at; None for methods without.
        axes: where in the picture that layer's rows and columns look.
    """
    signed = method in SINGLE_PIXELS
    load, needs = OWN.format(file=file), f" and the network as {file} beside it"
    if network is not None:
        card = pretrained.info(network)
        options = "".join(f", {name}={value!r}" for name, value in card.options.items())
        load = OTHERS.format(
            side=card.side, scale=card.scale, offset=card.offset, application=card.application, options=options
        )
        needs = " beside it"
    return HEAD.format(
        title=f"The map of {method.replace('_', ' ')}",
        needs=needs,
        load=load,
        scores=LOGITS_OWN if network is None else LOGITS_OTHERS,
        target=target,
        body=_body(method, layer, axes),
        heat="np.abs(raw)" if signed else "raw",
        top="np.percentile(heat, 99.5)" if signed else "heat.max()",
    )


def _body(method: str, layer: str | None, axes: Axes | None) -> str:
    if layer is None or axes is None:
        return BODIES[method]
    rows, columns = axes
    return BODIES[method].format(
        layer=layer, top=rows.start, step_y=rows.stride, left=columns.start, step_x=columns.stride
    )
