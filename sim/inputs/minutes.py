"""Minutes as people write them: one decimal mark per file; thousands separators are refused, not misread."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from sim.base.errors import InputError

MINUTES_PER_WEEK = 7 * 24 * 60
_MIN_MINUTES = float(np.finfo(np.float32).tiny)  # less would be stored as 0
_EXPECTED = f"minutes a week, above 0 and at most {MINUTES_PER_WEEK}"
_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}").fullmatch  # 1,200: a thousand or a bit more than one
_THOUSANDS = re.compile(r"\d[\s.,_'’]\d{3}(?!\d)")
_UNIT = re.compile(r"[\d\s.,]*\d\s*[^\W\d_]").match


class Minutes:
    """Reader of a column of minutes.

    Parameters
    ----------
    place : text of an error before and after the line number.
    comma : whether a comma may be the decimal mark (where it does not separate columns).
    """

    def __init__(self, place: tuple[str, str], comma: bool) -> None:
        self.place, self.comma = place, comma
        self._mark = ""
        self._doubtful: dict[str, tuple[int, str]] = {}  # by mark: the first ambiguous number, such as 1,200

    def read(self, line: int, cell: Any) -> float:
        """Return the minutes in a cell; InputError if it is no number above 0, or more than a week has."""
        text = isinstance(cell, str)
        try:
            number = self._decimal(line, cell) if self.comma and text else float(cell)
        except InputError:
            raise
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if _MIN_MINUTES <= number <= MINUTES_PER_WEEK and not (text and "_" in cell):
            return number
        raise self._refused(line, cell)

    def finish(self) -> None:
        """At the end of a file, refuse an ambiguous number such as 1,200 unless others have shown how to read it."""
        for mark, (line, cell) in sorted(self._doubtful.items()):
            if mark != self._mark:
                raise self._refused(line, cell)

    def _decimal(self, line: int, cell: str) -> float:
        """Convert text with at most one decimal mark to a number.

        Remember ambiguous numbers and which mark is in use.
        """
        marks = [c for c in cell if c in ".,"]
        if not marks:
            return float(cell)
        if len(marks) > 1:
            return math.nan
        if _GROUPED(cell.strip()):
            self._doubtful.setdefault(marks[0], (line, cell))
        elif self._mark in ("", marks[0]):
            self._mark = marks[0]
        else:
            place = f"{self.place[0]} {line}{self.place[1]}"
            raise InputError(place, cell, f"the same decimal mark as before, {self._mark!r}")
        return float(cell.replace(",", "."))

    def _refused(self, line: int, cell: Any) -> InputError:
        """The error of a cell that cannot be read, with a hint at the likely cause."""
        found = "nothing" if cell is None or cell == "" else str(cell)
        expected = _EXPECTED
        if _THOUSANDS.search(found):
            expected += ", without a separator of thousands"
        elif "," in found:
            expected += ", with a decimal point (a comma where ';' or tab separates columns)"
        elif _UNIT(found):
            expected += ", as a number without a unit"
        return InputError(f"{self.place[0]} {line}{self.place[1]}", found, expected)
