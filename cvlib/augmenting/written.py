"""What a script needs written out: functions of TensorFlow for the steps that no layer of Keras does in the same way.

Each makes a function of pictures, float32 (N, H, W, C) from 0 to 255. A test runs them all, and compares what they give
with the workshop's own transforms.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple


class Helper(NamedTuple):
    """The text of a function, and the names of the others that it calls."""

    text: str
    needs: tuple[str, ...] = ()


def in_order(names: Collection[str]) -> list[str]:
    """The texts of these functions and of all that they need, each after what it calls."""
    return [HELPERS[name].text for name in HELPERS if name in set(_all(names))]


def _all(names: Collection[str]) -> Iterator[str]:
    for name in names:
        yield name
        yield from _all(HELPERS[name].needs)


DRAWN = '''def drawn(images, low, high):
    """A random number for each picture: float32 (N, 1, 1, 1)."""
    return tf.random.uniform([tf.shape(images)[0], 1, 1, 1], low, high)'''
MAYBE = '''def maybe(change, share):
    """A change for this share of the pictures."""

    def changed(images):
        return tf.where(drawn(images, 0.0, 1.0) < share, change(images), images)

    return changed'''
MAYBE_MIXED = '''def maybe_mixed(change, share):
    """A change for this share of the pictures and their labels."""

    def changed(images, labels):
        made, shares = change(images, labels)
        chosen = drawn(images, 0.0, 1.0) < share
        return tf.where(chosen, made, images), tf.where(chosen[:, :, 0, 0], shares, labels)

    return changed'''
PICTURES_ONLY = '''def pictures_only(change):
    """A change that leaves the labels as they are."""
    return lambda images, labels: (change(images), labels)'''
BOTH = '''def both(layer):
    """A layer that mixes pictures and labels."""

    def mixed(images, labels):
        made = layer({"images": images, "labels": labels}, training=True)
        return made["images"], made["labels"]

    return mixed'''
IN_COLOUR = '''def in_colour(change):
    """A change of colours, on grey pictures."""
    return lambda images: tf.reduce_mean(change(tf.repeat(images, 3, axis=-1)), axis=-1, keepdims=True)'''
BLENDED = '''def blended(change, low, high):
    """A change of which so much, 0 to 1, is blended into each picture."""

    def changed(images):
        return images + (change(images) - images) * drawn(images, low, high)

    return changed'''
LIGHT = '''def light(images):
    """Grey pictures: (N, H, W, 1)."""
    return images if images.shape[-1] == 1 else tf.image.rgb_to_grayscale(images)'''
CONTRAST = '''def contrast(low, high):
    """Values moved away from the picture's mean light: 1 leaves them, 0 is even grey."""

    def changed(images):
        mean = tf.reduce_mean(light(images), axis=[1, 2, 3], keepdims=True)
        return mean + (images - mean) * drawn(images, low, high)

    return changed'''
SATURATION = '''def saturation(low, high):
    """Colours moved away from grey: 1 leaves them, 0 is grey."""
    return lambda images: light(images) + (images - light(images)) * drawn(images, low, high)'''
HUE = '''def hue(low, high):
    """Colours moved around the colour wheel, in degrees."""

    def changed(images):
        tone, pure, value = tf.unstack(tf.image.rgb_to_hsv(images / 255), axis=-1)
        tone = tf.math.floormod(tone + drawn(images, low, high)[..., 0] / 360, 1.0)
        return 255 * tf.image.hsv_to_rgb(tf.stack([tone, pure, value], axis=-1))

    return changed'''
GAMMA = '''def gamma(low, high):
    """Values from 0 to 1 to a power: below 1 is lighter, above 1 darker."""
    return lambda images: 255 * tf.pow(images / 255, drawn(images, low, high))'''
LOG_LIGHT = '''def log_light(images):
    """Dark shades lifted: c log(1 + r)."""
    return tf.math.log1p(images) * (255 / np.log(256))'''
EXP_LIGHT = '''def exp_light(images):
    """Dark shades pressed down: exp(r / c) - 1."""
    return tf.math.expm1(images * (np.log(256) / 255))'''
CHANNEL_SHIFT = '''def channel_shift(low, high):
    """Each channel moved by up to so many shades, up or down."""

    def changed(images):
        moved = tf.random.uniform([tf.shape(images)[0], 1, 1, images.shape[-1]], -1.0, 1.0)
        return images + moved * drawn(images, low, high)

    return changed'''
SOLARISED = '''def solarised(low, high):
    """The negative of all that is as light as a threshold, or lighter."""
    return lambda images: tf.where(images >= drawn(images, low, high), 255 - images, images)'''
SHARPNESS = '''def sharpness(low, high):
    """Pixels moved away from their smoothed neighbourhood: 0 leaves them, -1 is smooth. The outermost pixels stay."""

    def changed(images):
        middle = images[:, 1:-1, 1:-1]
        around = 9 * tf.nn.avg_pool2d(images, 3, 1, "VALID")
        away = (middle - around / 9) * (9 / 13) * drawn(images, low, high)
        return images + tf.pad(away, [[0, 0], [1, 1], [1, 1], [0, 0]])

    return changed'''
BLUR = '''def blur(low, high):
    """A Gaussian blur; its width (the standard deviation) in pixels. Beyond the edge the picture is mirrored."""

    def smoothing(width, length):
        to, origin = np.arange(length, dtype=np.float32)[:, None], np.arange(length, dtype=np.float32)[None]
        places = (origin, -1 - origin, 2 * length - 1 - origin)
        weights = sum(tf.exp(-0.5 * tf.square((to - place) / width)) for place in places)
        return weights / tf.reduce_sum(weights, axis=2, keepdims=True)

    def changed(images):
        width = tf.maximum(drawn(images, low, high)[..., 0], 1e-3)
        images = tf.einsum("nij,njwc->niwc", smoothing(width, images.shape[1]), images)
        return tf.einsum("nij,nhjc->nhic", smoothing(width, images.shape[2]), images)

    return changed'''
NOISE = '''def noise(low, high):
    """A random number added to every value, from a normal distribution of this deviation."""
    return lambda images: images + tf.random.normal(tf.shape(images)) * drawn(images, low, high)'''
JPEG = '''def jpeg(low, high):
    """Stored as a JPEG file of this quality and read again; 100 leaves a picture as it is."""

    def stored(given):
        return tf.image.adjust_jpeg_quality(*given, dct_method="INTEGER_ACCURATE")

    def changed(images):
        quality = drawn(images, low, high)
        pixels, kind = tf.cast(tf.round(images), tf.uint8), tf.TensorSpec(images.shape[1:], tf.uint8)
        whole = tf.cast(tf.round(quality[:, 0, 0, 0]), tf.int32)
        read = tf.map_fn(stored, (pixels, whole), fn_output_signature=kind)
        return tf.where(quality < 100, tf.cast(read, tf.float32), images)

    return changed'''
COVERED = '''def covered(images, hidden, fill):
    """Pictures with some places, bool (N, H, W, 1), hidden by black, grey or noise."""
    cover = {"black": 0.0, "grey": 127.5, "noise": tf.random.uniform(tf.shape(images), 0.0, 255.0)}[fill]
    return tf.where(hidden, cover, images)'''
RECTANGLE = '''def rectangle(images, tall, wide):
    """Somewhere in each picture a rectangle of so many pixels: bool (N, H, W, 1)."""
    height, width = images.shape[1:3]
    y, x = np.arange(height, dtype=np.float32)[:, None, None], np.arange(width, dtype=np.float32)[None, :, None]
    top = tf.floor(drawn(images, 0.0, 1.0) * (height - tall + 1))
    left = tf.floor(drawn(images, 0.0, 1.0) * (width - wide + 1))
    return (y >= top) & (y < top + tall) & (x >= left) & (x < left + wide)'''
CUTOUT = '''def cutout(low, high, fill):
    """A square hidden, wholly inside; its side as a share of the picture's shorter one."""

    def changed(images):
        side = tf.round(drawn(images, low, high) * min(images.shape[1:3]))
        return covered(images, rectangle(images, side, side), fill)

    return changed'''
ERASING = '''def erasing(area, elongation, fill):
    """A rectangle hidden: its share of the picture's area, and how many times as long as broad it is."""

    def changed(images):
        height, width = images.shape[1:3]
        hidden, ratio = drawn(images, *area) * (height * width), drawn(images, *elongation)
        ratio = tf.where(drawn(images, 0.0, 1.0) < 0.5, ratio, 1 / ratio)
        tall = tf.minimum(tf.sqrt(hidden * ratio), height)
        wide = tf.minimum(tf.math.divide_no_nan(hidden, tall), width)
        tall = tf.minimum(tf.math.divide_no_nan(hidden, wide), height)
        return covered(images, rectangle(images, tf.round(tall), tf.round(wide)), fill)

    return changed'''
GRID_MASK = '''def grid_mask(hidden, cell, angle, fill):
    """Squares hidden in a regular grid: their side as a share of the spacing, the spacing as a share of the picture's
    shorter side, and by how many degrees the grid is turned."""

    def changed(images):
        height, width = images.shape[1:3]
        step = tf.maximum(drawn(images, *cell) * min(height, width), 2.0)
        side, turn = tf.round(step * drawn(images, *hidden)), drawn(images, *angle) * (np.pi / 180)
        y, x = np.arange(height, dtype=np.float32)[:, None, None], np.arange(width, dtype=np.float32)[None, :, None]
        across = x * tf.cos(turn) - y * tf.sin(turn) + drawn(images, 0.0, 1.0) * step
        down = x * tf.sin(turn) + y * tf.cos(turn) + drawn(images, 0.0, 1.0) * step
        inside = (tf.math.floormod(across, step) < side) & (tf.math.floormod(down, step) < side)
        return covered(images, inside, fill)

    return changed'''
PROJECTED = '''def projected(images, rows, fill):
    """Pixels taken from where a 3 x 3 matrix sends their places (column, row, 1), counted from the middle."""
    height, width = images.shape[1:3]
    x, y = (width - 1) / 2, (height - 1) / 2
    (a, b, c), (d, e, f), (g, h, i) = rows
    c, f, i = c - a * x - b * y, f - d * x - e * y, i - g * x - h * y
    rows = [a + x * g, b + x * h, c + x * i, d + y * g, e + y * h, f + y * i, g, h]
    flat = [tf.broadcast_to(tf.reshape(part / i, [-1]), [tf.shape(images)[0]]) for part in rows]
    return keras.ops.image.affine_transform(images, tf.stack(flat, axis=1), interpolation="bilinear", fill_mode=fill)'''
ZOOM = '''def zoom(low, high, fill):
    """Things so many times as large."""

    def changed(images):
        scale = 1 / drawn(images, low, high)
        return projected(images, [[scale, 0.0, 0.0], [0.0, scale, 0.0], [0.0, 0.0, 1.0]], fill)

    return changed'''
SHEAR = '''def shear(x, y, fill):
    """Slanted by these angles, in degrees: to the right, and upwards to the right."""

    def changed(images):
        across, down = (tf.tan(drawn(images, *each) * (np.pi / 180)) for each in (x, y))
        return projected(images, [[1.0 + across * down, across, 0.0], [down, 1.0, 0.0], [0.0, 0.0, 1.0]], fill)

    return changed'''
ASPECT_RATIO = '''def aspect_ratio(low, high, fill):
    """Wider and lower; its area stays."""

    def changed(images):
        stretch = tf.sqrt(drawn(images, low, high))
        return projected(images, [[1 / stretch, 0.0, 0.0], [0.0, stretch, 0.0], [0.0, 0.0, 1.0]], fill)

    return changed'''
PERSPECTIVE = '''def perspective(low, high, fill):
    """Each corner moved by up to this share of the sides (Heckbert, 1989)."""

    def changed(images):
        height, width = images.shape[1:3]
        moved = tf.random.uniform([tf.shape(images)[0], 4, 2], -1.0, 1.0) * drawn(images, low, high)[..., 0]
        corners = moved + [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
        (x0, x1, x2, x3), (y0, y1, y2, y3) = (tf.unstack(corners[..., axis], axis=1) for axis in (0, 1))
        x, y, area = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3, (x1 - x2) * (y3 - y2) - (x3 - x2) * (y1 - y2)
        g, h = (x * (y3 - y2) - (x3 - x2) * y) / area, ((x1 - x2) * y - x * (y1 - y2)) / area
        one, size = tf.ones_like(g), np.array([[width, 0, -0.5], [0, height, -0.5], [0, 0, 1]], np.float32)
        there = [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, one]
        back = size @ tf.linalg.inv(tf.reshape(tf.stack(there, axis=1), [-1, 3, 3])) @ np.linalg.inv(size)
        flat = tf.reshape(back / back[:, 2:, 2:], [-1, 9])[:, :8]
        return keras.ops.image.affine_transform(images, flat, interpolation="bilinear", fill_mode=fill)

    return changed'''
SAMPLED = '''def sampled(images, x, y, fill):
    """Each pixel taken from a place of its own: columns x and rows y, (N, H, W), bilinear."""
    height, width = images.shape[1:3]

    def folded(places, count):
        if fill == "constant":
            return places
        if fill == "reflect":
            along = tf.math.floormod(places + 0.5, 2.0 * count)
            places = tf.minimum(along, 2.0 * count - along) - 0.5
        return tf.clip_by_value(places, 0.0, count - 1.0)

    def neighbours(places, count):
        first = tf.floor(places)
        for at, weight in ((first, 1.0 + first - places), (first + 1.0, places - first)):
            inside = (at >= 0) & (at < count)
            yield tf.cast(tf.clip_by_value(at, 0.0, count - 1.0), tf.int32), tf.where(inside, weight, 0.0)

    total, columns = 0.0, list(neighbours(folded(x, width), width))
    for row, down in neighbours(folded(y, height), height):
        for column, across in columns:
            pixels = tf.gather_nd(images, tf.stack([row, column], axis=-1), batch_dims=1)
            total += pixels * (down * across)[..., None]
    return total'''
LENS = '''def lens(low, high, fill):
    """Bent as by a lens: a corner displaced by this share of its distance from the middle."""

    def changed(images):
        height, width = images.shape[1:3]
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        right, down = x - (width - 1) / 2, y - (height - 1) / 2
        further = drawn(images, low, high)[..., 0] * ((right**2 + down**2) * 4 / ((width - 1) ** 2 + (height - 1) ** 2))
        return sampled(images, x + right * further, y + down * further, fill)

    return changed'''
ELASTIC = '''def elastic(low, high, points, fill):
    """Bent like rubber: pushed at the points of a grid, by a deviation as a share of the sides."""

    def changed(images):
        height, width = images.shape[1:3]
        pushes = tf.random.normal([tf.shape(images)[0], points, points, 2]) * drawn(images, low, high)
        field = tf.image.resize(pushes, (height, width), "bicubic")
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        return sampled(images, x + field[..., 0] * width, y + field[..., 1] * height, fill)

    return changed'''
CUTMIX = '''def cutmix(alpha):
    """A rectangle of another picture pasted in, cut off at the frame; labels are shared by the pixels."""

    def changed(images, labels):
        height, width = images.shape[1:3]
        one, two = (tf.random.gamma([tf.shape(images)[0], 1, 1, 1], alpha) for _ in range(2))
        side = tf.sqrt(two / tf.maximum(one + two, 1e-12))
        tall, wide = tf.round(side * height), tf.round(side * width)
        top = tf.round(drawn(images, 0.0, 1.0) * height - tall / 2)
        left = tf.round(drawn(images, 0.0, 1.0) * width - wide / 2)
        y, x = np.arange(height, dtype=np.float32)[:, None, None], np.arange(width, dtype=np.float32)[None, :, None]
        inside = (y >= top) & (y < top + tall) & (x >= left) & (x < left + wide)
        order = tf.random.shuffle(tf.range(tf.shape(images)[0]))
        share = tf.reduce_mean(tf.cast(inside, tf.float32), axis=[1, 2])
        shares = labels * (1 - share) + tf.gather(labels, order) * share
        return tf.where(inside, tf.gather(images, order), images), shares

    return changed'''
MOSAIC = '''def mosaic(across, down):
    """Four pictures around a place, in shares of the width and height: each covers its corner of the frame."""

    def changed(images, labels):
        height, width = images.shape[1:3]
        column = tf.clip_by_value(tf.round(drawn(images, *across) * width), 1.0, width - 1.0)
        row = tf.clip_by_value(tf.round(drawn(images, *down) * height), 1.0, height - 1.0)
        y, x = np.arange(height, dtype=np.float32)[:, None, None], np.arange(width, dtype=np.float32)[None, :, None]
        made, shares, order = 0.0, 0.0, tf.range(tf.shape(images)[0])
        for right, below in ((False, False), (True, False), (True, True), (False, True)):
            wide, tall = (width - column if right else column), (height - row if below else row)
            scale = tf.maximum(wide / width, tall / height)
            # Where the middle of the frame comes from, counted from the middle of the picture.
            left = (width / 2 - (column if right else column - scale * width)) / scale - width / 2
            top = (height / 2 - (row if below else row - scale * height)) / scale - height / 2
            rows = [[1 / scale, 0.0, left], [0.0, 1 / scale, top], [0.0, 0.0, 1.0]]
            there = tf.cast(((x >= column) == right) & ((y >= row) == below), tf.float32)
            made += projected(tf.gather(images, order), rows, "nearest") * there
            shares += tf.gather(labels, order) * tf.reduce_mean(there, axis=[1, 2])
            order = tf.random.shuffle(order)
        return made, shares

    return changed'''
HELPERS: Mapping[str, Helper] = {
    "drawn": Helper(DRAWN),
    "maybe": Helper(MAYBE, ("drawn",)),
    "maybe_mixed": Helper(MAYBE_MIXED, ("drawn",)),
    "pictures_only": Helper(PICTURES_ONLY),
    "both": Helper(BOTH),
    "in_colour": Helper(IN_COLOUR),
    "blended": Helper(BLENDED, ("drawn",)),
    "light": Helper(LIGHT),
    "contrast": Helper(CONTRAST, ("drawn", "light")),
    "saturation": Helper(SATURATION, ("drawn", "light")),
    "hue": Helper(HUE, ("drawn",)),
    "gamma": Helper(GAMMA, ("drawn",)),
    "log_light": Helper(LOG_LIGHT),
    "exp_light": Helper(EXP_LIGHT),
    "channel_shift": Helper(CHANNEL_SHIFT, ("drawn",)),
    "solarised": Helper(SOLARISED, ("drawn",)),
    "sharpness": Helper(SHARPNESS, ("drawn",)),
    "blur": Helper(BLUR, ("drawn",)),
    "noise": Helper(NOISE, ("drawn",)),
    "jpeg": Helper(JPEG, ("drawn",)),
    "covered": Helper(COVERED),
    "rectangle": Helper(RECTANGLE, ("drawn",)),
    "cutout": Helper(CUTOUT, ("covered", "rectangle", "drawn")),
    "erasing": Helper(ERASING, ("covered", "rectangle", "drawn")),
    "grid_mask": Helper(GRID_MASK, ("covered", "drawn")),
    "projected": Helper(PROJECTED),
    "zoom": Helper(ZOOM, ("projected", "drawn")),
    "shear": Helper(SHEAR, ("projected", "drawn")),
    "aspect_ratio": Helper(ASPECT_RATIO, ("projected", "drawn")),
    "perspective": Helper(PERSPECTIVE, ("drawn",)),
    "sampled": Helper(SAMPLED),
    "lens": Helper(LENS, ("sampled", "drawn")),
    "elastic": Helper(ELASTIC, ("sampled", "drawn")),
    "cutmix": Helper(CUTMIX, ("drawn",)),
    "mosaic": Helper(MOSAIC, ("projected", "drawn")),
}
"""Every function by its name; what is called comes before what calls it."""
