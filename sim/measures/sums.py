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
    return float(np.array(known).sum()) / len(known) if known else None
