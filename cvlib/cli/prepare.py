"""`prepare`: fetch and train, while there is time and internet, what the pages show by default."""

import argparse
from typing import Any

from cvlib import data, recipes
from cvlib.cli.progress import console
from cvlib.cli.result import Result
from cvlib.cli.running import obtain
from cvlib.errors import UserError
from cvlib.store import Store


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    parser = commands.add_parser("prepare", help="train and download what the pages show by default")
    parser.add_argument("--data", action="append", choices=list(data.CATALOG), help="only this data set (repeatable)")
    parser.set_defaults(command=prepare)


def prepare(options: argparse.Namespace) -> Result:
    """For every data set: load it (from the internet if need be) and train the network that its page shows first."""
    store, prepared, problems = Store(), [], {}
    for name in options.data or data.CATALOG:
        try:
            data.load(name)
            run, cached = obtain(recipes.recommended(name, recipes.default_model(name)), store)
        except UserError as error:
            problems[name] = str(error)
            console().print(f"{name}: {error}", markup=False)
        else:
            prepared.append({"data": name, "run": run.name, "cached": cached, "metrics": run.metrics})
            console().print(f"{name}: ready, accuracy {run.metrics['accuracy']:.3f}", markup=False)
    text = f"{len(prepared)} data sets are ready, {len(problems)} could not be prepared."
    return Result({"prepared": prepared, "problems": problems}, text, exit_code=int(bool(problems)))
