"""Shards: Parquet files with the outcomes of about a hundred runs each, named after their content.

A shard says in its schema's metadata which sweep it belongs to, so that a registry that is lost can be rebuilt.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from sim.base.outcomes import OUTCOMES
from sim.experiment.registry import StoreError

FOLDER = "shards"
RUNS = 100  # in a file, about
KEY = b"metavalue"  # of the schema's metadata


@dataclass(frozen=True, eq=False)
class Finished:
    """A run that has ended: its outcomes, shape (weeks, outcomes), or the traceback of its failure."""

    run_id: str
    wall_s: float
    values: npt.NDArray[np.float32] | None
    error: str | None = None


@dataclass(frozen=True)
class Shard:
    """A shard's file: its name, the number of its runs, and its content."""

    name: str
    runs: int
    content: bytes

    @property
    def row(self) -> tuple[str, int, int, str]:
        """The shard's row in the registry."""
        return self.name, self.runs, len(self.content), hashlib.sha256(self.content).hexdigest()


class FoundShard(NamedTuple):
    """An undamaged shard that lies in a store: its facts say which sweep it belongs to, `ids` which runs it holds."""

    name: str
    content: bytes
    facts: dict[str, Any]
    ids: list[str]


def table_of(runs: Sequence[Finished], outcomes: Sequence[str], weekly: bool) -> pa.Table:
    """Put outcomes of finished runs into one table, whose schema tells every outcome's unit and labels."""
    values = [run.values for run in runs if run.values is not None]
    lengths = [len(array) for array in values]
    ids = pa.DictionaryArray.from_arrays(
        pa.array(np.repeat(np.arange(len(runs), dtype=np.int32), lengths)), [run.run_id for run in runs]
    )
    columns: dict[str, Any] = {"run_id": ids}
    if weekly:
        columns["week"] = pa.array(np.concatenate([np.arange(length, dtype=np.int16) for length in lengths]))
    every = np.concatenate(values)
    for k, name in enumerate(outcomes):
        columns[name] = pa.array(np.ascontiguousarray(every[:, k]), from_pandas=True)
    table = pa.table(columns)
    described = [
        field.with_metadata({"unit": o.unit, "label": o.label, "label_zh": o.label_zh})
        if (o := OUTCOMES.get(field.name))
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(described))


def shard_of(table: pa.Table, facts: Mapping[str, Any]) -> Shard:
    """Make a shard of a table; its metadata says to which sweep it belongs."""
    table = table.unify_dictionaries().combine_chunks().replace_schema_metadata({KEY: packed(facts)})
    floats = [name for name in table.column_names if name in OUTCOMES]
    sink = pa.BufferOutputStream()
    parquet.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=3,
        use_dictionary=["run_id"],
        use_byte_stream_split=floats,
        write_statistics=False,
        store_schema=True,
    )
    content = sink.getvalue().to_pybytes()
    return Shard(_name_of(content), len(ids_in(table)), content)


def packed(facts: Mapping[str, Any]) -> bytes:
    """Compress facts for a schema's metadata, since a plan may be long."""
    return base64.b64encode(zlib.compress(json.dumps(facts).encode()))


def unpacked(schema: pa.Schema) -> dict[str, Any]:
    """Read facts from a schema's metadata; an empty dictionary where there are none that can be read."""
    try:
        return dict(json.loads(zlib.decompress(base64.b64decode((schema.metadata or {})[KEY]))))
    except (KeyError, ValueError, zlib.error, TypeError):
        return {}


def ids_in(table: pa.Table) -> list[str]:
    """List the ids of the runs in a table, in order of their first rows."""
    return [str(run_id) for run_id in table["run_id"].unique().to_pylist()]


def only(table: pa.Table, ids: Iterable[str]) -> pa.Table:
    """Keep the rows of some runs."""
    wanted = set(ids)
    if set(ids_in(table)) <= wanted:
        return table
    table = table.filter(pc.is_in(table["run_id"].cast(pa.string()), pa.array(list(wanted), pa.string())))
    return table.set_column(0, "run_id", table["run_id"].cast(pa.string()).dictionary_encode())  # no id but theirs


def empty(columns: Sequence[str]) -> pa.Table:
    """Make a table without rows."""
    kinds = {"run_id": pa.dictionary(pa.int32(), pa.string()), "week": pa.int16()}
    return pa.table({name: pa.array([], kinds.get(name, pa.float32())) for name in columns})


def is_whole(folder: Path, name: str, size: int, digest: str) -> bool:
    """Whether a store has a shard, with the content that was written."""
    try:
        content = (folder / FOLDER / name).read_bytes()
    except OSError:
        return False
    return len(content) == size and hashlib.sha256(content).hexdigest() == digest


def content_of(folder: Path, name: str, digest: str) -> bytes:
    """Read the content of a store's shard, and compare it with the hash in the registry.

    Raises
    ------
    FileNotFoundError : it is missing.
    StoreError : it is damaged, or cannot be read.
    """
    path = folder / FOLDER / name
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise damaged(path, error.strerror or str(error)) from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise damaged(path, "it is not as it was written")
    return content


def read(folder: Path, name: str, digest: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a store's shard as a table, all of it or some columns; raises what `content_of` raises."""
    content = content_of(folder, name, digest)
    try:
        return parquet.ParquetFile(pa.BufferReader(content), read_dictionary=["run_id"]).read(columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise damaged(folder / FOLDER / name, str(error).splitlines()[0]) from None


def damaged(path: Path, reason: str) -> StoreError:
    """Return the error about a shard that cannot be read."""
    return StoreError(f"{path} is damaged or missing: {reason}; `metavalue sweep resume` runs its runs again")


def names_in(folder: Path) -> list[str]:
    """List the names of the shards in a store, in order; drafts are left out."""
    try:
        names = os.listdir(folder / FOLDER)
    except OSError:
        return []
    return sorted(name for name in names if name.endswith(".parquet") and not name.startswith("."))


def found_in(folder: Path, known: Collection[str] = ()) -> list[FoundShard]:
    """List the undamaged shards in a store that are not among the known ones."""
    found = []
    for name in names_in(folder):
        if name in known:
            continue
        try:
            content = (folder / FOLDER / name).read_bytes()
            if name != _name_of(content):
                continue
            file = parquet.ParquetFile(pa.BufferReader(content), read_dictionary=["run_id"])
            ids = ids_in(file.read(columns=["run_id"]))
            found.append(FoundShard(name, content, unpacked(file.schema_arrow), ids))
        except (OSError, pa.ArrowException):
            continue
    return found


def portions(small: Sequence[tuple[str, int]]) -> Iterator[list[str]]:
    """Group small shards into about `RUNS` runs each; a single one that is left stays as it is."""
    names: list[str] = []
    count = 0
    for name, runs in small:
        names, count = [*names, name], count + runs
        if count >= RUNS:
            yield names
            names, count = [], 0
    if len(names) > 1:
        yield names


def _name_of(content: bytes) -> str:
    """Name a shard by the hash of its content."""
    return f"{hashlib.sha256(content).hexdigest()[:16]}.parquet"
