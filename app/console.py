"""What a person sees while work goes on: a bar on a terminal, else a line for every tenth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console


class Advance(Protocol):
    """Tells how far the work is: done of how many in all, and perhaps a note."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


def duration(seconds: float) -> str:
    """Write a time as a person says it."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 10 or seconds == 0 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def progress(quiet: bool, unit: str, console: Console | None = None) -> AbstractContextManager[Advance]:
    """Choose how progress in some unit, such as weeks, is shown: not at all, as a bar, or as lines."""
    if quiet:
        return nullcontext(lambda done, total, note="": None)
    from rich.console import Console as Terminal

    console = console or Terminal(stderr=True)
    return _bar(console, unit) if console.is_terminal else nullcontext(_lines(console, unit))


@contextmanager
def _bar(console: Console, unit: str) -> Iterator[Advance]:
    """Give a callback that draws a bar."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn(unit + " · {task.fields[rate]} ·")
    columns = (BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn(), TextColumn("left{task.fields[note]}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, rate="…", note="")

        def advance(done: int, total: int, note: str = "") -> None:
            speed = bar.tasks[0].speed
            shown = f"{speed:{'.0f' if speed >= 10 else '.1f'}} a second" if speed else "…"
            bar.update(task, completed=done, total=total, rate=shown, note=note)

        yield advance


def _lines(console: Console, unit: str) -> Advance:
    """Give a callback that prints a line for every tenth."""
    from time import monotonic

    start, printed = monotonic(), 0
    first: int | None = None

    def advance(done: int, total: int, note: str = "") -> None:
        nonlocal printed, first
        first = done if first is None else first
        if total and 10 * done // total > printed:
            printed = 10 * done // total
            rate = (done - first) / max(monotonic() - start, 1e-9)
            left = f", {duration((total - done) / rate)} left" if done < total and rate else ""
            console.print(f"{done:,} of {total:,} {unit}, {rate:.1f} a second{left}{note}", highlight=False)

    return advance
