"""Everything that a world holds, found by following its attributes and not by the functions under test."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from sim.base.tables import FIXED
from sim.world.world import World

# Attributes of tables, corpora, the labour market and the ledger that never change, and which copies share.
CONSTANT = ("_empty", "centre", "trade", "_all")

CACHES = {"_views"}  # attributes that hold what was worked out once, and that anybody may fill


def leaves(value: Any, name: str = "", shared: bool = True, met: set[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Arrays, numbers and texts that a value holds, by their names; what does not belong to `sim` is left out.

    Parameters
    ----------
    shared : also those that never change, which copies share.
    """
    met = set() if met is None else met
    if isinstance(value, bool | int | float | str | bytes | array | np.ndarray | np.generic | None):
        yield name, value
        return
    if id(value) in met:
        return
    met.add(id(value))
    fixed = {item.name for item in fields(value) if item.metadata == FIXED} if is_dataclass(value) else set()
    for part, held in _parts(value):
        if shared or (part not in fixed and part not in CONSTANT):
            yield from leaves(held, f"{name}/{part}", shared, met)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What a value consists of."""
    if isinstance(value, dict):
        yield from (pair for k, (key, held) in enumerate(value.items()) for pair in ((f"{k} key", key), (str(k), held)))
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from value._asdict().items()
    elif isinstance(value, list | tuple):
        yield from ((str(k), held) for k, held in enumerate(value))
    elif type(value).__module__.startswith("sim."):
        yield from getattr(value, "__dict__", {}).items()
        yield from ((slot, getattr(value, slot)) for slot in getattr(type(value), "__slots__", ()))


def fingerprints(world: World) -> dict[str, bytes]:
    """Hash of all that is in each field of a world."""
    return {item.name: fingerprint(getattr(world, item.name)) for item in fields(world)}


def fingerprint(value: Any) -> bytes:
    """Hash of all that a value holds."""
    digest = hashlib.blake2b(digest_size=16)
    for name, leaf in leaves(value):
        if not CACHES.isdisjoint(name.split("/")):
            continue
        digest.update(name.encode())
        if isinstance(leaf, np.ndarray):
            digest.update(f"{leaf.dtype} {leaf.shape}".encode())
            digest.update(np.ascontiguousarray(leaf).tobytes())
        else:
            digest.update(leaf.tobytes() if isinstance(leaf, array) else repr(leaf).encode())
    return digest.digest()
