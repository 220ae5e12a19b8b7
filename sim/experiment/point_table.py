"""A user's table of points: read as it is written, cell by cell, and written so that it is read back the same.

Nothing is guessed: a cell is read by the type of its column's parameter, a row has as many fields as the header, and
what is not clear is refused with file, line and column.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.base.errors import InputError
from sim.base.text_files import read_text

MAX_ROWS = 100_000
MAX_BYTES = 50_000_000
SEPARATORS = ",;\t"
NUMBER = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
LONGEST = 60  # characters of a number
EXPECTED = "a CSV file of points, whose columns are parameters or policies"


def read_table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read a table: its columns, and its rows with the line on which each begins; fields are texts without margins.

    Fields are separated by that one of comma, semicolon and tab that stands in the header. Blank lines do not count,
    but between the values of a single column; nor do rows without any content at the end.

    Raises
    ------
    InputError : no such file, no header, a row that is longer or shorter than the header.
    """
    text = read_text(path, MAX_BYTES, EXPECTED, "text in UTF-8; save it as CSV UTF-8")
    rows = list(_rows(path, text, _separator(path, text)))
    if not rows:
        raise InputError(str(path), "an empty file", EXPECTED)
    columns = rows[0][1]
    while not any(rows[-1][1]):
        rows.pop()
    if len(rows) < 2:
        raise InputError(str(path), "no rows", "at least one row below the header")
    return columns, rows[1:]


def parsed(kind: str, text: str) -> Any:
    """Read a cell as a value of a parameter's type (`float`, `int`, `bool` or `str`); what is no such value stays text.

    Numbers have a decimal point and no leading zeros; truth is `true` or `false`, as spreadsheets write it too.
    """
    if kind == "bool":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind == "str" or len(text) > LONGEST or not NUMBER.fullmatch(text):
        return text
    number = float(text)
    return int(number) if kind == "int" and number.is_integer() and abs(number) < 2**53 else number


def written(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV that `read_table` and `parsed` read back to the same values."""
    file = io.StringIO(newline="")
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows([str(v).lower() if isinstance(v, bool) else str(v) for v in row] for row in rows)
    return file.getvalue().encode()


def _separator(path: Path, text: str) -> str:
    """What separates fields, by the header, in whose names none of the separators occurs."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    found = [mark for mark in SEPARATORS if mark in header]
    if len(found) > 1:
        raise InputError(f"{path}, line 1", header, "names of parameters or policies, separated by commas")
    return found[0] if found else ","


def _rows(path: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the table that are not blank, the header first, each with its line number.

    Each row has as many fields as the header.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    end, columns, count = 0, list[str](), 0
    try:
        for fields in reader:
            start, end = end + 1, reader.line_num
            fields = [field.strip() for field in fields]
            if fields in ([], [""]) and len(columns) != 1:
                continue
            fields = fields or [""]  # of one column, where a blank line may be a value that is missing
            columns = columns or fields
            if len(fields) != len(columns):
                found = f"{len(fields)} field" + "s"[: len(fields) != 1]
                expected = f"{len(columns)}, as the header has: {', '.join(columns)}"
                raise InputError(f"{path}, line {start}", found, expected)
            count += 1
            if count > MAX_ROWS + 1:
                raise InputError(str(path), f"more than {MAX_ROWS:,} rows", f"at most {MAX_ROWS:,} rows")
            yield start, fields
    except csv.Error as error:
        raise InputError(f"{path}, line {end + 1}", str(error), "fields with closed quotes") from None
