"""Ctrl-C, `kill` and a closed terminal are one thing, which waits for the end of what must not be cut."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from sim.simulation.interrupts import STOPS, listening, uninterrupted

ROOT = Path(__file__).resolve().parents[1]


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


@pytest.mark.parametrize("number", STOPS)
def test_every_signal_to_stop_is_a_ctrl_c_that_waits(number: int) -> None:
    before, done = signal.signal(number, signal.SIG_DFL), False
    try:
        with pytest.raises(KeyboardInterrupt), listening(), uninterrupted():
            signal.raise_signal(number)
            done = True
        assert done and signal.getsignal(number) is signal.SIG_DFL
        with pytest.raises(KeyboardInterrupt), listening():
            signal.raise_signal(number)
    finally:
        signal.signal(number, before)


def test_what_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with listening(), uninterrupted():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_the_program_while_it_is_imported_reads_one_line(tmp_path: Path, number: int) -> None:
    # an interruption that goes through `exec` would have Python end itself by a signal, not with an exit code
    (tmp_path / "typer.py").write_text(f"exec('import signal; signal.raise_signal({int(number)})')")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    program = (sys.executable, "-m", "app", "list", "worlds")
    said = subprocess.run(
        program,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert (said.returncode, said.stderr) == (130, "metavalue: interrupted; nothing was written\n")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_process_that_is_ending_keeps_its_exit_code(name: str) -> None:
    """The signal of a whole process goes to any of its threads, such as a library's."""
    program = (
        "import os, signal, sys, threading, time\n"
        "threading.Thread(target=time.sleep, args=(5,), daemon=True).start()\n"
        "sys.argv = ['metavalue', 'describe', 'nothing_like_this']\n"
        "from app.__main__ import main\n"
        "try: main()\n"
        f"finally: os.kill(os.getpid(), signal.{name}); time.sleep(0.2)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "Traceback" not in done.stderr
