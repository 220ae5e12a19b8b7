"""Metavalue's model: run a scenario, load a result, compare two scenarios in pairs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment.pairing import compare as compare
    from sim.results import load as load
    from sim.simulate import run as run

_HOMES = {"run": "sim.simulate", "load": "sim.results", "compare": "sim.experiment.pairing"}
__all__ = ["compare", "load", "run"]


def __getattr__(name: str) -> Any:
    """Import a public function when it is first asked for, so that `import sim` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
