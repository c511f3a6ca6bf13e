"""`prepare`: fetch and train, while there is time and internet, what the pages show by default."""

import argparse
from collections.abc import Iterable
from typing import Any

from cvlib import data, recipes
from cvlib.cli.progress import console
from cvlib.cli.result import Result
from cvlib.cli.running import obtain
from cvlib.data import scene_sets
from cvlib.detecting import pretrained as voc
from cvlib.errors import UserError
from cvlib.models import pretrained
from cvlib.segmenting import pretrained as voc_masks
from cvlib.store import Store
from cvlib.transfer import backbones

FIRST_NETWORKS = ("imagenet/mobilenet_v2", "backbone/mobilenet_v2_035", "yolov8_voc")
"""What the pages show first of those that others trained."""


FIRST_OF_SCENES = (("shapes", "centernet"), ("shapes", "one_box"), ("street", "unet"))
"""Scenes and the networks that the pages on detection and segmentation show first."""
FETCHED = tuple(name for name, card in scene_sets.SCENES.items() if card.fetch)


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    parser = commands.add_parser("prepare", help="train and download what the pages show by default")
    parser.add_argument(
        "--data", action="append", choices=[*data.CATALOG, *FETCHED], help="only this data set (repeatable)"
    )
    parser.add_argument(
        "--network",
        action="append",
        choices=[*pretrained.CATALOG, *backbones.CATALOG, *voc.CATALOG, *voc_masks.CATALOG],
        help="only this network that others trained (repeatable)",
    )
    parser.set_defaults(command=prepare)


def prepare(options: argparse.Namespace) -> Result:
    """Data sets are loaded (from the internet if need be) and the network that their page shows first is trained.

    Of the networks that others trained those that the pages show first are fetched.
    """
    everything = not options.data and not options.network
    names = data.CATALOG if everything else options.data or ()
    pairs = [(name, recipes.default_model(name)) for name in names if name not in FETCHED]
    prepared, problems = _trained(pairs + list(FIRST_OF_SCENES) * everything)
    problems |= _scenes(name for name in names if name in FETCHED)
    networks, missing = _networks(FIRST_NETWORKS if everything else options.network or ())
    problems |= missing
    text = f"{len(prepared)} networks are trained and {len(networks)} of others are here, {len(problems)} could not be "
    text += "prepared."
    result = {"prepared": prepared, "networks": networks, "problems": problems}
    return Result(result, text, exit_code=int(bool(problems)))


def _fetch(name: str) -> None:
    if name in backbones.CATALOG:
        backbones.load(name)
    elif name in voc.CATALOG:
        voc.load(name)
    elif name in voc_masks.CATALOG:
        voc_masks.load(name)
    else:
        pretrained.fetch(name)


def _scenes(names: Iterable[str]) -> dict[str, str]:
    """Fetch these photos; what went wrong."""
    problems = {}
    for name in names:
        try:
            scene_sets.scene_info(name).fetch()
        except UserError as error:
            problems[name] = str(error)
            console().print(f"{name}: {error}", markup=False)
        else:
            console().print(f"{name}: ready", markup=False)
    return problems


def _networks(names: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    ready, problems = [], {}
    for name in names:
        try:
            _fetch(name)
        except UserError as error:
            problems[name] = str(error)
            console().print(f"{name}: {error}", markup=False)
        else:
            ready.append(name)
            console().print(f"{name}: ready", markup=False)
    return ready, problems


def _trained(pairs: Iterable[tuple[str, str]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Train these networks on these data sets, or find them in the store."""
    store, prepared, problems = Store(), [], {}
    for name, model in pairs:
        try:
            spec = recipes.recommended(name, model)
            if spec.task == "classification":
                data.load(name)  # its page shows the pictures, too, wherever the network is from
            run, cached = obtain(spec, store)
        except UserError as error:
            problems[name] = str(error)
            console().print(f"{name}: {error}", markup=False)
        else:
            prepared.append({"data": name, "model": model, "run": run.name, "cached": cached, "metrics": run.metrics})
            headline = recipes.HEADLINE[run.spec.task]
            console().print(f"{model} on {name}: ready, {headline} {run.metrics[headline]:.3f}", markup=False)
    return prepared, problems
