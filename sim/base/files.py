"""Atomic writing: a file or directory appears under its name only when complete; one process writes at a time."""

from __future__ import annotations

import ctypes
import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PARTIAL = ".partial"  # ending of the name of a file that is being written
PATIENCE = 1.0  # seconds to wait for a process that is only tidying up
POLL_SECONDS = 0.02
AT_WORKING_DIRECTORY, EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux's renameat2
LOCKED = {errno.EAGAIN, errno.EACCES}


class BusyError(Exception):
    """Another process holds the file."""


def beside(path: Path, ending: str) -> Path:
    """Path of a hidden neighbour, `.NAME` + ending. A file or directory is written there before it gets its name."""
    return path.with_name(f".{path.name}{ending}")


@contextmanager
def hold(path: Path, patience: float = PATIENCE) -> Iterator[int]:
    """Context manager: lock a file for this process, yield its descriptor, and remove the file at the end.

    The file is created if it is missing. The system releases the lock when the process ends, even if it is killed, so
    a file that was left behind blocks nobody.

    Parameters
    ----------
    patience : seconds to wait for another process to release it.

    Raises
    ------
    BusyError : another process still holds it after `patience` seconds.
    OSError : it cannot be created, or the file system has no locks.
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
    """Open and lock a file; return its descriptor, or None if another process holds it or has just removed it."""
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
    """Try to lock an open file without waiting; False if another process has the lock."""
    try:
        import fcntl
    except ImportError:  # Windows: simultaneous writers are not kept apart
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in LOCKED:
            return False
        raise
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one that the path names now (it may have been removed or replaced)."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def write_safely(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file through `fill(file)`; it appears under its name only when all of it is on disk."""
    draft = beside(path, PARTIAL)
    with hold(draft, patience=float("inf")) as descriptor:
        os.ftruncate(descriptor, 0)  # removes what a killed process may have left
        with open(descriptor, "w+b", closefd=False) as file:
            fill(file)
            file.flush()
            os.fsync(descriptor)
        os.replace(draft, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a directory's list of entries to disk (fsync), so that a new name survives a power cut."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows, where a directory cannot be opened
        return
    descriptor = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Flush all files and directories below `folder` to disk (fsync), whichever process wrote them."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            descriptor = os.open(Path(place, name), os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        sync_folder(Path(place))


def exchange(one: Path, other: Path) -> bool:
    """Swap the names of two directories in one atomic step; False if the system or file system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if rename is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    result: int = rename(AT_WORKING_DIRECTORY, names[0], AT_WORKING_DIRECTORY, names[1], EXCHANGE)
    return result == 0
