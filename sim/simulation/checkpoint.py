"""Checkpoints of one run: its state in one file, written whole or not at all, from which it goes on bit for bit.

A file holds four things: a line with the format's version; the SHA-256 of all that follows; a line of JSON that says
what the run is (identity, week, time spent); the state's arrays as an uncompressed `.npz` without pickled objects.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np

from sim.base.errors import ArgumentError, InputError
from sim.base.files import write_safely
from sim.simulation.sealed import entry_of
from sim.world.state import Arrays

FORMAT = 2  # 1 named the state otherwise
MAGIC = b"metavalue checkpoint "
DIGEST = hashlib.sha256().digest_size * 2  # characters
PIECE = 2**20  # bytes read at once
LONGEST_HEADER = 2**20  # bytes of a header of another format that are looked at
# what two runs must share for one to go on with the other's state, in the order in which a difference is named
IDENTITY = (
    "model_version", "source_hash", "python", "packages", "scenario", "scenario_hash", "inputs", "seed", "replication",
)  # fmt: skip


@dataclass(frozen=True)
class Checkpoint:
    """Where a run saves its state, and every how many weeks.

    Raises
    ------
    InputError : `every` is below 1.
    """

    path: Path
    every: int

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ArgumentError("checkpoint_every", self.every, "a whole number of weeks from 1")

    def due(self, week: int) -> bool:
        """Whether the state is to be saved after so many weeks."""
        return week % self.every == 0


@dataclass(frozen=True, eq=False)
class Stored:
    """A state read back from a checkpoint.

    Attributes
    ----------
    week : weeks done.
    started : ISO time at which the run was first started.
    wall_s : seconds spent on these weeks, those of earlier attempts included.
    state : what `sim.world.state.collect` gave.
    """

    week: int
    started: str
    wall_s: float
    state: Arrays


def write_checkpoint(path: Path, manifest: Mapping[str, Any], week: int, wall_s: float, state: Arrays) -> None:
    """Save a run's state; the one before stays until this one is safe on disk.

    Parameters
    ----------
    manifest : what ran (`sim.simulation.simulate.describe_case`, with `started`).
    """
    header = {key: manifest[key] for key in (*IDENTITY, "started")} | {"week": week, "wall_s": wall_s}

    def fill(file: IO[bytes]) -> None:
        file.write(MAGIC + str(FORMAT).encode() + b"\n")
        place = file.tell()
        file.write(b"0" * DIGEST + b"\n")
        file.write(json.dumps(header, ensure_ascii=False, allow_nan=False).encode() + b"\n")
        np.savez(file, allow_pickle=False, **state)
        file.seek(place + DIGEST + 1)
        digest = _digest(file)
        file.seek(place)
        file.write(digest)

    path.parent.mkdir(parents=True, exist_ok=True)
    write_safely(path, fill)


def read_checkpoint(path: Path, manifest: Mapping[str, Any]) -> Stored | None:
    """Read the state that a run saved; None where there is none yet.

    Parameters
    ----------
    manifest : what is to run; a checkpoint of anything else is refused.

    Raises
    ------
    InputError : the file is damaged, or of another format, program, scenario, seed or data.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "a checkpoint that can be read") from None
    with file:
        header = _read_header(path, file)
        refuse_other(path, header, manifest)
        try:
            with np.load(file, allow_pickle=False) as arrays:
                state = dict(arrays.items())
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            raise _damaged(path) from None
    return Stored(header["week"], header["started"], header["wall_s"], state)


def read_week(path: Path) -> int:
    """Read how many weeks the checkpoint at a path has done; 0 where there is none.

    Raises
    ------
    InputError : the file is damaged or of another format.
    """
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return int(_read_header(path, file)["week"])


def _read_header(path: Path, file: IO[bytes]) -> dict[str, Any]:
    """Read the header, after checking format and checksum; the file is then at the arrays."""
    first = file.readline(len(MAGIC) + 20)
    if not first.startswith(MAGIC):
        raise InputError(str(path), "another kind of file, or a damaged one", "a checkpoint of a run")
    version = first[len(MAGIC) :].strip().decode("ascii", "replace")
    written = file.readline(DIGEST + 1).strip()
    if version != str(FORMAT):
        _refuse_format(path, file, version)
    place = file.tell()
    if written != _digest(file):
        raise _damaged(path)
    file.seek(place)
    try:
        header: dict[str, Any] = json.loads(file.readline())
        kinds = {"week": int, "started": str, "wall_s": int | float}
        if all(key in header for key in IDENTITY) and all(isinstance(header[k], kinds[k]) for k in kinds):
            return header
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise _damaged(path)


def _refuse_format(path: Path, file: IO[bytes], version: str) -> NoReturn:
    """Refuse a checkpoint of another format; its header, where it can be read, tells which source wrote it."""
    source = entry_of(file.readline(LONGEST_HEADER), "source_hash")
    wrote = f" (source {source[:12]})" if isinstance(source, str) else ""
    expected = f"format {FORMAT}; the version of the program that wrote it{wrote} reads it, or run anew"
    raise InputError(str(path), f"a checkpoint of format {version}", expected)


def _damaged(path: Path) -> InputError:
    """Return the error about a damaged checkpoint."""
    return InputError(str(path), "a damaged checkpoint", "one as it was written; delete it to run anew from week 0")


def refuse_other(path: Path, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
    """Refuse a state or result of another program, scenario, seed or data, and name the first difference."""
    for key in IDENTITY:
        if theirs.get(key) != ours[key]:
            one, other = (_short(value) for value in _apart(theirs.get(key), ours[key]))
            raise InputError(str(path), f"a checkpoint with {key} {one}", f"{key} {other}, as now; run anew")


def _apart(one: Any, other: Any) -> tuple[Any, Any]:
    """Return two values, or of two dictionaries only the entries that differ."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return one, other
    keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
    return {key: one.get(key) for key in keys}, {key: other.get(key) for key in keys}


def _short(value: Any) -> str:
    """Write a value for an error; long texts, such as hashes, are cut."""
    if isinstance(value, str) and len(value) > 40:
        return value[:12] + "…"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _digest(file: IO[bytes]) -> bytes:
    """Hash the rest of a file (SHA-256, hexadecimal)."""
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest().encode()
