"""Opening a user's data files: only regular files of an acceptable size; others raise a clear error."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.base.errors import InputError, nearest_name
from sim.inputs.bounds import MAX_FILE_BYTES

_KINDS = {
    stat.S_IFDIR: "is a directory", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
}  # fmt: skip
_WORKBOOKS = (".xlsx", ".xls", ".ods")


def suffix_of(path: Path, suffixes: tuple[str, ...]) -> str:
    """Return the suffix of a file's name in lower case; InputError if it is not among `suffixes`."""
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        nearest = nearest_name(path.suffix, suffixes)
        expected = _expected(suffixes) + ("; in a spreadsheet, save as 'CSV UTF-8'" if suffix in _WORKBOOKS else "")
        raise InputError(str(path), path.suffix or "no extension", expected, nearest)
    return suffix


@contextmanager
def opened(path: Path, suffixes: tuple[str, ...]) -> Iterator[io.BufferedReader]:
    """Context manager: open a regular, non-empty file for reading; InputError for anything else.

    Other kinds (pipes, devices) are not even opened, because opening them may wait or have effects.
    """
    try:
        _check(path, path.stat(), suffixes)
        # non-blocking, in case the file was replaced by a pipe since the check
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        siblings = [p.name for p in path.parent.glob("*") if p.suffix.lower() in suffixes]
        nearest = nearest_name(path.name, siblings)
        raise InputError(str(path), "no such file", _expected(suffixes), nearest) from None
    except OSError as error:
        raise InputError(str(path), (error.strerror or str(error)).lower(), _expected(suffixes)) from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(str(path), str(error), _expected(suffixes)) from None  # a name with a null character
    with open(file, "rb") as stream:
        _check(path, os.fstat(file), suffixes)
        yield stream


def _expected(suffixes: tuple[str, ...]) -> str:
    """Say which kinds of files are accepted."""
    return f"a {' or '.join(suffixes)} file"


def _check(path: Path, status: os.stat_result, suffixes: tuple[str, ...]) -> None:
    """InputError unless the status is that of a regular, non-empty file that is not too large."""
    kind, size = stat.S_IFMT(status.st_mode), status.st_size
    if kind != stat.S_IFREG:
        raise InputError(str(path), _KINDS.get(kind, "a special file"), _expected(suffixes))
    if not size:
        raise InputError(str(path), "an empty file", _expected(suffixes))
    if size > MAX_FILE_BYTES:
        raise InputError(str(path), f"{size:,} bytes", f"at most {MAX_FILE_BYTES:,} bytes")
