"""`explain`: the heat map of a picture file as PNG and NumPy file, and how long each method takes."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cvlib import images, networks, runs
from cvlib.cli.progress import console
from cvlib.cli.result import Result
from cvlib.cli.timing import fastest
from cvlib.errors import ImageError, SpecError
from cvlib.explain import methods
from cvlib.explain.targets import ClassScore
from cvlib.models import pretrained
from cvlib.networks import Network
from cvlib.store import Store

SHOWN_PX = 672


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    parser = commands.add_parser("explain", help="the heat map of a picture")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--network", required=True, help="a run's name (its beginning will do), or imagenet/...")
    parser.add_argument("--method", default="grad_cam", choices=list(methods.CATALOG), metavar="METHOD")
    parser.add_argument("--class", dest="target", help="a class's name; the most probable one by default")
    parser.add_argument("--layer", help="the last spatial one by default")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for map.png and map.npy")
    parser.set_defaults(command=explain)
    parser = commands.add_parser("bench-explain", help="time every explanation method, beside tf-explain's own calls")
    parser.add_argument("--network", required=True, help="a run's name (its beginning will do), or imagenet/...")
    parser.set_defaults(command=bench)


def find(name: str) -> Network:
    """The network that a command names.

    Raises:
        UserError: there is none.
    """
    if name.startswith(pretrained.PREFIX):
        return networks.of_pretrained(name)
    return networks.of_run(runs.require(Store(), name))


def explain(options: argparse.Namespace) -> Result:
    """Explain one picture file."""
    from cvlib.engine import warm
    from cvlib.explain import run
    from cvlib.figures import heat
    from cvlib.tasks import classification

    network = find(options.network)
    try:
        content = options.picture.read_bytes()
    except OSError as error:
        raise ImageError(f"The picture {images.inert_name(options.picture.name)} cannot be read.") from error
    picture = images.decode(content, name=options.picture.name)
    seen, steps = networks.as_seen(network, picture.pixels)
    model = warm.model(network.name)
    shares = classification.predict(model, seen[None])[0]
    index = int(shares.argmax()) if options.target is None else _index(network, options.target)
    found = run(methods.info(options.method), model, seen, ClassScore(index), layer=options.layer)
    options.out.mkdir(parents=True, exist_ok=True)
    shown = heat.enlarged(heat.overlay(seen, found.heatmap), SHOWN_PX)
    Image.fromarray(shown).save(options.out / "map.png")
    np.save(options.out / "map.npy", found.raw, allow_pickle=False)
    data = {
        "network": network.name,
        "picture": picture.name,
        "steps": list(steps),
        "class": network.class_names[index],
        "probability": float(shares[index]),
        "method": found.method,
        "layer": found.layer,
        "seconds": found.seconds,
        "facts": dict(found.facts),
    }
    return Result(data, f"{data['class']}, {data['probability']:.1%} sure: map.png and map.npy")


def _index(network: Network, name: str) -> int:
    if name not in network.class_names:
        raise SpecError(f"The network has no class {name[:80]!r}.")
    return network.class_names.index(name)


def bench(options: argparse.Namespace) -> Result:
    """Seconds of every method, as multiples of one forward pass, and of tf-explain where it works."""
    from cvlib.engine import warm
    from cvlib.explain import run
    from cvlib.explain.probe import probe

    network = find(options.network)
    model = warm.model(network.name)
    image = np.random.default_rng(0).integers(0, 256, network.input_shape, dtype=np.uint8)
    target, views = ClassScore(0), probe(model)
    one = fastest(lambda: views.scores(image[None], target))
    batch = min(fastest(lambda size=size: views.scores(np.repeat(image[None], size, 0), target)) / size
                for size in (8, 16, 32, 64))  # fmt: skip
    rows: dict[str, Any] = {}
    for name, card in methods.CATALOG.items():
        if card.needs_layer and views.last_spatial is None:
            continue
        console().print(f"{card.title} ...", markup=False)
        seconds = fastest(lambda card=card: run(card, model, image, target))
        rows[name] = {"seconds": seconds, "forward_passes": seconds / one}
    for name, call in _of_tf_explain(model, image).items():
        try:
            rows[name] |= {"tf_explain_seconds": fastest(call)}
        except Exception as error:  # whatever its call raises is the result
            rows[name] |= {"tf_explain_fails": type(error).__name__}
    positions = {"positions": 14, "patch": 1 / 14}
    seconds = fastest(lambda: run(methods.info("occlusion"), model, image, target, **positions))
    data = {
        "network": network.name,
        "forward_seconds": one,
        "best_batch_seconds": batch,
        "occlusion_196": {"seconds": seconds, "of_196_passes": seconds / (196 * batch)},
        "methods": rows,
    }
    return Result(data, "\n".join(_line(name, row) for name, row in rows.items()))


def _line(name: str, row: dict[str, Any]) -> str:
    words = f"{name:22} {row['seconds']:8.3f} s = {row['forward_passes']:6.1f} forward passes"
    if "tf_explain_seconds" in row:
        words += f"; tf-explain {row['tf_explain_seconds']:.3f} s"
    return words + (f"; tf-explain fails ({row['tf_explain_fails']})" if "tf_explain_fails" in row else "")


def _of_tf_explain(model: Any, image: np.ndarray) -> dict[str, Any]:
    """tf-explain's own calls with settings as ours."""
    from tf_explain.core.activations import ExtractActivations
    from tf_explain.core.grad_cam import GradCAM
    from tf_explain.core.gradients_inputs import GradientsInputs
    from tf_explain.core.integrated_gradients import IntegratedGradients
    from tf_explain.core.occlusion_sensitivity import OcclusionSensitivity
    from tf_explain.core.smoothgrad import SmoothGrad
    from tf_explain.core.vanilla_gradients import VanillaGradients

    from cvlib.explain.probe import probe

    pictures = (image[None].astype(np.float32), None)
    last = probe(model).last_spatial
    patch = max(1, round(image.shape[0] / 14))
    options = {name: card.options for name, card in methods.CATALOG.items()}
    calls = {
        "vanilla_gradients": lambda: VanillaGradients().explain(pictures, model, 0),
        "gradient_x_input": lambda: GradientsInputs().explain(pictures, model, 0),
        "integrated_gradients": lambda: IntegratedGradients().explain(
            pictures, model, 0, n_steps=options["integrated_gradients"]["steps"]
        ),
        "smooth_grad": lambda: SmoothGrad().explain(
            pictures, model, 0, num_samples=options["smooth_grad"]["samples"], noise=0.1
        ),
        "occlusion": lambda: OcclusionSensitivity(batch_size=16).explain(pictures, model, 0, patch_size=patch),
    }
    if last is not None:
        calls["grad_cam"] = lambda: GradCAM().explain(pictures, model, 0, layer_name=last.name)
        calls["activation_map"] = lambda: ExtractActivations().explain(pictures, model, [last.name])
    return calls
