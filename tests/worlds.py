"""Small worlds for tests: composed once, then patched value by value."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sim.model import ContentEcosystem
from sim.money.accounts import overdrawn
from sim.settings import Lever, Parameter, Settings, parameters_of
from sim.settings.levers import LEVERS
from sim.settings.scenario import compose
from sim.world.state import collect

# A short world in which AI can work alone at once and pays, so that every process has something to do.
EAGER = {
    "time.weeks": 9, "time.burn_in_weeks": 5, "world.consumers": 60, "world.creators": 12, "world.studios": 3,
    "world.new_items": 25.0, "world.canon": 32, "technology.autonomy_lead": 260.0, "technology.item_price": 0.001,
    "farms.human_minutes": 0.5, "farms.account_cost": 0.005, "farms.growth": 0.3, "farms.smoothing": 2.0,
    "creators.adoption_rate": 0.1, "studios.reorganisation": 26.0, "money.advertising": 5.0,
}  # fmt: skip


@functools.cache
def base() -> Settings:
    """A tiny world with an eager AI and all levers, which start two weeks after release."""
    settings = compose("baseline", ["world=tiny"]).settings
    levers = {name: Lever(start="2022-12-12", strength=0.5) for name in LEVERS}
    return patched(dataclasses.replace(settings, policy=levers), EAGER)


def patched(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Settings with values, addressed by their paths, set anew; nothing is checked."""
    for path, value in values.items():
        settings = _put(settings, path.split("."), value)
    return settings


def _put(node: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    if isinstance(node, Mapping):
        return {key: _put(child, path[1:], value) if key == path[0] else child for key, child in node.items()}
    return dataclasses.replace(node, **{path[0]: _put(getattr(node, path[0]), path[1:], value)})


def parameters(settings: Settings) -> Iterator[Parameter]:
    """The registry's rows, those of platforms and levers once for each that the settings name."""
    for parameter in parameters_of(Settings):
        group, _, rest = parameter.path.partition(".*.")
        for name in getattr(settings, group) if rest else [""]:
            yield parameter._replace(path=f"{group}.{name}.{rest}") if rest else parameter


def opened(settings: Settings, weeks: int = 0, **given: Any) -> ContentEcosystem:
    """A model of these settings, run for some weeks."""
    return run(ContentEcosystem(settings=settings, **given), weeks)


def run(model: ContentEcosystem, weeks: int) -> ContentEcosystem:
    """Run a model on for some weeks."""
    for _ in range(weeks):
        model.step()
    return model


def differences(a: ContentEcosystem, b: ContentEcosystem) -> list[str]:
    """Names of the parts of two models' states that differ in any bit."""
    one, two = collect(a.world), collect(b.world)
    return [
        name
        for name in sorted(one.keys() | two.keys())
        if name not in one or name not in two or not same_bits(one[name], two[name])
    ]


def debts(model: ContentEcosystem) -> list[str]:
    """Accounts that are below zero and may not be."""
    return overdrawn(model.world.ledger, model.world.studios.columns.hours == 0.0)


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays have type, shape and every bit in common (NaN equals NaN)."""
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
