"""What each policy lever is expected to do, written down before any run, and how a run is read against it.

For every lever and package, its file in `scenarios/policy` names the outcome that it aims at and one side effect, each
with a sign and the reason from which the sign follows. `python -m analysis.studies levers` runs each in pairs against
the same world without it. A miss stays in the table of docs/model.md: it is a finding, and no reason to change what was
expected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from analysis.intervals import interval, paired_interval
from analysis.statistics import levels
from analysis.studies.markdown import band, number, table
from analysis.studies.study import Study, show_progress
from sim.base.outcomes import OUTCOMES
from sim.experiment.pairing import run_arms
from sim.settings.levers import LEVERS
from sim.settings.scenario import compose, expected_of, members, names
from sim.simulation.cases import prepare
from sim.simulation.results import RunResult

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
    """What a lever aims at and one side effect.

    Attributes
    ----------
    world : overrides of both arms, beside those of the eager world.
    beside : levers that both arms have.
    """

    aim: Effect
    side: Effect
    world: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def parts(self) -> dict[str, Effect]:
        """Both effects by their names in the table."""
        return {"aim": self.aim, "side": self.side}


def _expectation(name: str) -> Expectation:
    """Read what the file of a lever or package expects of it."""
    entry = expected_of(name)
    aim, side = (Effect(**entry[key]) for key in ("aim", "side"))
    return Expectation(aim, side, WORLDS[entry.get("world", "")], tuple(entry.get("beside", ())))


ORDER = (*LEVERS, *(name for name in names("policy") if name not in LEVERS))  # levers, then packages
EXPECTATIONS = {name: _expectation(name) for name in ORDER if name in names("policy")}


def levers(study: Study) -> dict[str, str]:
    """Test what each policy lever was expected to do, in pairs with the same world without it."""
    runs_with = _run_all(study)
    rows, reasons = [], []
    for name, expected in EXPECTATIONS.items():
        lever, without = runs_with[overrides(name, expected)], runs_with[overrides("", expected)]
        rows += [_row(name, part, effect, lever, without) for part, effect in expected.parts.items()]
        reasons.append(f"- `{name}`: {expected.aim.reason} {expected.side.reason}")
    head = ("lever", "", "outcome", "expected", "without", "difference [95 %]", "reading")
    why = "The reasons, as written before:\n\n" + "\n".join(reasons)
    return {"levers": f"{study.source}\n\n{table(head, rows)}\n\n{why}"}


def _row(name: str, part: str, expected: Effect, lever: list[RunResult], without: list[RunResult]) -> tuple[str, ...]:
    """Write the table's row on one expected effect of a lever."""
    level = levels(without, expected.outcome)
    change = paired_interval(levels(lever, expected.outcome), level, OUTCOMES[expected.outcome])
    return (
        f"`{name}`",
        part,
        f"`{expected.outcome}`",
        "up" if expected.sign > 0 else "down",
        number(interval(level)[0]),
        f"{number(change.mean, '+')} {band(change.low, change.high, '+')}",
        read(expected, change.low, change.high),
    )


def _run_all(study: Study) -> dict[tuple[str, ...], list[RunResult]]:
    """Run the world with each lever, and each world without one, once; runs by the overrides that select them."""
    chosen = dict.fromkeys(
        overrides(lever, expected) for name, expected in EXPECTATIONS.items() for lever in ("", name)
    )
    cases = [
        prepare(replace(compose("baseline", (f"world={study.world}", *texts)), name=str(k)))
        for k, texts in enumerate(chosen)
    ]
    done = run_arms(cases, study.seed, study.replications, workers=study.workers, progress=show_progress)
    return dict(zip(chosen, done.arms.values(), strict=True))


def overrides(name: str = "", expected: Expectation | None = None) -> tuple[str, ...]:
    """List the overrides that put a lever or package at full strength from release into its world; "" puts in none.

    The world is that of the expectation, with the levers that both arms have; without one it is the eager world alone.
    """
    beside = expected.beside if expected else ()
    chosen = dict.fromkeys((*beside, *(members("policy", name) if name else ())))
    selected = f"policy=[{','.join(chosen)}]"
    full = (f"policy.{lever}.{key}" for lever in chosen for key in (f"start={START}", "strength=1"))
    return (*EAGER, *(expected.world if expected else ()), selected, *full)


def read(effect: Effect, low: float | None, high: float | None) -> Reading:
    """Say whether a paired difference is as expected: its 95 % interval lies on the expected side of zero."""
    if low is None or high is None:
        return "–"
    # the ends of the interval, turned so that a positive number is as expected
    least, most = (low, high) if effect.sign > 0 else (-high, -low)
    return "hit" if least > 0 else "miss" if most < 0 else "no clear effect"
