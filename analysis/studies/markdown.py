"""Tables, numbers and intervals written as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Write a Markdown table; a bar inside a cell is escaped."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def number(value: float | None, sign: str = "") -> str:
    """Write a number to three digits, from 1,000 on in full; a dash where there is none.

    Parameters
    ----------
    sign : "+" writes the sign of positive numbers too.
    """
    if value is None or np.isnan(value):
        return "–"
    return f"{value:{sign},.0f}" if abs(value) >= 1000 else f"{value:{sign}.3g}"


def band(low: float | None, high: float | None, sign: str = "") -> str:
    """Write an interval as `[low, high]`; a dash where there is none. `sign` is as for `number`."""
    if low is None or high is None or np.isnan(low):
        return "–"
    return f"[{number(low, sign)}, {number(high, sign)}]"
