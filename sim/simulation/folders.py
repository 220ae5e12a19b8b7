"""Directories of results: one process at a time holds each, fills a draft beside it and moves it there complete."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from sim.base.errors import ArgumentError, InputError
from sim.base.files import PARTIAL, PATIENCE, BusyError, beside, exchange, hold, sync_folder, sync_tree

RUNNING, OLD = ".running", ".old"  # how the names end of what marks a place as held, and of a result on its way out
MARK = b"A run of Metavalue writes beside this file.\n"
LONGEST = 200  # bytes of a name that a file gives
OURS = {"manifest.json", "outcomes.parquet", "report.html", "runs"}


@contextmanager
def staged(path: str | os.PathLike[str], *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a draft directory that is moved to its final name if the block succeeds, and removed if it fails.

    The place is held meanwhile, so that no second process fills it. Once it has its name, all of it is on disk.

    Raises
    ------
    InputError : `path` exists (and `overwrite` is not set, or it holds files of someone else), cannot be written, or
        another process is at work on it.
    """
    final, shown = Path(os.path.abspath(path)), os.fspath(path)
    _check_name(shown)
    _check_free(final, shown, overwrite)
    with _parents(final, shown), _held(final, shown):
        _check_free(final, shown, overwrite)
        draft = beside(final, PARTIAL)
        try:
            draft.mkdir()
        except OSError as error:
            raise _unwritable(shown, error) from None
        try:
            yield draft
            sync_tree(draft)
            _put(draft, final, shown, overwrite)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def one_name(key: str, name: Any) -> str:
    """Check that a name read from a file is a single file's or directory's and leads nowhere else; return it.

    Raises
    ------
    InputError : it cannot.
    """
    if not isinstance(name, str) or not name or name in (".", "..") or len(name.encode()) > LONGEST:
        raise InputError(key, name, f"a name of 1 to {LONGEST} letters")
    if not name.isprintable() or any(mark in name for mark in "/\\:"):
        raise InputError(key, name, "a name without /, \\ and :")
    return name


def mend(path: str | os.PathLike[str]) -> None:
    """Undo what a killed process left at a place: give an old result its name back, and remove drafts.

    Nothing happens where a living process is at work.
    """
    for final in (whole := Path(os.path.abspath(path)), *whole.parents):
        there = os.path.lexists(final)
        _mend(final, 0.0 if there else PATIENCE)
        if there:
            return


def _mend(final: Path, patience: float) -> None:
    """Undo what a killed process left at one place, unless a living process holds it within `patience` seconds."""
    mark = beside(final, RUNNING)
    with suppress(OSError, BusyError):
        if mark.is_file():
            with hold(mark, patience):
                _recover(final)


def _recover(final: Path) -> None:
    """Undo what a killed process left at a place; the caller holds it.

    A result that had stepped aside gets its name back if nothing took its place; drafts are removed.
    """
    old = beside(final, OLD)
    if old.is_dir() and not os.path.lexists(final):
        old.rename(final)
        sync_folder(final.parent)
    for rest in (old, beside(final, PARTIAL)):
        shutil.rmtree(rest, ignore_errors=True)


@contextmanager
def _held(final: Path, shown: str) -> Iterator[None]:
    """Hold a place and tidy it; places nearby that killed processes left are tidied too."""
    mark = beside(final, RUNNING)
    with ExitStack() as end:
        try:
            for other in final.parent.glob(f".*{RUNNING}"):
                if other != mark and other.stat().st_size == len(MARK) and other.read_bytes() == MARK:
                    _mend(other.with_name(other.name[1 : -len(RUNNING)]), 0.0)
            left = mark.exists()
            os.write(end.enter_context(hold(mark)), MARK)
            if left:
                _recover(final)
        except BusyError:
            expected = "a place of its own (another run that still goes on writes there)"
            raise ArgumentError("path", shown, expected) from None
        except OSError as error:
            raise _unwritable(shown, error) from None
        yield


@contextmanager
def _parents(final: Path, shown: str) -> Iterator[None]:
    """Make the parent directories of a place; if the block fails, those that are empty are removed."""
    made = [parent for parent in final.parents if not os.path.lexists(parent)]
    try:
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            for parent in made:
                sync_folder(parent.parent)
        except OSError as error:
            raise _unwritable(shown, error) from None
        yield
    except BaseException:
        with suppress(OSError):
            for parent in made:
                parent.rmdir()
        raise


def _put(draft: Path, final: Path, shown: str, overwrite: bool) -> None:
    """Move a finished directory to its name; the result that stood there is removed last."""
    try:
        _check_free(final, shown, overwrite)
    except InputError:  # someone made it while the run went on
        spare = next(
            path for k in itertools.count(2) if not os.path.lexists(path := final.with_name(f"{final.name}.{k}"))
        )
        draft.rename(spare)
        sync_folder(spare.parent)
        expected = f"a directory that is left alone while the run goes on (the results are in {spare})"
        raise ArgumentError("path", shown, expected) from None
    if not final.exists():
        draft.rename(final)
    elif not exchange(draft, final):
        _step_aside(draft, final)
    sync_folder(final.parent)
    shutil.rmtree(beside(final, OLD), ignore_errors=True)


def _step_aside(draft: Path, final: Path) -> None:
    """Replace an old result by a new one in two steps, or not at all."""
    old = beside(final, OLD)
    try:
        final.rename(old)
        draft.rename(final)
    except BaseException:
        if not final.exists():
            old.rename(final)
        raise


def _unwritable(shown: str, error: OSError) -> InputError:
    """Return the error about a directory that cannot be made."""
    return ArgumentError("path", shown, f"a directory that can be made ({error.strerror}: {error.filename})")


def _check_name(shown: str) -> None:
    """Refuse a name that no page, manifest or terminal could show."""
    legible = shown.encode("utf-8", "backslashreplace").decode()
    if legible != shown or "\0" in shown:
        raise ArgumentError("path", legible.replace("\0", "\\0"), "a name in UTF-8")


def _check_free(final: Path, shown: str, overwrite: bool) -> None:
    """Refuse a place that is taken; with `overwrite`, only a result of this program may be replaced."""
    try:
        taken = os.path.lexists(final)
        held = {entry.name for entry in final.iterdir()} if taken else set()
        link = final.is_symlink()
    except OSError as error:
        raise ArgumentError("path", shown, f"a directory ({error.strerror})") from None
    if taken and not overwrite:
        raise ArgumentError("path", shown, "a new directory (it exists; overwrite=True replaces it)")
    ours = OURS | {name for name in held if name.endswith(".parquet") and "outcomes.parquet" in held}
    foreign = sorted(held - ours if "manifest.json" in held else held)
    if foreign or link:
        found = ", ".join(foreign[:3]) or "a link"
        raise ArgumentError("path", shown, f"a directory that holds nothing but results (it holds {found})")
