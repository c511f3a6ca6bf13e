"""Score-CAM: the maps of a layer, each weighted by the score of the picture seen through it alone.

H. Wang, Z. Wang, M. Du, F. Yang, Z. Zhang, S. Ding, P. Mardziel, X. Hu, "Score-CAM: score-weighted visual explanations
for convolutional neural networks", 2020. The weights go through a softmax, as there.
"""

import numpy as np

from cvlib.explain.base import Method, Question, on_picture


def maps_of(question: Question) -> np.ndarray:
    """The layer's maps for this picture, float32 (h, w, channels), those that see most first."""
    activations = question.views.activations(question.image[np.newaxis], question.layer)[0]
    order = np.argsort(-activations.std(axis=(0, 1)), kind="stable")
    return activations[..., order]


def passes(question: Question) -> int:
    """One pass a map, but no more than the setting allows: those that see nothing in particular come last."""
    return min(question.views.spatial(question.layer).channels, int(question.options["most_maps"]))


def part(question: Question, start: int, stop: int) -> np.ndarray:
    """The sum of some weighted maps, float64 (h, w + 1): the last column holds the weights alone."""
    maps = maps_of(question)[..., start:stop]
    low, high = maps.min(axis=(0, 1)), maps.max(axis=(0, 1))
    windows = (maps - low) / np.maximum(high - low, 1e-12)
    seen = [question.image * on_picture(question, windows[..., k])[..., np.newaxis] for k in range(stop - start)]
    weights = np.exp(question.views.scores(np.stack(seen), question.target).astype(np.float64))
    together = (maps * weights).sum(axis=-1)
    return np.concatenate([together, np.full((len(together), 1), weights.sum())], axis=1)


def finish(_question: Question, total: np.ndarray, _passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """What speaks for the class."""
    return np.maximum(total[:, :-1] / total[0, -1], 0), {}


METHOD = Method(
    name="score_cam",
    title="Score-CAM",
    how="Covers the picture with each of the layer's maps in turn, looks how sure the network still is, and adds up "
    "the maps by that. It needs no gradients, but a pass for every map.",
    paper="Wang, Wang, Du, Yang, Zhang, Ding, Mardziel & Hu: Score-CAM, 2020",
    cost="one pass for each of up to 256 maps",
    part=part,
    finish=finish,
    passes=passes,
    needs_layer=True,
    options={"most_maps": 256},
)
