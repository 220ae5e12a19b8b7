"""Tables of agents and items: columns from one declaration, with a capacity that grows.

A table is a NamedTuple of arrays whose annotations carry a `Column`. Kernels take that tuple; `Population` allocates
it. When a table grows, all its arrays are replaced, so nobody may keep a reference to them across weeks.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_args, get_type_hints

import numpy as np
import numpy.typing as npt

from sim.base.errors import InputError

B1 = npt.NDArray[np.bool_]
U1 = npt.NDArray[np.uint8]
U2 = npt.NDArray[np.uint16]
I1 = npt.NDArray[np.int8]
I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
U4 = npt.NDArray[np.uint32]
U8 = npt.NDArray[np.uint64]
F4 = npt.NDArray[np.float32]
F8 = npt.NDArray[np.float64]
Array = npt.NDArray[Any]  # of numbers of any type, or of records

DIMS = 8  # dimensions of a genre's concept space
LINE = 64  # bytes of a cache line
BLOCK = 2**17  # rows that array work takes at a time, so that intermediate arrays stay small


# Marks of fields of a record, given as `field(metadata=FIXED)`.
FIXED = {"carries": "nothing", "copies": "share it"}  # never changes once a world is set up
SCRATCH = {"carries": "nothing", "copies": "have their own"}  # room to work in, or a cache
GROWS = {"rows": "any number"}  # arrays whose number of rows changes from week to week


class Column(NamedTuple):
    """Declaration of one column: dtype, unit, meaning, names of the further axes, and the value of an empty row."""

    dtype: npt.DTypeLike
    unit: str
    meaning: str
    axes: tuple[str, ...] = ()
    empty: float = 0


Table = TypeVar("Table")


@functools.cache  # reading annotations is slow
def schema(table: type) -> dict[str, Column]:
    """Declared columns of a table's class by name, in order of declaration."""
    hints = get_type_hints(table, include_extras=True)
    return {name: get_args(hint)[1] for name, hint in hints.items()}


def stored(
    arrays: Mapping[str, Array], name: str, dtype: npt.DTypeLike, shape: tuple[int | None, ...], least: int = 0
) -> Array:
    """One array of a stored state, of the type and shape that it must have.

    Parameters
    ----------
    shape : None where any length will do.
    least : rows that there must be.

    Raises
    ------
    InputError : it is missing, or has another type or shape.
    """
    if name not in arrays:
        raise InputError(name, "nothing", "a part of a stored state")
    array = arrays[name]
    fits = len(array.shape) == len(shape) and all(b in (None, a) for a, b in zip(array.shape, shape, strict=True))
    if array.dtype != np.dtype(dtype) or not fits or (least and len(array) < least):
        sides = ", ".join("any" if size is None else str(size) for size in shape)
        rows = f" and at least {least} rows" if least else ""
        raise InputError(
            name, f"{shown(array.dtype)} of shape {array.shape}", f"{shown(np.dtype(dtype))} of shape ({sides}){rows}"
        )
    return array


def shown(dtype: np.dtype[Any]) -> str:
    """A type in a line."""
    return f"records of {', '.join(dtype.names)}" if dtype.names else str(dtype)


def empty_aligned(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Uninitialised array that starts at a cache line's beginning.

    A record of 64 bytes then lies in one line, not in two.
    """
    kind = np.dtype(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    room = np.empty(size + LINE, np.uint8)
    first = -room.ctypes.data % LINE
    return room[first : first + size].view(kind).reshape(shape)


def full_aligned(shape: tuple[int, ...], value: Any, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Array filled with one value that starts at the beginning of a cache line."""
    made = empty_aligned(shape, dtype)
    made[...] = value
    return made


def copy_aligned(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Copy of an array that starts at the beginning of a cache line."""
    made = empty_aligned(array.shape, array.dtype)
    target, source = (as_single_values(made), as_single_values(array)) if array.dtype.names else (made, array)
    target[...] = source
    return made


def blocks(count: int) -> Iterator[slice]:
    """Yield slices that divide `count` rows into consecutive blocks of `BLOCK` rows."""
    for first in range(0, count, BLOCK):
        yield slice(first, min(first + BLOCK, count))


def as_single_values(records: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """View of structured records as opaque values of equal size (dtype V).

    NumPy copies these much faster than records with fields.
    """
    return records.view(f"V{records.itemsize}")


def some(table: Table, rows: Any) -> Table:
    """Table of the given rows of all columns; the columns are views if `rows` is a slice."""
    return type(table)(*(column[rows] for column in cast(tuple[Any, ...], table)))


class Population(Generic[Table]):
    """A table that grows: columns allocated for `capacity` rows, of which the first `n` are in use.

    Parameters
    ----------
    table : the NamedTuple that declares the columns.
    capacity : rows allocated.
    axes : sizes of the named axes, e.g. {"dims": 8}.
    dtypes : by name, the dtypes of columns that are stored in another dtype than declared (`kernels.columns`).

    Attributes
    ----------
    columns : the tuple of arrays, each of shape (capacity, *axes).
    n : rows in use.
    """

    def __init__(
        self,
        table: type[Table],
        capacity: int,
        axes: Mapping[str, int] | None = None,
        dtypes: Mapping[str, npt.DTypeLike] | None = None,
    ) -> None:
        self.table, self.axes, self.dtypes, self.n = table, dict(axes or {}), dict(dtypes or {}), 0
        self._schema = schema(cast(Any, table))
        self._first_capacity = max(capacity, 1)
        self.columns = self._allocate(self._first_capacity)
        self._empty = [
            as_single_values(np.full(1, column.empty, array.dtype))[0] if array.dtype.names else column.empty
            for column, array in zip(self._schema.values(), cast(tuple[Any, ...], self.columns), strict=True)
        ]

    def _allocate(self, capacity: int) -> Table:
        """New columns for `capacity` rows, filled with their empty values and aligned to cache lines."""

        def filled(name: str, column: Column) -> npt.NDArray[Any]:
            shape = (capacity, *(self.axes[axis] for axis in column.axes))
            return full_aligned(shape, column.empty, self.dtypes.get(name, column.dtype))

        return self.table(**{name: filled(name, column) for name, column in self._schema.items()})

    @property
    def capacity(self) -> int:
        """Rows allocated."""
        return len(cast(tuple[Any, ...], self.columns)[0])

    def reserve(self, capacity: int) -> None:
        """Make room for at least `capacity` rows; the columns are replaced by larger ones, at least twice as large."""
        if capacity <= self.capacity:
            return
        grown = self._allocate(max(capacity, 2 * self.capacity))
        for name in self._schema:
            old = getattr(self.columns, name)
            getattr(grown, name)[: len(old)] = old
        self.columns = grown

    def clear(self, rows: Any) -> None:
        """Reset rows to the empty values of their columns."""
        for array, empty in zip(cast(tuple[Any, ...], self.columns), self._empty, strict=True):
            (as_single_values(array) if array.dtype.names else array)[rows] = empty

    def row(self, index: int) -> dict[str, Any]:
        """Values of one row by column name, for inspection.

        A view for a column with further axes, otherwise the value.
        """
        return {name: getattr(self.columns, name)[index] for name in self._schema}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Copies of all columns by name, and the number of rows as `n`, for a checkpoint."""
        return {"n": np.array([self.n])} | {name: getattr(self.columns, name).copy() for name in self._schema}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Replace the contents by those that `arrays` returned.

        Raises
        ------
        InputError : a column has another type or shape, or fewer rows than the table had at first.
        """
        own: dict[str, Array] = {name: getattr(self.columns, name) for name in self._schema}
        rows: int | None = None
        for name, column in own.items():
            rows = len(stored(arrays, name, column.dtype, (rows, *column.shape[1:]), self._first_capacity))
        n = int(stored(arrays, "n", np.int64, (1,))[0])
        if rows is None or not 0 <= n <= rows:
            raise InputError("n", n, f"a number of rows from 0 to {rows}")
        self.n, self.columns = n, self.table(**{name: copy_aligned(arrays[name]) for name in own})

    def copy(self) -> Population[Table]:
        """An independent copy."""
        twin = copy.copy(self)
        twin.columns = self.table(*map(copy_aligned, cast(tuple[Any, ...], self.columns)))
        return twin
