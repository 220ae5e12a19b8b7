"""What each policy lever is expected to do, written down before any run, and how a run is read against it.

For every lever and package, its file in `scenarios/policy` names the outcome that it aims at and one side effect, each
with a sign and the reason from which the sign follows. `python docs/results.py levers` runs each against the same world
without it, in pairs. A miss stays in the table of docs/model.md: it is a finding, and no reason to change what was
expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.settings.levers import LEVERS
from sim.settings.scenario import expected_of, members, names

Reading = Literal["hit", "miss", "no clear effect", "–"]

# Both arms of a pair live in this world: AI can work alone from release and soon pays, so that runs may be short.
EAGER = (
    "time.burn_in_weeks=13", "time.weeks=78", "technology.autonomy_lead=260", "farms.human_minutes=2",
    "farms.account_cost=0.02", "farms.growth=0.3", "farms.smoothing=2", "creators.adoption_rate=0.1",
    "studios.reorganisation=26",
)  # fmt: skip
# A world in which lying pays some AI producers; in the eager one hardly any lies, and no lever can make it fewer.
TEMPTING = ("trust.draft_budget=15", "trust.verification=4", "moderation.vigilance=0.2", "farms.scruple=0.1")
# A world in which studios do lay off, long enough for trades to close; in the eager one nobody needs training.
DISPLACING = ("time.weeks=260", "labour.elasticity=0.3", "studios.cap_create=0.9", "studios.cap_edit=0.9")
WORLDS = {"": (), "tempting": TEMPTING, "displacing": DISPLACING}  # by the names that policy files use
START = "2022-11-28"  # the week of release


@dataclass(frozen=True)
class Effect:
    """An outcome, the sign in which it is expected to move (1 or -1), and why."""

    outcome: str
    sign: int
    reason: str


@dataclass(frozen=True)
class Expectation:
    """What a lever aims at and one side effect; `world` and levers `beside` it are the same in both arms."""

    aim: Effect
    side: Effect
    world: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def _read(name: str) -> Expectation:
    """Read what the file of a lever or package says was expected of it."""
    said = expected_of(name)
    aim, side = (Effect(**said[key]) for key in ("aim", "side"))
    return Expectation(aim, side, WORLDS[said.get("world", "")], tuple(said.get("beside", ())))


ORDER = (*LEVERS, *(name for name in names("policy") if name not in LEVERS))  # levers, then packages
EXPECTATIONS = {name: _read(name) for name in ORDER if name in names("policy")}


def overrides(name: str = "", expected: Expectation | None = None) -> tuple[str, ...]:
    """What selects a lever or package at full strength from release, beside what both arms have; "" is without it."""
    beside = expected.beside if expected else ()
    levers = dict.fromkeys((*beside, *(members("policy", name) if name else ())))
    chosen = f"policy=[{','.join(levers)}]"
    full = (f"policy.{lever}.{key}" for lever in levers for key in (f"start={START}", "strength=1"))
    return (*EAGER, *(expected.world if expected else ()), chosen, *full)


def read(effect: Effect, low: float | None, high: float | None) -> Reading:
    """Whether the 95 % interval of a paired difference lies on the expected side of zero."""
    if low is None or high is None:
        return "–"
    if effect.sign * (low if effect.sign > 0 else high) > 0:
        return "hit"
    return "miss" if effect.sign * (high if effect.sign > 0 else low) < 0 else "no clear effect"
