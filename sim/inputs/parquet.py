"""Population tables in Parquet, read in batches after their metadata have been checked."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from sim.base.errors import InputError
from sim.inputs.bounds import MAX_CHARACTERS, MAX_GROUP_BYTES, MAX_PEOPLE
from sim.inputs.words import OPTIONAL_COLUMN, column_order

_BATCH = 2**14


class ParquetTable:
    """A population in Parquet.

    Attributes
    ----------
    columns : those of the known columns that the file has, in our order.
    sha256 : of the file's bytes.
    empty_rows : rows without content are not ignored here.
    """

    empty_rows = 0

    def __init__(self, path: Path, file: io.BufferedReader, columns: Mapping[str, tuple[str, ...]]) -> None:
        self.path, self._file = path, file
        self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        try:
            self._metadata = parquet.read_metadata(file)
            schema = self._metadata.schema.to_arrow_schema()
            self._order = column_order(f"{path}, header", schema.names, columns)
            types = {name: _plain(schema.types[k]) for name, k in self._order.items()}
            self._check(types)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self._refused(error) from None
        self.columns = tuple(self._order)
        self._texts = [schema.names[self._order[name]] for name in types if _is_text(types[name])]

    def __iter__(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Yield the number of each row, from 1, and its fields, in the order of `columns`."""
        row = 0
        try:
            # texts stay dictionary-encoded (each once) until their lengths are checked
            with parquet.ParquetFile(self._file, metadata=self._metadata, read_dictionary=self._texts) as file:
                for batch in file.iter_batches(_BATCH):
                    if row + len(batch) > MAX_PEOPLE:  # the metadata lied
                        raise InputError(f"{self.path}, row {MAX_PEOPLE + 1}", "more rows", f"at most {MAX_PEOPLE:,}")
                    cells = [self._cells(name, batch.column(k), row) for name, k in self._order.items()]
                    for fields in zip(*cells, strict=True):
                        row += 1
                        yield row, fields
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self._refused(error) from None

    def _cells(self, name: str, column: Any, row: int) -> list[Any]:
        """Values of one column of a batch as a list; InputError if a text is too long."""
        if pa.types.is_dictionary(column.type):
            longest = pc.max(pc.binary_length(column.dictionary)).as_py() or 0
            if longest > 4 * MAX_CHARACTERS:  # bytes of a character
                place = f"{self.path}, row {row + 1} or after, column {name!r}"
                raise InputError(place, f"a text of {longest:,} bytes", f"at most {MAX_CHARACTERS:,} characters")
            column = column.dictionary_decode()
        cells: list[Any] = column.to_pylist()
        return cells

    def _check(self, types: Mapping[str, Any]) -> None:
        """InputError for columns of a wrong type, too many rows or row groups that are too large."""
        for name, kind in types.items():
            number, integer = _is_number(kind), pa.types.is_integer(kind)
            if not (number if name == "minutes" else _is_text(kind) or (name == OPTIONAL_COLUMN and integer)):
                expected = {"minutes": "numbers", OPTIONAL_COLUMN: "text or whole numbers"}.get(name, "text")
                raise InputError(f"{self.path}, header, column {name!r}", f"the type {kind}", expected)
        if self._metadata.num_rows > MAX_PEOPLE:
            raise InputError(str(self.path), f"{self._metadata.num_rows:,} rows", f"at most {MAX_PEOPLE:,} people")
        for group in range(self._metadata.num_row_groups):
            # reading columns' metadata would crash the process where they are damaged
            size = self._metadata.row_group(group).total_byte_size
            if size > MAX_GROUP_BYTES:
                place = f"{self.path}, row group {group + 1}"
                raise InputError(place, f"{size:,} bytes unpacked", f"at most {MAX_GROUP_BYTES:,} in a row group")

    def _refused(self, error: Exception) -> InputError:
        """The error of a damaged file: the first line of what the library says."""
        return InputError(str(self.path), (str(error).splitlines() or ["a damaged file"])[0], "a Parquet file")


def _plain(kind: Any) -> Any:
    """The type of the values of a column, whether or not it is dictionary-encoded."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_text(kind: Any) -> bool:
    """Whether a column's type is text (or holds nulls only)."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _is_number(kind: Any) -> bool:
    """Whether a column's type is a number."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
