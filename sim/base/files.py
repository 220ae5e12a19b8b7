"""Files and directories that stand under their names whole or not at all, and are written by one process at a time."""

from __future__ import annotations

import ctypes
import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PARTIAL = ".partial"  # how the name of something ends that is being written
PATIENCE = 1.0  # seconds to wait for who only brings a place in order
POLL_SECONDS = 0.02
AT_WORKING_DIRECTORY, EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux's renameat2
LOCKED = {errno.EAGAIN, errno.EACCES}


class BusyError(Exception):
    """Another process holds the file."""


def beside(path: Path, ending: str) -> Path:
    """The hidden neighbour of a file or directory that serves to write it."""
    return path.with_name(f".{path.name}{ending}")


@contextmanager
def hold(path: Path, patience: float = PATIENCE) -> Iterator[int]:
    """Hold a file, made where there is none, as its only process; gives its descriptor, and removes it at the end.

    The system lets go of it when the process ends, however it does. A file left by a killed process holds nobody up.

    Raises
    ------
    BusyError : another process holds it, and still does after so many seconds.
    OSError : it cannot be made, or the file system has no locks.
    """
    descriptor, last = None, time.monotonic() + patience
    while descriptor is None:
        descriptor = _try_to_hold(path)
        if descriptor is None:
            if time.monotonic() > last:
                raise BusyError(path)
            time.sleep(POLL_SECONDS)
    try:
        yield descriptor
    finally:
        if _is_at(descriptor, path):
            path.unlink()
        os.close(descriptor)


def _try_to_hold(path: Path) -> int | None:
    """Open and lock a file; None where another process has it, or has just removed it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    try:
        if _lock(descriptor) and _is_at(descriptor, path):
            found, descriptor = descriptor, -1
            return found
        return None
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows, where who writes at the same time is not kept apart
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in LOCKED:
            return False
        raise
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is the one that stands under a name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def write_safely(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file that appears under its name only when all of it is on disk."""
    draft = beside(path, PARTIAL)
    with hold(draft, patience=float("inf")) as descriptor:
        os.ftruncate(descriptor, 0)  # of what a killed process left
        with open(descriptor, "w+b", closefd=False) as file:
            fill(file)
            file.flush()
            os.fsync(descriptor)
        os.replace(draft, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk keep a directory's entries."""
    if not hasattr(os, "O_DIRECTORY"):  # where a directory cannot be opened
        return
    descriptor = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Have the disk keep all that lies in a directory, whoever wrote it."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            descriptor = os.open(Path(place, name), os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(place))


def exchange(one: Path, other: Path) -> bool:
    """Let two directories change names in one step; False where the system or the file system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    result: int = rename(AT_WORKING_DIRECTORY, names[0], AT_WORKING_DIRECTORY, names[1], EXCHANGE)
    return result == 0
