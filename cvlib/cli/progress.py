"""Progress on standard error, for people."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

Report = Callable[[dict[str, Any]], None]


def console() -> Console:
    """Standard error as it is now."""
    return Console(stderr=True)


@contextlib.contextmanager
def training_progress(title: str) -> Iterator[Report]:
    """A progress bar that takes a training's events."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(), transient=True) as bar:
        task = bar.add_task(title, total=1.0, said="")

        def report(event: dict[str, Any]) -> None:
            if event["kind"] == "phase":
                bar.update(task, said=event["phase"])
            elif event["kind"] == "batch":
                bar.update(task, completed=event["progress"], said=f"loss {event['loss']:.3f}")

        yield report
