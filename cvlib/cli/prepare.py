"""`prepare`: fetch and train, while there is time and internet, what the pages show by default."""

import argparse
from collections.abc import Iterable
from typing import Any

from cvlib import data, recipes
from cvlib.cli.progress import console
from cvlib.cli.result import Result
from cvlib.cli.running import obtain
from cvlib.errors import UserError
from cvlib.models import pretrained
from cvlib.store import Store
from cvlib.transfer import backbones

FIRST_NETWORKS = ("imagenet/mobilenet_v2", "backbone/mobilenet_v2_035")
"""What the pages show first of those that others trained."""


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    parser = commands.add_parser("prepare", help="train and download what the pages show by default")
    parser.add_argument("--data", action="append", choices=list(data.CATALOG), help="only this data set (repeatable)")
    parser.add_argument(
        "--network",
        action="append",
        choices=[*pretrained.CATALOG, *backbones.CATALOG],
        help="only this ImageNet network (repeatable)",
    )
    parser.set_defaults(command=prepare)


def prepare(options: argparse.Namespace) -> Result:
    """Data sets are loaded (from the internet if need be) and the network that their page shows first is trained.

    Of the ImageNet networks those that the pages show first are fetched.
    """
    everything = not options.data and not options.network
    prepared, problems = _data_sets(data.CATALOG if everything else options.data or ())
    networks, missing = _networks(FIRST_NETWORKS if everything else options.network or ())
    problems |= missing
    text = f"{len(prepared)} data sets and {len(networks)} ImageNet networks are ready, {len(problems)} could not be "
    text += "prepared."
    result = {"prepared": prepared, "networks": networks, "problems": problems}
    return Result(result, text, exit_code=int(bool(problems)))


def _fetch(name: str) -> None:
    if name in backbones.CATALOG:
        backbones.load(name)
    else:
        pretrained.fetch(name)


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


def _data_sets(names: Iterable[str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    store, prepared, problems = Store(), [], {}
    for name in names:
        try:
            data.load(name)
            run, cached = obtain(recipes.recommended(name, recipes.default_model(name)), store)
        except UserError as error:
            problems[name] = str(error)
            console().print(f"{name}: {error}", markup=False)
        else:
            prepared.append({"data": name, "run": run.name, "cached": cached, "metrics": run.metrics})
            console().print(f"{name}: ready, accuracy {run.metrics['accuracy']:.3f}", markup=False)
    return prepared, problems
