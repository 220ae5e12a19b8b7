"""The whole state of a world as named arrays: what a checkpoint writes and reads, and what a fork copies.

All three functions walk the declared fields of `World`, so that no field can be left out: a value of a kind that
they do not know is an error. Fields marked `FIXED` never change after the set-up; those marked `SCRATCH` carry nothing
over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

import numpy as np
import numpy.typing as npt

from sim.base.errors import InputError
from sim.base.tables import FIXED, GROWS, SCRATCH, stored

Arrays = dict[str, npt.NDArray[Any]]
State = TypeVar("State")
Number = (bool, int, float)


@runtime_checkable
class Holder(Protocol):
    """An object, such as a table or the ledger, that turns its own state into named arrays and back."""

    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        """Copy the arrays that make up the state, by name."""

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Replace the state by what `arrays` returned."""

    def copy(self) -> Any:
        """Return an independent copy."""


def kept_fields(record: Any) -> list[str]:
    """List the fields of a record that carry state from week to week: neither `FIXED` nor `SCRATCH`."""
    return [item.name for item in fields(record) if "carries" not in item.metadata]


def collect(value: Any, name: str = "") -> Arrays:
    """Copy the state of a world, or of a part of it, as named arrays.

    Keys are the paths of fields, such as `consumers/uid`; `name` is the path of the part.
    """
    if isinstance(value, np.ndarray):
        return {name: value.copy()}
    if isinstance(value, Number):
        return {name: np.array(value)}
    if isinstance(value, Holder):
        return {f"{name}/{key}": array for key, array in value.arrays().items()}
    if is_dataclass(value):
        parts = {key: getattr(value, key) for key in kept_fields(value)}
    elif isinstance(value, dict):
        parts = value
    elif isinstance(value, list):
        parts = {str(place): part for place, part in enumerate(value)}
    else:
        raise TypeError(f"{name}: a {type(value).__name__} cannot be kept in a checkpoint")
    within = f"{name}/" if name else ""
    return {key: array for part, held in parts.items() for key, array in collect(held, within + part).items()}


def restore(value: State, state: Mapping[str, npt.NDArray[Any]], name: str = "", grows: bool = False) -> State:
    """Put a collected state into a world made from the same scenario and seed; it goes on bit for bit.

    Parameters
    ----------
    value : the world, or a part of it.
    name : path of the part.
    grows : whether its number of rows may be another.

    Returns
    -------
    The world, or the part of it, itself where it can be changed, else what takes its place.

    Raises
    ------
    InputError : the state is of another model: a part is missing or unknown, or has another type or shape. What was
        read by then stays: make the world anew.
    """
    if isinstance(value, np.ndarray):
        rows = (None if grows else len(value), *value.shape[1:]) if value.ndim else ()
        return cast(State, stored(state, name, value.dtype, rows).copy())
    if isinstance(value, Number):
        return cast(State, _number(value, state, name))
    within = f"{name}/" if name else ""
    if isinstance(value, Holder):
        mine = {key.removeprefix(within): array for key, array in state.items() if key.startswith(within)}
        try:
            value.restore(mine)
        except InputError as error:
            raise InputError(within + error.key, error.value, error.expected) from None
    elif is_dataclass(value):
        for item in fields(value):
            if "carries" not in item.metadata:
                part = restore(getattr(value, item.name), state, within + item.name, item.metadata == GROWS)
                setattr(value, item.name, part)
    elif isinstance(value, dict | list):
        parts = cast(Any, value)
        for place in list(parts) if isinstance(parts, dict) else range(len(parts)):
            parts[place] = restore(parts[place], state, f"{within}{place}", grows)
    else:
        raise TypeError(f"{name}: a {type(value).__name__} cannot be kept in a checkpoint")
    if not name and (unknown := state.keys() - collect(value).keys()):
        raise InputError(min(unknown), "a part of a state", "parts of this model's state alone")
    return value


def _number(value: bool | int | float, state: Mapping[str, npt.NDArray[Any]], name: str) -> bool | int | float:
    """Read a stored number, converted to the type of the present `value`."""
    array = state.get(name, np.array(""))
    kinds = {bool: "b", int: "iu", float: "iuf"}[type(value) if type(value) in (bool, int) else float]
    if array.shape != () or array.dtype.kind not in kinds:
        found = f"{array.dtype} of shape {array.shape}" if name in state else "nothing"
        raise InputError(name, found, f"a number ({type(value).__name__})")
    return type(value)(array.item())


def copied(value: State) -> State:
    """Return an independent copy of a world, or of a part of it; fields that are `FIXED` are shared."""
    if isinstance(value, Number):
        return cast(State, value)
    if isinstance(value, np.ndarray | Holder):
        return cast(State, value.copy())
    if is_dataclass(value):
        parts = {item.name: _copy_field(getattr(value, item.name), item) for item in fields(value)}
        return cast(State, cast(Any, type(value))(**parts))
    if isinstance(value, dict):
        return cast(State, {key: copied(part) for key, part in value.items()})
    if isinstance(value, list):
        return cast(State, [copied(part) for part in value])
    raise TypeError(f"a {type(value).__name__} cannot be copied")


def _copy_field(part: Any, item: Field[Any]) -> Any:
    """Copy the value of a field: `FIXED` ones are shared, `SCRATCH` ones start empty."""
    if item.metadata == FIXED:
        return part
    if item.metadata == SCRATCH:
        return part.fresh() if hasattr(part, "fresh") else type(part)()
    return copied(part)
