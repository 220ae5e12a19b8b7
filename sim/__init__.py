"""Metavalue's model: run a scenario, compare two in pairs, repeat what was run, load a result."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment.pairing import compare as compare
    from sim.experiment.pairing import load as load
    from sim.experiment.repeat import repeat as repeat
    from sim.simulation.simulate import run as run

_HOMES = {
    "run": "sim.simulation.simulate",
    "compare": "sim.experiment.pairing",
    "load": "sim.experiment.pairing",
    "repeat": "sim.experiment.repeat",
}
__all__ = ["compare", "load", "repeat", "run"]


def __getattr__(name: str) -> Any:
    """Import a public function when it is first asked for, so that `import sim` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public functions, imported yet or not, and what every module has."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
