"""Designs of sweeps: which settings of levers meet which futures, read from a file or the command line, and drawn.

A *point* is one future (a value for every uncertainty) under one setting of the levers. Futures come from the design,
settings from the grid of the levers' values, and every setting meets every future: point = future · settings + setting.
More samples add futures behind those that are there, so that a wider design repeats none of its runs (a finer grid is
another one). A future has random draws of its own, which all its settings and its counterfactual share: effects are
told in pairs, and their spread over futures holds the luck of a run as well as what is not known.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import pandas as pd

from sim.errors import InputError, nearest_name
from sim.outcomes import OUTCOMES
from sim.parameters import Entry, registry
from sim.randomness import Streams
from sim.scenario import (
    FOLDER,
    Scenario,
    alternatives,
    checked,
    compose,
    members,
    names,
    read_config,
    starred,
    start_date,
)
from sim.simulate import SEEDS, Case, prepare
from sim.tables import F8

Design = Literal["grid", "lhs", "sobol", "morris", "csv"]
DESIGNS: tuple[Design, ...] = ("grid", "lhs", "sobol", "morris", "csv")
RESOLUTIONS = ("weekly", "final")
BLOCK = 40  # futures of one Latin hypercube; more samples are more hypercubes
MORRIS_LEVELS = 4  # Morris 1991, Technometrics 33:161
MOST_POINTS = 10_000_000
# The sweep file's keys, with what each may be; `Plan` holds them.
KEYS = {
    "name": "text; the file's name unless given",
    "meta": "label, label_zh, description, description_zh",
    "base": "a scenario",
    "overrides": "a list of key=value, for every run",
    "levers": "policies or parameters with their values: labelling: [0, 1] or '0,1' or 'range(0,1.1,0.5)'",
    "uncertainties": "a list of parameters with priors, or parameters with [low, high] or 'choice(a,b)'",
    "design": ", ".join(DESIGNS),
    "samples": "futures (lhs), base samples (sobol, a power of two), trajectories (morris), levels of a range (grid)",
    "replications": "runs of each point",
    "against": "a scenario that every future is run in too, without the levers",
    "outcomes": "a list of outcomes; all headline outcomes unless given",
    "resolution": ", ".join(RESOLUTIONS),
    "seed": "key of all chance",
    "table": "a CSV file of points, for design csv",
}


@dataclass(frozen=True)
class Factor:
    """What a sweep varies.

    Attributes
    ----------
    path : name, and column of tables: a parameter's path, or a policy's name, which stands for its levers' strengths.
    role : `lever`, which somebody chooses, or `uncertainty`.
    paths : parameters that it sets.
    values : its values where they are given one by one.
    low, high, prior : its range and law where they are not.
    """

    path: str
    role: Literal["lever", "uncertainty"]
    paths: tuple[str, ...]
    values: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    prior: str = ""

    @property
    def shared(self) -> bool:
        """Whether the counterfactual has it too: no lever but one over time, as pairs are told week by week."""
        return self.role == "uncertainty" or self.path.startswith("time.")


class Calendar(NamedTuple):
    """When a run takes place, told by `Plan.calendar_of`.

    Attributes
    ----------
    start : Monday of its first week, numbered 0.
    burn_in : weeks before AI is released in it.
    weeks : in all.
    """

    start: datetime.date
    burn_in: int
    weeks: int


@dataclass(frozen=True)
class Plan:
    """A sweep's plan; the attributes are those of the sweep file, levers and uncertainties as `factors`."""

    name: str
    label: str
    label_zh: str
    description: str
    description_zh: str
    base: str
    overrides: tuple[str, ...]
    factors: tuple[Factor, ...]
    design: Design
    samples: int
    replications: int
    against: str | None
    outcomes: tuple[str, ...]
    resolution: str
    seed: int
    rows: tuple[tuple[Any, ...], ...] = ()  # points of a CSV design

    @property
    def levers(self) -> tuple[Factor, ...]:
        """Factors that somebody chooses."""
        return tuple(factor for factor in self.factors if factor.role == "lever")

    @property
    def uncertainties(self) -> tuple[Factor, ...]:
        """Factors that nobody chooses."""
        return tuple(factor for factor in self.factors if factor.role == "uncertainty")

    @property
    def arms(self) -> tuple[str, ...]:
        """Scenarios that are run: the base, then the counterfactual."""
        return (self.base, self.against) if self.against else (self.base,)

    @functools.cached_property
    def cases(self) -> dict[str, Case]:
        """Every arm, composed, with the user's data; the counterfactual has no levers."""
        policies = [member for factor in self.levers for member in _policies(factor.path)]
        chosen = [f"policy=[{','.join(dict.fromkeys(policies))}]"] if policies else []
        cases = {self.base: prepare(compose(self.base, [*chosen, *self.overrides]))}
        if self.against:
            # the second arm shares the data that the first has read, and has no levers
            read = cases[self.base]
            shared = [text for text in self.overrides if not text.startswith(("policy.", "policy="))]
            other = compose(self.against, shared)
            cases[self.against] = prepare(other, read.followers, read.population)
        return cases

    @property
    def settings(self) -> int:
        """Number of settings of the levers that meet every future; in a CSV design each row is one."""
        return 1 if self.design == "csv" else int(np.prod([len(factor.values) for factor in self.levers], dtype=object))

    @property
    def sample_size(self) -> int:
        """Futures of one sample: rows of a Sobol design's base sample or of a Morris trajectory, else one."""
        k = len(self.uncertainties)
        return {"sobol": k + 2, "morris": k + 1}.get(self.design, 1)

    @property
    def burn_in(self) -> int:
        """Weeks before release."""
        return self.cases[self.base].scenario.settings.time.burn_in_weeks

    def draws(self, point: int, replication: int) -> int:
        """Which of the seed's random draws a run has: those of its future, others for each replication.

        Rows of a Sobol design's base sample and of a Morris trajectory share theirs, as their differences are what is
        told. Numbered so that more samples or replications rename none.
        """
        if self.design == "csv":
            return self._futures_of_rows[point] + MOST_POINTS * replication
        return point // self.settings // self.sample_size + MOST_POINTS * replication

    @functools.cached_property
    def _futures_of_rows(self) -> list[int]:
        """Of a CSV design: the first row that has the same uncertainties, for each row."""
        places = [k for k, factor in enumerate(self.factors) if factor.role == "uncertainty"]
        first: dict[tuple[Any, ...], int] = {}
        return [first.setdefault(tuple(row[k] for k in places), number) for number, row in enumerate(self.rows)]

    def points(self) -> pd.DataFrame:
        """All points: a column a factor, in order of the design; the index is the point's number."""
        columns = [factor.path for factor in self.factors]
        if self.design == "csv":
            return pd.DataFrame(list(self.rows), columns=columns, dtype=object)
        futures = futures_of(self)
        settings = list(itertools.product(*(factor.values for factor in self.levers)))
        rows = {factor.path: np.repeat(futures[factor.path].to_numpy(object), len(settings))
                for factor in self.uncertainties}  # fmt: skip
        for k, factor in enumerate(self.levers):
            column = np.empty(len(settings), object)
            column[:] = [setting[k] for setting in settings]
            rows[factor.path] = np.tile(column, len(futures))
        count = len(futures) * len(settings)
        return pd.DataFrame({name: rows[name] for name in columns}, index=pd.RangeIndex(count), dtype=object)

    def values_of(self, arm: str, point: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters that an arm has at a point: the base all factors, the counterfactual those that it shares."""
        factors = [factor for factor in self.factors if arm == self.base or factor.shared]
        return {path: point[factor.path] for factor in factors for path in factor.paths}

    def calendar_of(self, arm: str, point: Mapping[str, Any]) -> Calendar:
        """When the runs of an arm at a point take place: factors such as `time.release` give each its own calendar."""
        settings = self.cases[arm].scenario.settings
        own = {path: value for path, value in self.values_of(arm, point).items() if path.startswith("time.")}
        time = replace(settings.time, **{path.removeprefix("time."): value for path, value in own.items()})
        return Calendar(start_date(replace(settings, time=time)), time.burn_in_weeks, time.weeks)

    def to_tree(self) -> dict[str, Any]:
        """The plan as plain data, from which `from_tree` makes it again."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Plan:
        """Make the plan that `to_tree` wrote."""

        def frozen(value: Any) -> Any:
            return tuple(frozen(item) for item in value) if isinstance(value, list) else value

        factors = tuple(Factor(**{key: frozen(value) for key, value in item.items()}) for item in tree["factors"])
        return cls(**{key: frozen(value) for key, value in tree.items()} | {"factors": factors})


# Reading a plan


def read_plan(source: str, changes: Sequence[str] = ()) -> Plan:
    """Read a sweep: a file, a packaged sweep's name, or a scenario whose factors are all in `changes`.

    Parameters
    ----------
    source : path of a YAML file, a name that `metavalue list sweeps` shows, or a scenario.
    changes : `key=value` for every run; several values (`a,b`, `range()`, `choice()`) make a lever; keys of the sweep
        file such as `samples=100` change the plan.

    Raises
    ------
    InputError : the first thing that is wrong.
    """
    tree = _read_source(source)
    tree.setdefault("overrides", [])
    tree.setdefault("levers", {})
    for text in changes:
        key, values = alternatives(text)
        if key in KEYS and key not in ("levers", "uncertainties", "meta", "overrides"):
            tree[key] = values if key == "outcomes" else values[0] if len(values) == 1 else values
        elif len(values) > 1 and key not in ("policy", "platforms"):
            tree["levers"][key] = values
        else:
            tree["overrides"] = [*tree["overrides"], text]
    return build_plan(tree)


def build_plan(tree: Mapping[str, Any]) -> Plan:
    """Check a sweep's keys and values, and make its plan.

    Raises
    ------
    InputError : the first thing that is wrong.
    """
    for key in tree:
        if key not in KEYS:
            raise InputError(str(key), tree[key], f"one of {', '.join(KEYS)}", nearest_name(str(key), KEYS))
    meta = tree.get("meta") or {}
    name = _text(tree, "name", "sweep")
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name.startswith("."):
        raise InputError("name", name, "letters, digits, - and _")
    design = _one_of(tree, "design", DESIGNS, "lhs" if tree.get("uncertainties") else "grid")
    outcomes = tree.get("outcomes") or [o.name for o in OUTCOMES.values() if o.headline]
    for outcome in outcomes if isinstance(outcomes, list) else [outcomes]:
        if outcome not in OUTCOMES:
            raise InputError(
                "outcomes", outcome, "outcomes of `metavalue list outcomes`", nearest_name(str(outcome), OUTCOMES)
            )
    plan = Plan(
        name=name,
        label=str(meta.get("label", name)),
        label_zh=str(meta.get("label_zh", name)),
        description=str(meta.get("description", "")),
        description_zh=str(meta.get("description_zh", "")),
        base=_text(tree, "base", "baseline"),
        overrides=tuple(str(text) for text in tree.get("overrides") or ()),
        factors=(),
        design=cast(Design, design),
        samples=_count(tree, "samples", 1),
        replications=_count(tree, "replications", 1),
        against=_text(tree, "against", "") or None,
        outcomes=tuple(outcomes if isinstance(outcomes, list) else [outcomes]),
        resolution=_one_of(tree, "resolution", RESOLUTIONS, "weekly"),
        seed=_count(tree, "seed", 0, 0),
    )  # fmt: skip
    if plan.seed not in SEEDS:
        raise InputError("seed", plan.seed, f"a whole number from 0 to {SEEDS[-1]}")
    if design == "sobol" and plan.samples & (plan.samples - 1):
        raise InputError("samples", plan.samples, "a power of two, for a Sobol design")
    plan = _from_table(plan, _text(tree, "table", "")) if design == "csv" else replace(plan, factors=_factors(tree))
    if plan.against == plan.base:
        raise InputError("against", plan.against, "another scenario than the base")
    return _checked(plan)


def _read_source(source: str) -> dict[str, Any]:
    """The tree of a sweep file, or of a sweep that runs a scenario."""
    path = Path(source)
    if source in names("sweep"):
        path = FOLDER / "sweep" / f"{source}.yaml"
    elif source in names("scenario"):
        return {"name": source, "base": source}
    elif path.suffix not in (".yaml", ".yml"):
        known = [*names("sweep"), *names("scenario")]
        raise InputError("sweep", source, "a YAML file, a packaged sweep or a scenario", nearest_name(source, known))
    tree = dict(read_config(path))
    return {"name": path.stem, **tree}


def _text(tree: Mapping[str, Any], key: str, default: str) -> str:
    value = tree.get(key)
    if value is None:
        return default
    if not isinstance(value, str):
        raise InputError(key, value, KEYS[key])
    return value


def _one_of(tree: Mapping[str, Any], key: str, known: Sequence[str], default: str) -> str:
    value = tree.get(key, default)
    if value not in known:
        raise InputError(key, value, f"one of {', '.join(known)}", nearest_name(str(value), known))
    return str(value)


def _count(tree: Mapping[str, Any], key: str, default: int, least: int = 1) -> int:
    value = tree.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(key, value, f"a whole number from {least}")
    return value


def _policies(name: str) -> list[str]:
    """Levers that a factor of this name stands for: a policy's or a package's; none for a parameter's path."""
    return members("policy", name) if name in names("policy") else []


def _paths(name: str) -> tuple[str, ...]:
    return tuple(f"policy.{lever}.strength" for lever in _policies(name)) or (name,)


def _factors(tree: Mapping[str, Any]) -> tuple[Factor, ...]:
    """Levers and uncertainties as they stand in the file, with ranges from the registry where none is given."""
    found: list[Factor] = []
    for key, given in _pairs(tree, "levers"):
        values = _listed(key, given)
        if not values:
            raise InputError(f"levers.{key}", given, "a list of values, such as [0, 1]")
        found.append(Factor(key, "lever", _paths(key), tuple(values)))
    for key, given in _pairs(tree, "uncertainties"):
        entry = _registered(key)
        if isinstance(given, str) or (isinstance(given, list) and entry.info.low is None):
            found.append(Factor(key, "uncertainty", (key,), tuple(_listed(key, given))))
            continue
        low, high = (entry.info.low, entry.info.high) if given is None else _range(key, given)
        if low is None or high is None:
            raise InputError(f"uncertainties.{key}", given, "its values, such as choice(a,b)")
        prior = entry.info.prior or "uniform"
        if prior == "loguniform" and low <= 0:
            prior = "uniform"
        found.append(Factor(key, "uncertainty", (key,), (), float(low), float(high), prior))
    twice = [factor.path for factor in found if sum(other.path == factor.path for other in found) > 1]
    if twice:
        raise InputError("levers and uncertainties", twice[0], "each once")
    return tuple(found)


def _pairs(tree: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    given = tree.get(key) or {}
    if isinstance(given, Mapping):
        return [(str(name), value) for name, value in given.items()]
    if isinstance(given, list) and key == "uncertainties":
        return [(str(name), None) for name in given]
    raise InputError(key, given, KEYS[key])


def _listed(key: str, given: Any) -> list[Any]:
    """Values as a list, or written as Hydra's sweeps are."""
    if isinstance(given, list):
        return given
    return alternatives(f"{key}={given}")[1] if isinstance(given, str) else [given]


def _range(key: str, given: Any) -> tuple[float, float]:
    numbers = isinstance(given, list) and [x for x in given if isinstance(x, int | float) and not isinstance(x, bool)]
    if not numbers or len(given) != 2 or len(numbers) != 2 or given[0] >= given[1]:
        raise InputError(f"uncertainties.{key}", given, "[low, high]")
    return given[0], given[1]


def _registered(path: str) -> Entry:
    known = registry()
    if starred(path) not in known:
        nearest = nearest_name(path, known)
        raise InputError(f"uncertainties.{path}", path, "a parameter of `metavalue list parameters`", nearest)
    return known[starred(path)]


def _from_table(plan: Plan, source: str) -> Plan:
    """A plan whose points are the rows of a user's CSV file; its columns are parameters or policies."""
    if not source:
        raise InputError("table", "nothing", "a CSV file of points, whose columns are parameters or policies")
    try:
        frame = pd.read_csv(source)
    except (OSError, ValueError) as error:
        raise InputError("table", source, f"a CSV file that can be read ({str(error).splitlines()[0]})") from None
    if frame.empty:
        raise InputError("table", source, "at least one row")
    columns = [str(column) for column in frame.columns]
    lever = [bool(_policies(column)) or column.startswith("policy.") for column in columns]
    factors = tuple(
        Factor(column, "lever" if chosen else "uncertainty", _paths(column), tuple(pd.unique(frame[column])))
        for column, chosen in zip(columns, lever, strict=True)
    )
    draft = replace(plan, factors=factors)
    case, rows = draft.cases[plan.base], []
    for line, values in enumerate(frame.to_numpy(object).tolist(), start=2):
        row = []
        for column, factor, value in zip(columns, factors, values, strict=True):
            try:
                row.append(checked(case.scenario, factor.paths[0], value))
            except InputError as error:
                raise InputError(
                    f"{source}, line {line}, column {column}", value, error.expected, error.nearest
                ) from None
        rows.append(tuple(row))
    plain = tuple(replace(f, values=tuple(dict.fromkeys(r[k] for r in rows))) for k, f in enumerate(factors))
    return replace(plan, factors=plain, rows=tuple(rows))


def _checked(plan: Plan) -> Plan:
    """The plan with every value as the registry holds it, and every one of them accepted in the scenario."""
    base, factors = plan.cases[plan.base].scenario, []
    for factor in plan.factors:
        if factor.values:
            values = [checked(base, factor.paths[0], value) for value in factor.values]
            factor = replace(factor, values=tuple(values))
        else:
            for bound in (factor.low, factor.high):
                checked(base, factor.path, bound)
        if plan.against and factor.role == "uncertainty":
            checked(plan.cases[plan.against].scenario, factor.path, _value_at(base, factor, 0.5))
        factors.append(factor)
    done = replace(plan, factors=tuple(factors))
    if (count := count_points(done)) > MOST_POINTS:
        raise InputError("samples", f"{count:,} points", f"at most {MOST_POINTS:,} points")
    return done


def count_points(plan: Plan) -> int:
    """Number of points, without drawing them."""
    if plan.design == "csv":
        return len(plan.rows)
    if plan.design == "grid":
        futures = int(np.prod([len(f.values) or plan.samples for f in plan.uncertainties], dtype=object))
    else:
        futures = plan.samples * plan.sample_size if plan.uncertainties else 1
    return futures * plan.settings


def count_runs(plan: Plan) -> int:
    """Number of runs; the counterfactual of a future is one, however many settings that it does not share meet it."""
    points = count_points(plan)
    if not plan.against:
        return plan.replications * points
    alone = [len(factor.values) for factor in plan.levers if not factor.shared]
    others = len(set(plan._futures_of_rows)) if plan.design == "csv" else points // math.prod(alone)
    return plan.replications * (points + others)


# Drawing futures


def futures_of(plan: Plan) -> pd.DataFrame:
    """Futures in order: a column an uncertainty, each value as the registry holds it."""
    factors, base = plan.uncertainties, plan.cases[plan.base].scenario
    if not factors:
        return pd.DataFrame(index=pd.RangeIndex(1))
    if plan.design == "grid":
        steps = (np.arange(plan.samples) + 0.5) / plan.samples
        levels = [list(f.values) or [_value_at(base, f, u) for u in steps] for f in factors]
        rows = list(itertools.product(*levels))
        return pd.DataFrame(rows, columns=[f.path for f in factors], dtype=object)
    draw = {"lhs": _hypercubes, "sobol": _sobol, "morris": _trajectories}[plan.design]
    unit = draw(plan)
    columns = {f.path: [_value_at(base, f, u) for u in unit[:, k]] for k, f in enumerate(factors)}
    return pd.DataFrame(columns, dtype=object)


def hypercube(paths: Iterable[str], draws: int, seed: int, block: int = 0) -> dict[str, F8]:
    """Places in [0, 1) by path, each of shape (draws,): each of `draws` equal parts is hit once (Latin hypercube).

    A path's numbers depend on itself, the seed, the block and `draws` alone, so that a new path moves no other.

    Notes
    -----
    McKay, Beckman & Conover 1979, Technometrics 21:239.
    """
    streams, uids = Streams(seed), np.arange(1, draws + 1).astype(np.uint64)
    places = {}
    for path in paths:
        stream = streams[f"prior {path}"]
        part = np.argsort(np.argsort(stream.uniform(block, uids, 0)))
        places[path] = np.asarray((part + stream.uniform(block, uids, 1)) / draws, np.float64)
    return places


def quantile(low: float, high: float, prior: str, u: F8) -> F8:
    """Values of a prior on [low, high] at the quantiles u, of the same shape."""
    if prior == "loguniform":
        return np.asarray(np.clip(low * (high / low) ** u, low, high))
    return np.asarray(low + (high - low) * u)


def _hypercubes(plan: Plan) -> F8:
    """Latin hypercubes of `BLOCK` futures each, the last perhaps cut off; shape (samples, factors)."""
    paths = [factor.path for factor in plan.uncertainties]
    blocks = [hypercube(paths, BLOCK, plan.seed, block) for block in range(-(-plan.samples // BLOCK))]
    columns = [np.concatenate([block[path] for block in blocks]) for path in paths]
    return np.stack(columns, axis=1)[: plan.samples]


def _problem(plan: Plan) -> dict[str, Any]:
    paths = [factor.path for factor in plan.uncertainties]
    return {"num_vars": len(paths), "names": paths, "bounds": [[0.0, 1.0]] * len(paths)}


def _sobol(plan: Plan) -> F8:
    """Radial design of Saltelli et al. 2010 on a scrambled Sobol sequence; shape (samples · (factors + 2), factors)."""
    from SALib.sample import sobol

    return np.asarray(sobol.sample(_problem(plan), plan.samples, calc_second_order=False, seed=plan.seed), np.float64)


def _trajectories(plan: Plan) -> F8:
    """Morris' trajectories, each with a seed of its own; shape (samples · (factors + 1), factors)."""
    from SALib.sample import morris

    def one(k: int) -> F8:
        seed = int.from_bytes(hashlib.sha256(f"{plan.seed} {k}".encode()).digest()[:4])
        return np.asarray(morris.sample(_problem(plan), 1, num_levels=MORRIS_LEVELS, seed=seed), np.float64)

    return np.concatenate([one(k) for k in range(plan.samples)])


def _value_at(scenario: Scenario, factor: Factor, u: float) -> Any:
    """A factor's value at a place in [0, 1]."""
    if factor.values:
        return factor.values[min(int(u * len(factor.values)), len(factor.values) - 1)]
    low, high = cast(float, factor.low), cast(float, factor.high)
    if _registered(factor.paths[0]).type == "int":
        high = math.nextafter(high + 1, low)  # rounded down, so that each whole number has an equal part
    return _fitting(scenario, factor.paths[0], float(quantile(low, high, factor.prior, np.asarray(u))))


def _fitting(scenario: Scenario, path: str, value: float) -> Any:
    """A number as the parameter takes it: whole where it must be, inside its range against rounding."""
    info = _registered(path)
    whole = math.floor(value) if info.type == "int" else value
    return checked(scenario, path, min(max(whole, cast(float, info.info.low)), cast(float, info.info.high)))


def same_store(old: Plan, new: Plan) -> None:
    """Refuse to go on with another plan in a place whose stored numbers would not mean the same.

    Raises
    ------
    InputError : outcomes, resolution, base, counterfactual or factors differ.
    """
    for item in fields(Plan):
        if item.name in ("base", "against", "outcomes", "resolution"):
            before, now = getattr(old, item.name), getattr(new, item.name)
            if before != now:
                raise InputError(item.name, now, f"{before}, as in the sweep that is there, or another name")
