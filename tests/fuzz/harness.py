"""Give the program a wrong input, in this process or in one of its own, and judge what it says."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.base.errors import LONGEST
from tests.fuzz.cases import DONE, FAILED, PLACEHOLDER, WRONG, Case
from tests.memory import peak_bytes

ROOT = Path(__file__).resolve().parents[2]
MAX_SECONDS = 20.0  # of work: beside other programs the same work takes longer by the clock
HANGS = 10  # times as long by the clock, after which a process is taken to wait for nothing
MAX_BYTES = 2**30


@dataclass(frozen=True)
class Said:
    """What a command left: exit code, both outputs, whether it went on to simulate, seconds, peak bytes."""

    code: int
    out: str
    err: str
    accepted: bool
    seconds: float
    peak: int


class AcceptedError(BaseException):
    """The input was taken, and a simulation would begin now."""


def faults_of(case: Case, said: Said) -> list[str]:
    """What is wrong with the way in which a case was answered; nothing where all is well."""
    if said.accepted:
        return [] if DONE in case.codes else ["a wrong input was taken"]
    faults = []
    lines = [line for line in said.err.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("metavalue: ")]
    if "Traceback" in said.err + said.out:
        faults.append("a traceback")
    if said.code not in case.codes:
        faults.append(f"exit code {said.code}")
    if said.code != DONE and (len(errors) != 1 or "the run failed" in errors[0]):
        faults.append(f"{len(errors)} error lines" if len(errors) != 1 else "a failure instead of a wrong input")
    if any(len(line) > LONGEST for line in errors):
        faults.append(f"an error of {max(map(len, errors))} characters")
    if any(ord(letter) < 32 for line in errors for letter in line):
        faults.append("a control character in an error")
    if said.seconds > MAX_SECONDS and said.code != DONE:  # what can be read is simulated, which may take longer
        faults.append(f"{said.seconds:.0f} s")
    if said.peak > MAX_BYTES:
        faults.append(f"{said.peak / 2**20:.0f} MiB")
    if said.code == WRONG and "--json" in case.words:
        faults += _json_faults(said.out)
    return faults


def _json_faults(out: str) -> list[str]:
    try:
        error = json.loads(out)["error"]
    except (ValueError, KeyError, TypeError):
        return ["no error as JSON"]
    return [] if list(error) == ["key", "value", "expected", "nearest"] else ["other keys in the error's JSON"]


def lay_out(case: Case) -> None:
    """Write a case's files into the working directory."""
    for name, content in case.files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if content == PLACEHOLDER.encode():
            os.mkfifo(path)
        else:
            path.write_bytes(content)


@contextlib.contextmanager
def somewhere() -> Iterator[Path]:
    """An empty folder as working directory."""
    place, before = tempfile.mkdtemp(prefix="fuzz"), Path.cwd()
    os.chdir(place)
    try:
        yield Path(place)
    finally:
        os.chdir(before)
        shutil.rmtree(place, ignore_errors=True)


def in_process(case: Case) -> Said:
    """Answer a case here; a simulation is stopped as it begins."""
    from app import cli

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace") for _ in range(2))
    code, accepted, clock = DONE, False, time.perf_counter()
    with somewhere(), _alarm(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        lay_out(case)
        sys.argv = ["metavalue", *case.words]
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or DONE)
        except AcceptedError:
            accepted = True
        except TimeoutError:
            code = -signal.SIGALRM
        except Exception as error:
            err.write(f"Traceback: {type(error).__name__}: {error}")
            code = FAILED
    out_text, err_text = map(_text, (out, err))
    return Said(code, out_text, err_text, accepted, time.perf_counter() - clock, peak_bytes())


def _text(file: io.TextIOWrapper) -> str:
    file.flush()
    return file.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined, no-any-return]


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    """End what takes much too long."""

    def ring(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(int(MAX_SECONDS) + 5)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def stop_simulations() -> None:
    """Let every way into a simulation end with `AcceptedError`."""
    from sim.experiment import engines, pairing, runner

    def stop(*_: Any, **__: Any) -> Any:
        raise AcceptedError

    places: list[tuple[Any, str]] = [
        (pairing, "run_arms"), (runner, "pilot"), (runner, "run_sweep"), (engines, "open_engine"),
    ]  # fmt: skip
    for module, name in places:
        setattr(module, name, stop)


def as_process(case: Case) -> Said:
    """Answer a case in a process of its own, with its peak of memory measured by the system.

    A word with a NUL, which no system hands to a process, is answered here.
    """
    if any("\0" in word for word in case.words):
        return in_process(case)
    try:
        words = [os.fsencode(word) for word in case.words]
    except UnicodeEncodeError:
        words = [word.encode("utf-8", "surrogatepass") for word in case.words]
    words = [word[:100_000] for word in words]  # no system takes more as one argument
    with somewhere() as place:
        lay_out(case)
        with open(place / ".out", "w+b") as out, open(place / ".err", "w+b") as err:
            command = [os.fsencode(sys.executable), b"-m", b"app", *words]
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            child = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=environment)
            code, seconds, peak = _wait(child)
            out.seek(0)
            err.seek(0)
            texts = [file.read().decode("utf-8", "replace") for file in (out, err)]
    return Said(code, *texts, False, seconds, peak)


def _wait(child: subprocess.Popen[bytes]) -> tuple[int, float, int]:
    """Exit code, seconds of work and peak bytes of a child; one that takes much too long by the clock is killed."""
    deadline, own, peak = time.monotonic() + HANGS * MAX_SECONDS, peak_bytes(), 0
    while True:
        peak = max(peak, peak_bytes(child.pid))
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            handed_on = used.ru_maxrss * 1024  # this process's own peak, or the child's if that was higher
            return child.returncode, used.ru_utime + used.ru_stime, handed_on if handed_on > own else peak
        if time.monotonic() > deadline:
            child.kill()
            deadline = float("inf")
        time.sleep(0.01)


Answer = Callable[[Case], Said]
