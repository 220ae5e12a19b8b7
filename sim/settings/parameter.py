"""What a parameter is, and how a row of a group of settings declares one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Prior = Literal["", "uniform", "loguniform"]
Role = Literal["uncertainty", "lever", "structure"]

ASSUMPTION = "assumption"  # the source of a value that nothing published fixes


@dataclass(frozen=True)
class Info:
    """A parameter's metadata. `low` and `high` bound a number (both included); `choices` lists the values of a name."""

    unit: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    prior: Prior
    role: Role
    label: str
    label_zh: str
    description: str
    source: str


class Parameter(NamedTuple):
    """A parameter; `path` is what a user types, with `*` for the name of a platform or policy."""

    path: str
    type: str
    default: Any
    info: Info


def param(
    value: T,
    unit: str,
    low: float,
    high: float,
    prior: Prior,
    *,
    label: str,
    label_zh: str,
    description: str,
    source: str,
    role: Role | None = None,
) -> T:
    """Declare a number with its range; leaving out any piece of metadata is a type error."""
    role = role or ("uncertainty" if prior else "structure")
    info = Info(unit, low, high, (), prior, role, label, label_zh, description, source)
    return field(default=value, metadata={"info": info})


def choice(
    value: T,
    choices: tuple[str, ...] = (),
    *,
    label: str,
    label_zh: str,
    description: str,
    source: str = "structural choice",
    role: Role = "structure",
) -> T:
    """Declare a name (one of `choices`, or any text or ISO date where there are none) or a yes-or-no switch."""
    info = Info("", None, None, choices, "", role, label, label_zh, description, source)
    return field(default=value, metadata={"info": info})


def parameters_of(kind: type, prefix: str = "") -> Iterator[Parameter]:
    """List every parameter of a settings tree, in order of declaration."""
    hints = get_type_hints(kind)
    for item in fields(cast(Any, kind)):
        path, annotation = prefix + item.name, hints[item.name]
        if is_dataclass(annotation):
            yield from parameters_of(cast(type, annotation), path + ".")
        elif get_origin(annotation) is not None:
            yield from parameters_of(get_args(annotation)[1], path + ".*.")
        else:
            yield Parameter(path, annotation.__name__, item.default, item.metadata["info"])
