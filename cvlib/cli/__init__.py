"""The command line: one command a module, each a function of the parsed arguments that returns a JSON object.

With `--json` that object is the one thing on standard output; without it, a text for people. Progress, warnings and
errors go to standard error. Exit codes: 0 done, 1 it could not be done, 2 bad arguments.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from cvlib.cli import attacking, augmenting, bench, doctor, explaining, prepare, running, transferring
from cvlib.errors import ImageError, RunNotFound, SpecError, UnknownName, UserError

BAD_ARGUMENTS = (SpecError, UnknownName, RunNotFound, ImageError)


class _Parser(argparse.ArgumentParser):
    """An argument parser that complains in one sentence."""

    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:].rstrip(".")
        print(f"{sentence}. See 'python -m cvlib --help'.", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        with _quiet_stdout():
            result = options.command(options)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, BAD_ARGUMENTS) else 1
    except KeyboardInterrupt:
        print("Cancelled.", file=sys.stderr)
        return 130
    print(_as_json(result.data) if options.json else result.text)
    return result.exit_code


@contextlib.contextmanager
def _quiet_stdout() -> Any:
    """Send what libraries print to standard error: standard output is the result's alone."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with contextlib.redirect_stdout(sys.stderr):
        yield


def _as_json(data: Any) -> str:
    return json.dumps(data, allow_nan=False, ensure_ascii=False)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m cvlib", description="The vision workshop from the command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (doctor, running, explaining, attacking, transferring, augmenting, prepare, bench):
        module.add_commands(commands)
    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return parser
