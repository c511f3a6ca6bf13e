"""`bench-augment`: milliseconds from request to pictures for each transform, beside other libraries."""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from cvlib.augmentation import CATALOG, info
from cvlib.cli.counterparts import callers
from cvlib.cli.progress import console
from cvlib.cli.result import Result
from cvlib.errors import SpecError

COUNT = 9
SIZE_PX = 224
TIMES = 7
PICTURE = "astronaut"


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    parser = commands.add_parser(
        "bench-augment", help="time every augmentation, beside Keras, keras-cv, albumentations"
    )
    parser.add_argument("--transforms", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--size", type=int, default=SIZE_PX, help="of the picture, in pixels")
    parser.add_argument("--times", type=int, default=TIMES, help="calls, of which the median counts")
    parser.set_defaults(command=bench)


def bench(options: argparse.Namespace) -> Result:
    """A grid of nine from each transform as the page asks for it, and from the same one of other libraries."""
    from cvlib.augmenting.looking import Shot, draws
    from cvlib.data.samples import load_sample
    from cvlib.figures import grid

    if options.size < 1 or options.times < 1:
        raise SpecError("A picture needs a pixel at least, and a time a call.")
    image = np.asarray(grid.enlarge(load_sample(PICTURE), options.size, smooth=True))
    rows: dict[str, dict[str, float | None]] = {}
    for name in [info(name).name for name in options.transforms or CATALOG]:
        console().print(f"{name} ...", markup=False)
        rows[name] = {"ours": _milliseconds(lambda name=name: draws(Shot(image), name, COUNT), options.times)}
        for library, call in callers(name, image, COUNT):
            rows[name][library] = _or_none(call, options.times)
    data = {"pictures": COUNT, "height": image.shape[0], "width": image.shape[1], "milliseconds": rows}
    lines = [f"{COUNT} pictures of {image.shape[0]} x {image.shape[1]} pixels, milliseconds:"]
    for name, row in rows.items():
        beside = [f"{library} {'failed' if value is None else f'{value:.0f}'}" for library, value in row.items()]
        lines.append(f"{name}: {', '.join(beside)}")
    return Result(data, "\n".join(lines))


def _or_none(call: Callable[[], Any], times: int) -> float | None:
    """Milliseconds of another library's call; None where it fails, which is a finding and no fault of ours."""
    try:
        return _milliseconds(call, times)
    except Exception as error:
        console().print(f"  failed: {type(error).__name__}", markup=False)
        return None


def _milliseconds(call: Callable[[], Any], times: int) -> float:
    """The median of several calls, after one that warms up."""
    call()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)
