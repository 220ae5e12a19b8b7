"""What a run leaves: outcomes by date, manifest, exhibits; written whole or not at all, and read back."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from sim.base.errors import InputError
from sim.base.outcomes import OUTCOMES
from sim.simulation.folders import staged
from sim.simulation.manifests import SCHEMA_VERSION, content_of, read_manifest, write_manifest


class Savable(ABC):
    """A result that can be written into a directory of its own."""

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
    """The results of one run.

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
        """Describe what ran in one line."""
        told = ", ".join(f"{key} {self.manifest.get(key)}" for key in ("scenario", "seed", "replication"))
        return f"<RunResult of {told}: {len(self.outcomes)} weeks>"

    def write(self, folder: Path) -> None:
        """Write the run's files into an existing directory."""
        parquet.write_table(_outcome_table(self.outcomes), folder / "outcomes.parquet", compression="zstd")
        for name, frame in self.exhibits.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")
        write_manifest(folder, self.manifest, folder.glob("*.parquet"))


def load_run(path: str | os.PathLike[str]) -> RunResult:
    """Read a run from its directory.

    Raises
    ------
    InputError : there is no run in the directory, or its files are not as they were written.
    """
    folder = Path(path)
    manifest, files = read_manifest(folder)
    if "arms" in manifest:
        raise InputError(str(folder), "a whole experiment", "one run, such as runs/baseline/0 inside it")
    names = sorted({"outcomes.parquet", *files})
    contents = {Path(name).stem: pa.BufferReader(content_of(folder, name, files)) for name in names}
    try:
        # Without Arrow's threads: a process that ends soon after they have read may abort as it leaves.
        tables = {name: parquet.read_table(content, use_threads=False) for name, content in contents.items()}
        frame = tables.pop("outcomes").to_pandas(date_as_object=False)
        exhibits = {name: table.to_pandas() for name, table in tables.items()}
        frame["date"] = frame["date"].astype("datetime64[s]")
        return RunResult(frame.set_index("date"), manifest, exhibits)
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise InputError(str(folder), str(error).partition("\n")[0], "the files of a run") from None


def _outcome_table(frame: pd.DataFrame) -> pa.Table:
    """Turn outcomes into an Arrow table whose columns tell unit and labels; NaN becomes null."""
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
