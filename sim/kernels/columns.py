"""How columns are stored: in single precision, or in fewer bits where a world has many people.

In a compact world (`world.columns`) tables store some of their float32 columns in one of the narrow types below.
Kernels access numbers by `load` and `store`, array code by `read` and `write`; all four are plain access where a column
is not narrow, so no other module knows how a number is stored. Numbers are rounded at random (stochastic rounding), so
that many small steps are right on average.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import overload

from sim.base.randomness import Stream, mix
from sim.base.tables import F4, F8, U8

SHORT = np.dtype(np.uint16)  # upper half of a float32: any size, relative steps of 2**-8 to 2**-7; for what is learned
STEPS = np.dtype(np.int8)  # sixteenths from -8 to 7.9; for traits, which are drawn once
PARTS = np.dtype(np.uint8)  # 255ths from 0 to 1, for cumulative shares, which stay in order
STEP, PART = np.float32(1 / 16), np.float32(1 / 255)
_S16, _S48, _LOW = np.uint32(16), np.uint64(48), np.uint64(0xFFFF)


def load(column: Any, at: Any) -> Any:
    """For kernels: the number at an index (an integer or a tuple) of a column, whatever the column's type."""
    raise NotImplementedError


def store(column: Any, at: Any, value: Any, word: np.uint64) -> None:
    """For kernels: write a number at an index of a column; random bits of `word` round it if the column is narrow."""
    raise NotImplementedError


def fingerprint(column: Any, serial: np.uint32) -> Any:
    """For kernels: a serial as its column stores it: unchanged, or as a 16-bit hash that is never 0."""
    raise NotImplementedError


@overload(load, inline="always", strict=False)
def _load(column: Any, at: Any) -> Any:
    """Implementation of `load` for numba: it is chosen by the column's type at compile time."""
    if column.dtype == types.uint16:
        return lambda column, at: np.uint32(np.uint32(column[at]) << _S16).view(np.float32)
    if column.dtype == types.int8:
        return lambda column, at: np.float32(column[at]) * STEP
    if column.dtype == types.uint8:
        return lambda column, at: np.float32(column[at]) * PART
    return lambda column, at: column[at]


@overload(store, inline="always", strict=False)
def _store(column: Any, at: Any, value: Any, word: Any) -> Any:
    """Implementation of `store` for numba: it is chosen by the column's type at compile time."""

    def short(column: Any, at: Any, value: Any, word: Any) -> None:
        column[at] = np.uint16((np.float32(value).view(np.uint32) + np.uint32(word & _LOW)) >> _S16)

    def plain(column: Any, at: Any, value: Any, word: Any) -> None:
        column[at] = value

    return short if column.dtype == types.uint16 else plain


@overload(fingerprint, inline="always", strict=False)
def _fingerprint(column: Any, serial: Any) -> Any:
    """Implementation of `fingerprint` for numba: it is chosen by the column's type at compile time."""
    if column.dtype == types.uint16:
        return lambda column, serial: max(np.uint16(mix(np.uint64(serial)) >> _S48), np.uint16(1))
    return lambda column, serial: serial


def read(column: Any) -> Any:
    """Numbers of a column (or some rows of it) in single precision; the column itself if it is not narrow."""
    if column.dtype == SHORT:
        return (column.astype(np.uint32) << _S16).view(np.float32)
    if column.dtype in (STEPS, PARTS):
        return column * (STEP if column.dtype == STEPS else PART)
    return column


def write(table: Any, name: str, values: Any, uid: U8, stream: Stream, step: int = 0) -> None:
    """Write all rows of a table's column, rounded at random if the column is narrow.

    Parameters
    ----------
    name : the column.
    values : numbers that broadcast to the column.
    uid, stream, step : identify the draws that round, uid of shape (n,); unused if the column is not narrow.
    """
    column = getattr(table, name)
    if column.dtype not in (SHORT, STEPS, PARTS):
        column[:] = values
        return
    number = 64 * table._fields.index(name) + np.arange(column.size // max(len(column), 1))
    if column.dtype == PARTS:
        number = np.full_like(number, number[0])  # one draw per row keeps cumulative shares in order
    u = stream.uniform(step, uid[:, None], number).reshape(column.shape)
    column[:] = _round(np.broadcast_to(np.asarray(values, np.float32), column.shape), column.dtype, u)


def _round(values: F4, held: np.dtype[Any], u: F8) -> npt.NDArray[Any]:
    """Convert numbers to the narrow type `held`, rounded up or down by the uniform numbers `u` of the same shape."""
    if held == SHORT:
        return (np.ascontiguousarray(values).view(np.uint32) + (u * 65_536).astype(np.uint32) >> _S16).astype(held)
    multiples = np.floor(values / (STEP if held == STEPS else PART) + u)
    return np.clip(multiples, np.iinfo(held).min, np.iinfo(held).max).astype(held)
