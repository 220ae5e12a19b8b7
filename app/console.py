"""Safe output streams, and progress for a person: a bar on a terminal, elsewhere a line for every tenth."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from time import monotonic
from typing import TYPE_CHECKING, Protocol, TextIO

from analysis.durations import duration
from sim.base.errors import LONGEST, InputError, escaped, shortened

if TYPE_CHECKING:
    from rich.console import Console


STDOUT = "standard output"
MIN_SECONDS = 1.0  # over which a bar's rate is measured


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Escape characters that an encoding lacks as in JSON (`\\u4e2d`), so that JSON stays valid."""
    assert isinstance(error, UnicodeEncodeError)
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error("json", _escape)


def fit_streams() -> None:
    """Let standard output and error accept any text in any encoding; a stream that is closed discards it."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:  # no file that is written later may get its number
        pass
    os.close(descriptor)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))
        getattr(sys, name).reconfigure(errors="json")


def say(text: str) -> None:
    """Print one line of bounded length to standard error, unless that is closed."""
    with suppress(OSError):
        print(shortened(escaped(text), LONGEST), file=sys.stderr, flush=True)


def tell(notices: Iterable[str]) -> None:
    """Print notes to standard error, one line each: how data were read, which runs do not count."""
    for notice in notices:
        say(f"metavalue: note: {notice}")


def warn(texts: Iterable[str]) -> None:
    """Print warnings to standard error, one line each: settings that have no effect in a run."""
    for text in texts:
        say(f"metavalue: warning: {text}")


class Answer(io.StringIO):
    """The output of a command, held back until the command has ended.

    Attributes
    ----------
    kept : where the results are that the answer tells of, and are all the same.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream, self.kept = stream, ""

    def isatty(self) -> bool:
        """Whether the output goes to a terminal."""
        return self.stream.isatty()


def keeps(text: str) -> None:
    """Note where results are; if the output can't be written, this is printed to standard error."""
    if isinstance(sys.stdout, Answer):
        sys.stdout.kept = text


@contextmanager
def answering() -> Iterator[None]:
    """Hold back standard output during the block, and write it at the end.

    A reader that stops early, such as `head`, is no error.

    Raises
    ------
    InputError : it cannot be written, as on a full disk.
    """
    stream = sys.stdout
    answer = sys.stdout = Answer(stream)
    try:
        yield
    finally:
        sys.stdout = stream
        _write(answer)


def _write(answer: Answer) -> None:
    """Write the output that was held back; if that fails, say where the results are."""
    if not answer.getvalue():  # a full disk refuses nothing, too, and would hide why a command ended
        return
    try:
        print(answer.getvalue(), end="", flush=True)
    except OSError as error:
        with suppress(OSError), open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())  # what is left in Python's buffer must not fail once more
        if error.errno != errno.EPIPE:
            expected = "a place that takes the answer" + (f" ({answer.kept})" if answer.kept else "")
            raise InputError(STDOUT, error.strerror or str(error), expected) from None
        if answer.kept:
            say(f"metavalue: {answer.kept}")


class Advance(Protocol):
    """Shows progress: work done, work in all, and perhaps a note."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


def progress(quiet: bool, unit: str) -> AbstractContextManager[Advance]:
    """Choose how progress in some unit, such as weeks, is shown: not at all, as a bar, or as lines."""
    if quiet:
        return nullcontext(lambda done, total, note="": None)
    from rich.console import Console

    console = Console(stderr=True)
    return _bar(console, unit) if console.is_terminal else nullcontext(_lines(unit))


class _Pace:
    """Measures how fast work goes; what was done before the first call does not count.

    Parameters
    ----------
    least : seconds after the first news from which on a rate is shown; without it, from the beginning on.
    """

    def __init__(self, least: float = 0.0) -> None:
        self._least, self._since = least, monotonic()
        self._first: int | None = None

    def rate(self, done: int) -> float:
        """Units per second; 0 until something has been measured."""
        now = monotonic()
        if self._first is None:
            self._first = done
            if self._least:
                self._since = now
        took = now - self._since
        return (done - self._first) / took if took > self._least else 0.0


def _told(done: int, total: int, unit: str, rate: float, note: str) -> str:
    """Write progress as a line: done of all, rate, and time left."""
    speed = f", {rate:,.{0 if rate >= 10 else 1}f} per second" if rate else ""
    left = f", {duration((total - done) / rate)} left" if rate and done < total else ""
    return f"{done:,} of {total:,} {unit}{speed}{left}{note}"


@contextmanager
def _bar(console: Console, unit: str) -> Iterator[Advance]:
    """Yield a callback that draws a progress bar."""
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(BarColumn(), TextColumn("{task.fields[told]}"), console=console, transient=True) as bar:
        task, pace = bar.add_task("", total=None, told="preparing …"), _Pace(MIN_SECONDS)

        def advance(done: int, total: int, note: str = "") -> None:
            if rate := pace.rate(done):
                bar.update(task, completed=done, total=total, told=_told(done, total, unit, rate, note))

        yield advance


def _lines(unit: str) -> Advance:
    """Return a callback that prints a line for every tenth of the work."""
    pace = _Pace()
    printed: int | None = None

    def advance(done: int, total: int, note: str = "") -> None:
        nonlocal printed
        tenth = 10 * done // max(total, 1)
        rate = pace.rate(done)
        if printed is not None and tenth > printed:
            say(_told(done, total, unit, rate, note))
        printed = tenth

    return advance
