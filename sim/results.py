"""What a run leaves: outcomes by date, manifest, exhibits; written whole or not at all, and read back."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from sim.errors import InputError, nearest_name
from sim.folders import mend, staged
from sim.outcomes import OUTCOMES

SCHEMA_VERSION = 1
LARGEST = 50_000_000  # bytes of a manifest
LAST_WEEKS = 52  # of a run, over which its outcomes are averaged into one number


class Savable(ABC):
    """What can be written into a directory of its own."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write the files into an existing directory."""

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the files into a new directory.

        Raises
        ------
        InputError : the directory exists (and `overwrite` is not set) or cannot be written.
        """
        with staged(path, overwrite=overwrite) as folder:
            self.write(folder)
        return Path(path)


@dataclass(frozen=True, eq=False, repr=False)
class RunResult(Savable):
    """One run.

    Attributes
    ----------
    outcomes : a row per week, indexed by `date` (Monday): `week`, then the outcomes in their units; null is NaN.
    manifest : what ran, with which settings and sources, where and for how long.
    exhibits : samples for figures, by name.
    """

    outcomes: pd.DataFrame
    manifest: dict[str, Any]
    exhibits: dict[str, pd.DataFrame]

    def __repr__(self) -> str:
        """What ran, in one line; the rest lies in the attributes."""
        told = ", ".join(f"{key} {self.manifest.get(key)}" for key in ("scenario", "seed", "replication"))
        return f"<RunResult of {told}: {len(self.outcomes)} weeks>"

    def write(self, folder: Path) -> None:
        """Write the run's files into an existing directory."""
        parquet.write_table(_outcome_table(self.outcomes), folder / "outcomes.parquet", compression="zstd")
        for name, frame in self.exhibits.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")
        write_json(folder / "manifest.json", self.manifest)


def load_run(path: str | os.PathLike[str]) -> RunResult:
    """Read a run.

    Raises
    ------
    InputError : there is no run in the directory, or its files are broken.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    if "arms" in manifest:
        raise InputError(str(folder), "a whole experiment", "one run, such as runs/baseline/0 inside it")
    try:
        frame = parquet.read_table(folder / "outcomes.parquet").to_pandas(date_as_object=False)
        exhibits = {
            file.stem: pd.read_parquet(file)
            for file in sorted(folder.glob("*.parquet"))
            if file.name != "outcomes.parquet"
        }
        frame["date"] = frame["date"].astype("datetime64[s]")
        return RunResult(frame.set_index("date"), manifest, exhibits)
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise InputError(str(folder), str(error).partition("\n")[0], "the files of a run") from None


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a run or of an experiment.

    Raises
    ------
    InputError : there is none, or it is damaged.
    """
    mend(folder)
    file = folder / "manifest.json"
    if not file.is_file():
        raise InputError(str(folder), _found(folder), "a directory that `metavalue run` wrote", _neighbour(folder))
    manifest = read_json(file)
    if not isinstance(manifest, dict) or manifest.get("schema_version") != SCHEMA_VERSION:
        raise InputError(str(file), "another layout", f"a manifest of schema_version {SCHEMA_VERSION}")
    return manifest


def _found(folder: Path) -> str:
    """Say what there is where no result is."""
    if not folder.is_dir():
        return "a file" if folder.exists() else "no such directory"
    if (folder / "registry.sqlite").is_file():
        return "a sweep (`metavalue analyse` reads it)"
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    return f"a directory with {', '.join(names[:5])}{' …' if names[5:] else ''}" if names else "an empty directory"


def _neighbour(folder: Path) -> str:
    """A result nearby whose name is like the one that was looked for."""
    if folder.exists():
        return ""
    known = [path.parent.name for path in folder.parent.glob("*/manifest.json")]
    return nearest_name(folder.name, known)


def read_json(path: Path) -> Any:
    """Read a file of JSON, whoever wrote it.

    Raises
    ------
    InputError : it cannot be read, is too large, or is no JSON.
    """
    expected = f"JSON as this program wrote it, of at most {LARGEST / 1e6:.0f} MB"
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(str(path), f"{path.stat().st_size / 1e6:,.0f} MB", expected)
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), expected) from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(str(path), str(error), expected) from None


def write_json(path: Path, value: Any) -> None:
    """Write readable JSON that any reader accepts, whatever names of files it holds."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    path.write_bytes(text.encode("utf-8", "backslashreplace"))  # half a character becomes JSON's own escape


def _outcome_table(frame: pd.DataFrame) -> pa.Table:
    """Turn outcomes into columns that carry unit and labels; NaN becomes null."""
    table = pa.Table.from_pandas(frame.reset_index(), preserve_index=False)
    described: list[pa.Field] = []
    for column in table.schema:
        if column.name == "date":
            described.append(pa.field("date", pa.date32(), metadata={"unit": "Monday of the week"}))
        elif column.name in OUTCOMES:
            outcome = OUTCOMES[column.name]
            texts = {"unit": outcome.unit, "label": outcome.label, "label_zh": outcome.label_zh}
            described.append(column.with_metadata(texts))
        else:
            described.append(column)
    return table.cast(pa.schema(described, metadata={"schema_version": str(SCHEMA_VERSION)}))
