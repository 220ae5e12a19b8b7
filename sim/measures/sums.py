"""Counts and means that outcomes are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


def count(flags: npt.NDArray[Any]) -> int:
    """Number of entries that are true, or not zero."""
    return int(np.count_nonzero(flags))


def mean_known(values: Sequence[float | None]) -> float | None:
    """Mean of the values that are not null; None without any."""
    known = [value for value in values if value is not None]
    return float(np.add.reduce(known)) / len(known) if known else None


def spans(kinds: npt.NDArray[np.integer], count: int) -> list[slice]:
    """Where each of `count` kinds is among rows sorted by kind."""
    ends = np.bincount(kinds, minlength=count).cumsum().tolist()
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def by_kind(values: npt.NDArray[Any], kinds: npt.NDArray[np.integer], count: int) -> list[npt.NDArray[Any]]:
    """Values of each of `count` kinds, given the kind of each value, in the order in which they come."""
    values = values[kinds.argsort(kind="stable")]
    return [values[mine] for mine in spans(kinds, count)]
