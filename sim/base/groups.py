"""Rows by kind: where each kind lies among sorted rows, and its values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def spans(kinds: npt.NDArray[np.integer], count: int) -> list[slice]:
    """Where each of `count` kinds is among rows sorted by kind."""
    ends = np.bincount(kinds, minlength=count).cumsum().tolist()
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def by_kind(values: npt.NDArray[Any], kinds: npt.NDArray[np.integer], count: int) -> list[npt.NDArray[Any]]:
    """Values of each of `count` kinds, given the kind of each value, in the order in which they come."""
    values = values[kinds.argsort(kind="stable")]
    return [values[mine] for mine in spans(kinds, count)]
