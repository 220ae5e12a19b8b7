"""Ctrl-C between the parts of a run, not inside one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a Ctrl-C wait for the block's end, and raise it there; a second one is heard at once.

    A `KeyboardInterrupt` raised inside compiled code that calls Python, or inside a library that compiles or writes,
    may be lost, become another error or end the process. Who handles SIGINT otherwise than Python keeps their way. An
    error in the block is raised in its place.
    """
    standard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not standard or threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = False

    def note(number: int, frame: Any) -> None:
        nonlocal pressed
        if pressed:
            signal.default_int_handler(number, frame)
        pressed = True

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if pressed:
        raise KeyboardInterrupt
