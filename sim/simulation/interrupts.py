"""Interrupts: Ctrl-C, a `kill` and a closed terminal have one effect, and act between the parts of a run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STOPS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def stop(number: int, frame: Any) -> None:
    """Handle a signal as Ctrl-C is handled: raise KeyboardInterrupt."""
    raise KeyboardInterrupt


def listen() -> dict[signal.Signals, Any]:
    """Handle `kill` and a closed terminal like Ctrl-C from now on.

    Signals that are ignored, as under `nohup`, stay ignored.

    Returns the handlers before.

    Returns who heard them before.
    """
    before = {number: signal.getsignal(number) for number in STOPS}
    for number, handler in before.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, stop)
    return before


@contextmanager
def listening() -> Iterator[None]:
    """Treat a `kill` and a closed terminal as Ctrl-C during the block."""
    before = listen()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore() -> None:
    """Ignore signals from now on, since only the last output is left to write."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def leave() -> None:
    """Block signals for the rest of the process, so that it ends with its own exit code.

    Where a `KeyboardInterrupt` once went through `exec`, Python would end itself by a SIGINT, although it was caught.
    """
    ignore()
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay an interrupt until the end of the block; a second one acts at once.

    A `KeyboardInterrupt` raised inside compiled code that calls Python, or inside a library that compiles or writes,
    may be lost, become another error or end the process. Who handles a signal in a way of their own keeps it. An
    error in the block is raised in its place.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = {number: signal.getsignal(number) for number in STOPS}
    ours = {number: handler for number, handler in ours.items() if handler in (signal.default_int_handler, stop)}
    asked = False

    def note(number: int, frame: Any) -> None:
        nonlocal asked
        if asked:
            stop(number, frame)
        asked = True

    for number in ours:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
    if asked:
        raise KeyboardInterrupt
