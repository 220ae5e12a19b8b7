"""Kill a command at its k-th step that changes the disk: `python -m tests.kills K FOLDER run world=tiny --out …`.

Steps are calls of fsync, rename, replace, unlink, mkdir and rmdir on what lies in FOLDER, exchanges of names, and what
SQLite executes and commits. The process gets a SIGKILL just before the call; with K = 0 it lives and the last line on
stderr says how many steps there were. In place of a command there may be `-c PROGRAM`. `--no-exchange` stands for a
file system that cannot exchange two names in one step.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CALLS = ("fsync", "rename", "replace", "unlink", "remove", "mkdir", "rmdir")
STATEMENTS = ("execute", "executemany", "executescript", "commit", "__exit__")
TOLD = "steps: "


def start(k: int, folder: Path, *words: str, exchange: bool = True, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Start a command that is killed at its k-th step, or counts them (k = 0)."""
    program = [sys.executable, "-m", "tests.kills", *([] if exchange else ["--no-exchange"]), str(k), str(folder)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(
        [*program, *words], cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def steps(folder: Path, *words: str, exchange: bool = True, cwd: Path | None = None) -> int:
    """How many steps a command takes."""
    with start(0, folder, *words, exchange=exchange, cwd=cwd) as process:
        _, err = process.communicate()
    assert process.returncode == 0, err
    return int(err.rpartition(TOLD)[2])


def kill(k: int, folder: Path, *words: str, exchange: bool = True, cwd: Path | None = None) -> bool:
    """Run a command and kill it at its k-th step; False where it ended well before."""
    with start(k, folder, *words, exchange=exchange, cwd=cwd) as process:
        _, err = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err
    return process.returncode != 0


class _Counter:
    """Counts steps, and ends the process before the k-th."""

    def __init__(self, k: int, folder: Path) -> None:
        self.k, self.folder, self.count = k, str(folder.resolve()), 0

    def step(self) -> None:
        """One step more."""
        self.count += 1
        if self.count == self.k:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, name: str) -> None:
        """Count the calls of a function of `os` on what lies in the folder."""
        call: Callable[..., Any] = getattr(os, name)

        def counted(what: Any, *rest: Any, **named: Any) -> Any:
            if self._concerns(what, named.get("dir_fd")):
                self.step()
            return call(what, *rest, **named)

        setattr(os, name, counted)

    def _concerns(self, what: Any, folder: int | None) -> bool:
        if isinstance(what, int):
            path = os.readlink(f"/proc/self/fd/{what}")
        elif folder is not None:
            path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(what))
        else:
            path = os.path.realpath(os.path.dirname(os.path.abspath(os.fsdecode(what))))
        return os.path.commonpath([self.folder, path]) == self.folder

    def watch_sqlite(self) -> None:
        """Count what SQLite executes and commits."""

        def counted(name: str) -> Callable[..., Any]:
            def method(connection: sqlite3.Connection, *given: Any) -> Any:
                self.step()
                return getattr(sqlite3.Connection, name)(connection, *given)

            return method

        kind = type("Connection", (sqlite3.Connection,), {name: counted(name) for name in STATEMENTS})
        connect = sqlite3.connect
        sqlite3.connect = lambda *given, **named: connect(*given, factory=kind, **named)  # type: ignore[assignment]

    def watch_exchange(self, works: bool) -> None:
        """Count exchanges of names, or let there be none."""
        from sim.simulation import folders

        exchange = folders.exchange

        def counted(one: Path, other: Path) -> bool:
            if not works:
                return False
            self.step()
            return exchange(one, other)

        folders.exchange = counted


def main() -> None:
    """Run what the command line says."""
    words = sys.argv[1:]
    works = words[0] != "--no-exchange"
    k, folder, *words = words[not works :]
    counter = _Counter(int(k), Path(folder))
    for name in CALLS:
        counter.watch(name)
    counter.watch_sqlite()
    counter.watch_exchange(works)
    code: Any = 0
    try:
        if words[0] == "-c":
            exec(compile(words[1], "program", "exec"), {"__name__": "__main__"})
        else:
            from app.__main__ import main as command

            sys.argv = ["metavalue", *words]
            command()
    except SystemExit as end:
        code = end.code
    print(f"{TOLD}{counter.count}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
