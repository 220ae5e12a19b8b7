"""The attention day by hand in C: its structs written from the tables' declarations, compiled and called by ctypes."""

from __future__ import annotations

import ctypes
import functools
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sim.base.records import CARD, RECENT, SHARE
from sim.kernels.slates import SLOT

SOURCE = Path(__file__).with_name("day.c")
PLAIN = ("-O3", "-march=native", "-ffp-contract=off")
FLAGS = (*PLAIN, "-fno-math-errno", "-fno-trapping-math")  # the last two let loops be vectorised and change no bit
LOOSE = ("-Ofast", "-march=native")
RECORDS = {"Card": CARD, "Share": SHARE, "Recent": RECENT, "Slot": SLOT}
NUMBERS = {
    "f4": "float", "f8": "double", "i1": "int8_t", "i4": "int32_t", "i8": "int64_t", "u1": "uint8_t",
    "u2": "uint16_t", "u4": "uint32_t", "u8": "uint64_t",
}  # fmt: skip
KEYWORDS = {"short"}  # of C, among the names of columns; they get a trailing underscore there


def _spell(name: str) -> str:
    return name + "_" * (name in KEYWORDS)


def _type_of(dtype: np.dtype[Any]) -> str:
    for name, record in RECORDS.items():
        if dtype == record:
            return name
    return NUMBERS[dtype.str[1:]]


def _declare_record(name: str, record: np.dtype[Any]) -> str:
    assert record.names is not None and record.fields is not None
    parts = []
    for field in record.names:
        kind = record.fields[field][0]
        size = f"[{kind.shape[0]}]" if kind.shape else ""
        parts.append(f"{NUMBERS[kind.base.str[1:]]} {_spell(field)}{size};")
    return f"typedef struct {{ {' '.join(parts)} }} {name};"


def declare_table(table: Any, known: dict[str, str]) -> type[ctypes.Structure]:
    """Write the C struct of a table (a NamedTuple) into `known` and return it as a ctypes type.

    An array becomes a pointer, and if it has rows their length `name_n`; a table within is a struct within.
    """
    name, lines, fields = type(table).__name__, [], []
    for field, value in zip(table._fields, table, strict=True):
        spelt = _spell(field)
        if isinstance(value, np.ndarray):
            lines.append(f"{_type_of(value.dtype)} *{spelt};")
            fields.append((field, ctypes.c_void_p))
            if value.ndim > 1:
                lines.append(f"int64_t {spelt}_n;")
                fields.append((f"{field}_n", ctypes.c_int64))
        elif isinstance(value, tuple):
            lines.append(f"{type(value).__name__} {spelt};")
            fields.append((field, declare_table(value, known)))  # type: ignore[arg-type]
        else:
            whole = isinstance(value, (bool, int))
            lines.append(f"{'int64_t' if whole else 'float'} {spelt};")
            fields.append((field, ctypes.c_int64 if whole else ctypes.c_float))  # type: ignore[arg-type]
    known.setdefault(name, f"typedef struct {{ {' '.join(lines)} }} {name};")
    return type(name, (ctypes.Structure,), {"_fields_": fields})


def fill_table(kind: type[ctypes.Structure], table: Any) -> ctypes.Structure:
    """Point a struct at a table's arrays."""
    values: dict[str, Any] = {}
    kinds = dict(kind._fields_)  # type: ignore[misc]
    for field, value in zip(table._fields, table, strict=True):
        if isinstance(value, np.ndarray):
            assert value.flags.c_contiguous, field
            values[field] = value.ctypes.data
            if value.ndim > 1:
                values[f"{field}_n"] = int(np.prod(value.shape[1:]))
        else:
            values[field] = fill_table(kinds[field], value) if isinstance(value, tuple) else value
    return kind(**values)


@functools.cache
def _compile(header: str, flags: tuple[str, ...]) -> ctypes.CDLL:
    """Compile the source with this header; the library stays mapped when its file is gone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tables.h").write_text(header)
        built = Path(folder, "day.so")
        command = [os.environ.get("CC", "gcc"), *flags, "-shared", "-fPIC", "-I", folder, str(SOURCE), "-lm"]
        subprocess.run([*command, "-o", str(built)], check=True, capture_output=True, text=True)
        return ctypes.CDLL(str(built))


def compile_day(
    tables: tuple[Any, ...], flags: tuple[str, ...] = FLAGS, name: str = "spend_sessions"
) -> Callable[[int, int, int, Any], None]:
    """Compile the day for tables of this shape; returns a function of (lo, hi, tick, key) that runs it on them.

    Parameters
    ----------
    tables : consumers, catalogue, graph, market, rules, events; the caller keeps them alive.
    flags : of the compiler.
    name : of the function in C.
    """
    known: dict[str, str] = {}
    kinds = [declare_table(table, known) for table in tables]
    header = ["#include <stdint.h>", *(_declare_record(*pair) for pair in RECORDS.items()), *known.values()]
    library = _compile("\n".join(header) + "\n", flags)
    structs = [fill_table(kind, table) for kind, table in zip(kinds, tables, strict=True)]
    spend = library[name]
    spend.argtypes = [ctypes.c_int64, ctypes.c_int64, ctypes.c_int, ctypes.c_uint64, *[ctypes.c_void_p] * len(kinds)]
    spend.restype = ctypes.c_double if name == "gather_sessions" else None

    def run(lo: int, hi: int, tick: int, key: Any) -> None:
        spend(lo, hi, tick, int(key), *(ctypes.addressof(struct) for struct in structs))

    return run
