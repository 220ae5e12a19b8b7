"""Ctrl-C waits for the end of what must not be cut."""

import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from sim.interrupts import uninterrupted


@pytest.fixture(autouse=True)
def python_hears() -> Iterator[None]:
    """A suite in a shell's background starts with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_waits_for_the_end_of_the_block() -> None:
    done = False
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        press()
        done = True
    assert done and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_ctrl_c_is_heard_at_once() -> None:
    done = False
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        press()
        press()
        done = True
    assert not done and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_in_the_block_is_raised_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), uninterrupted():
        press()
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_handler_is_left_in_place() -> None:
    heard = []

    def other(number: int, frame: FrameType | None) -> None:
        heard.append(number)

    signal.signal(signal.SIGINT, other)
    with uninterrupted():
        press()
        assert signal.getsignal(signal.SIGINT) is other
    assert heard == [signal.SIGINT]


def test_threads_leave_ctrl_c_alone() -> None:
    seen = []

    def block() -> None:
        with uninterrupted():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=block)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]
