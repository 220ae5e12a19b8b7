"""Reading the plan of a sweep from a file or the command line, and writing it so that it runs again.

Whatever would be dropped, guessed or run twice is refused: a key that the design does not use, two factors on one
parameter, a value twice, arms that are alike, more runs than can be kept.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from sim.base.errors import InputError, nearest_name
from sim.base.outcomes import OUTCOMES
from sim.experiment.plan import DESIGNS, MAX_POINTS, Design, Plan, count_points, count_runs, policies
from sim.experiment.point_table import EXPECTED, parsed, read_table, written
from sim.experiment.sampling import Factor, value_at
from sim.settings import Parameter, registry, starred
from sim.settings.config_files import Config, read_config
from sim.settings.overrides import MAX_VALUES, alternatives
from sim.settings.platform_files import written_out
from sim.settings.scenario import FOLDER, Scenario, checked, leaves, names
from sim.simulation.simulate import SEEDS

MAX_RUNS = 10_000_000
MAX_NAME = 80  # characters, of up to three bytes
GROUPS = ("scenario", "world", "technology", "platforms", "policy")
RESOLUTIONS = ("weekly", "final")
META = ("label", "label_zh", "description", "description_zh")
FILES = ("plan.yaml", "points.csv")  # that `plan_files` writes
# The sweep file's keys, with what each may be; `Plan` holds them.
KEYS = {
    "name": "text; the file's name unless given",
    "meta": "label, label_zh, description, description_zh",
    "base": "a scenario",
    "overrides": "a list of key=value, for every run",
    "levers": "policies or parameters with their values: labelling: [0, 1] or '0,1' or 'range(0,1.1,0.5)'",
    "uncertainties": "a list of parameters with priors, or parameters with [low, high] or {choice: [a, b]}",
    "design": ", ".join(DESIGNS),
    "samples": "futures (lhs), base samples (sobol, a power of two), trajectories (morris), levels of a range (grid)",
    "replications": "runs of each point",
    "against": "a scenario that every future is run in too, without the levers",
    "outcomes": "a list of outcomes; all headline outcomes unless given",
    "resolution": ", ".join(RESOLUTIONS),
    "seed": "key of all chance",
    "table": "a CSV file of points, for design csv",
}


def read_plan(source: str, changes: Sequence[str] = ()) -> Plan:
    """Read a sweep: a file, a packaged sweep's name, or a scenario whose factors are all in `changes`.

    Parameters
    ----------
    source : path of a YAML file, a name that `metavalue list sweeps` shows, or a scenario. A table that a file names is
        looked for beside the file, one that `changes` name in the working directory.
    changes : `key=value` for every run; several values (`a,b`, `range()`, `choice()`) make a lever; keys of the sweep
        file such as `samples=100` change the plan.

    Raises
    ------
    InputError : the first thing that is wrong.
    """
    tree, file = _read_source(source)
    words = [(text, *_varied(text)) for text in changes]
    try:
        return build_plan(_changed(tree, words, file.lines))
    except InputError as error:
        raise _as_given(error, file, [key for _, key, _ in words]) from None


def _as_given(error: InputError, file: Config, words: Sequence[str]) -> InputError:
    """Say where the user wrote what an error is about: in a word of the command line, or in which line of the file."""
    role, _, path = error.key.partition(".")
    if role == "levers" and path in words:
        return InputError(path, error.value, error.expected, error.nearest)
    if any(_is_within(error.key, key) for key in words):
        return error
    overrides = file.get("overrides")
    keys = [str(text).partition("=")[0] for text in overrides] if isinstance(overrides, list) else []
    if any(_is_within(error.key, key) for key in keys):
        error = InputError(f"overrides.{error.key}", error.value, error.expected, error.nearest)
    return file.located(error)


def _is_within(path: str, group: str) -> bool:
    """Whether a path is that of a group of settings or inside it."""
    return f"{path}.".startswith(f"{group}.")


def _varied(text: str) -> tuple[str, list[Any]]:
    """Read a word of the command line: its key and its values, one or several."""
    key, _, raw = text.partition("=")
    if key in ("levers", "uncertainties", "meta", "overrides"):
        expected = "key=value for every run, or key=a,b to vary it; this is a key of the file alone"
        raise InputError(key, raw, expected)
    return alternatives(text)


def _changed(
    tree: dict[str, Any], words: Sequence[tuple[str, str, list[Any]]], lines: dict[str, int]
) -> dict[str, Any]:
    """Apply words of the command line to the tree of a sweep file.

    Keys that they set no longer have a line of the file.
    """
    tree, overrides, levers = dict(tree), list(_overrides(tree)), dict(_pairs(tree, "levers"))
    for text, key, values in words:
        if key in KEYS:
            lines.pop(key, None)
            tree[key] = values if key == "outcomes" else values[0] if len(values) == 1 else values
        elif len(values) > 1 and key not in ("policy", "platforms"):
            levers[key] = values
            lines.pop(f"levers.{key}", None)
        else:
            overrides.append(text)
    return {**tree, "overrides": overrides, "levers": levers}


def build_plan(tree: Mapping[str, Any]) -> Plan:
    """Check a sweep's keys and values, and make its plan.

    Raises
    ------
    InputError : the first thing that is wrong.
    """
    for key in tree:
        if key not in KEYS:
            raise InputError(str(key), tree[key], f"one of {', '.join(KEYS)}", nearest_name(str(key), KEYS))
    name, meta = _name(tree), _meta(tree)
    design = _one_of(tree, "design", DESIGNS, "lhs" if tree.get("uncertainties") else "grid")
    plan = Plan(
        name=name,
        label=meta.get("label", name),
        label_zh=meta.get("label_zh", name),
        description=meta.get("description", ""),
        description_zh=meta.get("description_zh", ""),
        base=_scenario(tree, "base", "baseline"),
        overrides=_overrides(tree),
        factors=(),
        design=cast(Design, design),
        samples=_count(tree, "samples", 1, 1, MAX_POINTS),
        replications=_count(tree, "replications", 1, 1, MAX_RUNS),
        against=_scenario(tree, "against", "") or None,
        outcomes=_outcomes(tree),
        resolution=_one_of(tree, "resolution", RESOLUTIONS, "weekly"),
        seed=_count(tree, "seed", 0, 0, SEEDS[-1]),
    )
    _refuse_unused(tree, plan)
    if design == "csv":
        return _checked(_from_table(plan, Path(_text(tree, "table", ""))))
    return _checked(replace(plan, factors=_factors(tree)))


def plan_files(plan: Plan) -> dict[str, bytes]:
    """Write the plan as a sweep file, with a table of its points in a CSV design; `read_plan` reads it back."""
    tree: dict[str, Any] = {
        "name": plan.name,
        "meta": {key: getattr(plan, key) for key in META},
        "base": plan.base,
        "overrides": list(plan.overrides),
        "design": plan.design,
        "replications": plan.replications,
        "against": plan.against,
        "outcomes": list(plan.outcomes),
        "resolution": plan.resolution,
        "seed": plan.seed,
    }
    table = {}
    if plan.design == "csv":
        tree["table"] = FILES[1]
        table[FILES[1]] = written([factor.path for factor in plan.factors], plan.rows)
    else:
        tree["levers"] = {factor.path: list(factor.values) for factor in plan.levers}
        tree["uncertainties"] = {factor.path: _given(factor) for factor in plan.uncertainties}
        if _uses_samples(plan):
            tree["samples"] = plan.samples
    return {FILES[0]: _yaml({key: tree[key] for key in KEYS if key in tree}).encode(), **table}


def _yaml(tree: Mapping[str, Any]) -> str:
    """Write a tree as YAML with all texts in quotes, since readers do not agree on which texts are numbers or dates."""
    import yaml

    class Quoted(str):
        """Marks a text to be quoted."""

    class Dumper(yaml.SafeDumper):
        """Quotes marked texts."""

    def quoted(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: quoted(item) for key, item in value.items()}
        if isinstance(value, list):
            return [quoted(item) for item in value]
        return Quoted(value) if isinstance(value, str) else value

    Dumper.add_representer(Quoted, lambda to, text: to.represent_scalar("tag:yaml.org,2002:str", str(text), style='"'))
    return yaml.dump(quoted(tree), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)


def _given(factor: Factor) -> Any:
    """Write an uncertainty as a sweep file gives it."""
    if not factor.values:
        return [factor.low, factor.high]
    return {"choice": list(factor.values)}


# Keys of the file


def _read_source(source: str) -> tuple[dict[str, Any], Config]:
    """Read a sweep file, or make the tree of a sweep that runs a scenario; return the tree and the file."""
    path = Path(source)
    if source in names("sweep"):
        path = FOLDER / "sweep" / f"{source}.yaml"
    elif source in names("scenario"):
        return {"name": source, "base": source}, Config("")
    elif path.suffix not in (".yaml", ".yml"):
        known = [*names("sweep"), *names("scenario")]
        raise InputError("sweep", source, "a YAML file, a packaged sweep or a scenario", nearest_name(source, known))
    file = read_config(path)
    tree = dict(file)
    if not tree:
        raise InputError(str(path), "an empty file", f"a sweep, with keys such as {', '.join(KEYS)}")
    if table := _text(tree, "table", ""):
        tree["table"] = str(path.parent / table)
    return {"name": path.stem, **tree}, file


def _name(tree: Mapping[str, Any]) -> str:
    """Check the sweep's name, which is also that of its folder."""
    name = _text(tree, "name", "sweep")
    if not re.fullmatch(rf"[^\W_][\w.-]{{0,{MAX_NAME - 1}}}", name):
        expected = f"letters, digits, - and _, the first a letter or digit, at most {MAX_NAME} characters"
        raise InputError("name", name, expected)
    return name


def _meta(tree: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels and descriptions that are given."""
    given = _mapping(tree, "meta")
    for key, value in given.items():
        if key not in META:
            raise InputError(f"meta.{key}", value, f"one of {', '.join(META)}", nearest_name(key, META))
        if value is not None and not isinstance(value, str):
            raise InputError(f"meta.{key}", value, "text")
    return {key: value for key, value in given.items() if value is not None}


def _mapping(tree: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the group under a key; empty where the key is not given."""
    given = tree.get(key)
    if not isinstance(given, Mapping | None):
        raise InputError(key, given, KEYS[key])
    return {str(name): value for name, value in (given or {}).items()}


def _texts(tree: Mapping[str, Any], key: str) -> list[str]:
    """Return the list of texts under a key; empty where the key is not given."""
    given = tree.get(key)
    if given is None:
        return []
    if not isinstance(given, list | tuple):
        raise InputError(key, given, KEYS[key])
    for item in given:
        if not isinstance(item, str):
            raise InputError(key, item, KEYS[key])
    return list(given)


def _overrides(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the overrides for every run, checked for their form."""
    found = _texts(tree, "overrides")
    for text in found:
        if "=" not in text:
            raise InputError("overrides", text, KEYS["overrides"])
        if text.startswith("scenario="):
            raise InputError("overrides", text, "no scenario, which the keys base and against name")
    return tuple(map(written_out, found))


def _outcomes(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the outcomes to keep, each once; all headline outcomes by default."""
    given = tree.get("outcomes")
    if given is None:
        return tuple(outcome.name for outcome in OUTCOMES.values() if outcome.headline)
    found = [given] if isinstance(given, str) else _texts(tree, "outcomes")
    for name in found:
        if name not in OUTCOMES:
            raise InputError("outcomes", name, "outcomes of `metavalue list outcomes`", nearest_name(name, OUTCOMES))
    if len(set(found)) < max(len(found), 1):
        raise InputError("outcomes", ", ".join(found) or "none", "one or more outcomes, each once")
    return tuple(found)


def _text(tree: Mapping[str, Any], key: str, default: str) -> str:
    """Return the text under a key, or a default."""
    value = tree.get(key)
    if value is None:
        return default
    if not isinstance(value, str):
        raise InputError(key, value, KEYS[key])
    return value


def _scenario(tree: Mapping[str, Any], key: str, default: str) -> str:
    """Return the scenario under a key, or a default."""
    name, known = _text(tree, key, default), names("scenario")
    if name and name not in known:
        raise InputError(key, name, "a scenario of `metavalue list scenarios`", nearest_name(name, known))
    return name


def _one_of(tree: Mapping[str, Any], key: str, known: Sequence[str], default: str) -> str:
    """Return the value under a key, or a default; it must be one of the known values."""
    value = default if tree.get(key) is None else tree[key]
    if value not in known:
        raise InputError(key, value, f"one of {', '.join(known)}", nearest_name(str(value), known))
    return str(value)


def _count(tree: Mapping[str, Any], key: str, default: int, least: int, most: int) -> int:
    """Return the whole number under a key, or a default; it must lie from `least` to `most`."""
    value = default if tree.get(key) is None else tree[key]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InputError(key, value, f"a whole number from {least} to {most:,}")
    return value


def _uses_samples(plan: Plan) -> bool:
    """Whether the number of samples has an effect in a design."""
    ranges = [factor for factor in plan.uncertainties if not factor.values]
    return bool(ranges if plan.design == "grid" else plan.uncertainties)


def _refuse_unused(tree: Mapping[str, Any], plan: Plan) -> None:
    """Refuse keys that the design would not use."""
    if plan.design == "csv":
        for key in ("levers", "uncertainties", "samples"):
            if tree.get(key):
                raise InputError(key, tree[key], f"no {key} beside design: csv, whose table has all points")
        if not tree.get("table"):
            raise InputError("table", "nothing", EXPECTED)
        return
    if tree.get("table") is not None:
        raise InputError("table", tree["table"], f"no table beside design: {plan.design}; design: csv takes one")
    if plan.design != "grid" and not tree.get("uncertainties"):
        raise InputError("design", plan.design, "uncertainties to draw, or design: grid")
    if plan.design == "sobol" and plan.samples & (plan.samples - 1):
        raise InputError("samples", plan.samples, "a power of two, for a Sobol design")
    if plan.design == "grid" and plan.samples > MAX_VALUES:
        raise InputError("samples", plan.samples, f"at most {MAX_VALUES:,} levels of a range, for a grid")


# Factors


def _paths(name: str) -> tuple[str, ...]:
    """List the parameters that a factor sets: the strengths of a policy's levers, or the parameter itself."""
    return tuple(f"policy.{lever}.strength" for lever in policies(name)) or (name,)


def _factors(tree: Mapping[str, Any]) -> tuple[Factor, ...]:
    """Make factors of the file's levers and uncertainties."""
    levers = [_lever(*pair) for pair in _pairs(tree, "levers")]
    return (*levers, *(_uncertainty(*pair) for pair in _pairs(tree, "uncertainties")))


def _lever(key: str, given: Any) -> Factor:
    """Make the factor of a policy, a parameter or a group of files, whose values are listed."""
    if not policies(key) and starred(key) not in registry() and key not in GROUPS:
        nearest = nearest_name(key, [*names("policy"), *registry()])
        raise InputError(f"levers.{key}", key, "a policy or parameter", nearest)
    return Factor(path=key, role="lever", paths=_paths(key), values=_listed("levers", key, given))


def _uncertainty(key: str, given: Any) -> Factor:
    """Make the factor of an uncertain parameter: its values are listed, or drawn from a range.

    Values are listed as the text `choice(1,2)`, as `{choice: [1, 2]}`, or, for a parameter without a range of its own,
    as a list. Otherwise a list is [low, high]; where nothing is given, the range is the registry's.
    """
    parameter = _registered(key)
    info, chosen = parameter.info, isinstance(given, Mapping) and list(given) == ["choice"]
    given = given["choice"] if chosen else given
    if chosen or isinstance(given, str) or (isinstance(given, list) and info.low is None):
        return Factor(path=key, role="uncertainty", paths=(key,), values=_listed("uncertainties", key, given))
    low, high = (info.low, info.high) if given is None else _range(key, given)
    if low is None or high is None:
        raise InputError(f"uncertainties.{key}", given, "its values, such as choice(a,b)")
    prior = "uniform" if info.prior == "loguniform" and low <= 0 else info.prior or "uniform"  # no log of 0
    return Factor(path=key, role="uncertainty", paths=(key,), low=float(low), high=float(high), prior=prior)


def _pairs(tree: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    """List factors with the values that are given for each."""
    if key == "uncertainties" and isinstance(tree.get(key), list):
        return [(name, None) for name in _texts(tree, key)]
    return list(_mapping(tree, key).items())


def _listed(key: str, name: str, given: Any) -> tuple[Any, ...]:
    """Read a factor's values from a list, a single value, or a text such as `range(0,1,0.5)`."""
    values = given
    if not isinstance(given, list):
        values = alternatives(f"{name}={given}")[1] if isinstance(given, str) else [given]
    if not 0 < len(values) <= MAX_VALUES:
        shown = given if len(values) == 0 else f"{len(values):,} values"
        raise InputError(f"{key}.{name}", shown, f"a list of values, such as [0, 1], at most {MAX_VALUES:,}")
    return tuple(values)


def _range(key: str, given: Any) -> tuple[float, float]:
    """Check the two ends of a range."""
    numbers = isinstance(given, list) and [x for x in given if isinstance(x, int | float) and not isinstance(x, bool)]
    if not numbers or len(given) != 2 or len(numbers) != 2 or given[0] >= given[1]:
        raise InputError(f"uncertainties.{key}", given, "[low, high], or its values, such as 'choice(1,2)'")
    return given[0], given[1]


def _registered(path: str) -> Parameter:
    """Return a parameter by its path; refuse a path that the registry does not have."""
    known = registry()
    if starred(path) not in known:
        nearest = nearest_name(path, known)
        raise InputError(f"uncertainties.{path}", path, "a parameter of `metavalue list parameters`", nearest)
    return known[starred(path)]


def _from_table(plan: Plan, source: Path) -> Plan:
    """Make a plan whose points are the rows of a user's CSV file; its columns are parameters or policies."""
    columns, lines = read_table(source)
    known = [*names("policy"), *registry()]
    for place, column in enumerate(columns):
        if not policies(column) and starred(column) not in registry():
            nearest = nearest_name(column, known)
            where = f"{source}, header, column {place + 1}"
            raise InputError(where, column or "nothing", "a parameter or a policy", nearest)
    factors = tuple(
        Factor(
            path=column,
            role="lever" if policies(column) or column.startswith("policy.") else "uncertainty",
            paths=_paths(column),
        )
        for column in columns
    )
    _refuse_shared(factors, f"{source}, header")
    plan = replace(plan, factors=factors)
    base, first, rows = plan.cases[plan.scenario].scenario, dict[tuple[Any, ...], int](), list[tuple[Any, ...]]()
    for line, texts in lines:
        row = tuple(
            _cell(f"{source}, line {line}, column {factor.path}", base, factor.paths[0], text)
            for factor, text in zip(factors, texts, strict=True)
        )
        if (before := first.setdefault(tuple(map(_simulated, row)), line)) != line:
            expected = "each point once; replications repeat points"
            raise InputError(f"{source}, line {line}", f"the point of line {before} again", expected)
        rows.append(row)
    listed = tuple(replace(f, values=tuple(dict.fromkeys(row[k] for row in rows))) for k, f in enumerate(factors))
    return replace(plan, factors=listed, rows=tuple(rows))


def _cell(place: str, base: Scenario, path: str, text: str) -> Any:
    """Read a cell's value as the registry holds it."""
    parameter = registry()[starred(path)]
    value = parsed(parameter.type, text)
    if text == "":
        raise InputError(place, "nothing", "a value")
    try:
        return checked(base, path, value)
    except InputError as error:
        raise InputError(place, text, error.expected, error.nearest) from None


# What would be run


def _checked(plan: Plan) -> Plan:
    """Check a plan: every value is one that the scenario takes, and every factor changes something."""
    _refuse_shared(plan.factors)
    for factor in plan.factors:
        if factor.path.startswith("input."):
            expected = f"no data file among factors: plan one sweep per file, each with {factor.path}=FILE in overrides"
            raise InputError(_place(factor), _shown(factor), expected)
        if factor.path in GROUPS:
            expected = f"a parameter or a policy; plan one sweep per {factor.path}"
            raise InputError(_place(factor), _shown(factor), expected)
    base = plan.cases[plan.scenario].scenario
    done = replace(plan, factors=tuple(_valid(plan, base, factor) for factor in plan.factors))
    _refuse_overridden(done)
    _refuse_alike(done)
    for count, most, what in ((count_points(done), MAX_POINTS, "points"), (count_runs(done), MAX_RUNS, "runs")):
        if count > most:
            shown = f"{count:,}" if count < 10**15 else f"some 10^{len(str(count)) - 1}"
            expected = f"at most {most:,} {what}; take fewer samples, levels or replications"
            raise InputError("samples", f"{shown} {what}", expected)
    return done


def _place(factor: Factor) -> str:
    """Name a factor as the sweep file does, for errors: `levers.labelling`."""
    return f"{'levers' if factor.role == 'lever' else 'uncertainties'}.{factor.path}"


def _shown(factor: Factor) -> str:
    """Write a factor's values for an error."""
    return ", ".join(map(str, factor.values)) or f"{factor.low:g} to {factor.high:g}"


def _valid(plan: Plan, base: Scenario, factor: Factor) -> Factor:
    """Check a factor's values, and return it with each as the registry holds it."""
    if factor.values:
        values = tuple(_accepted(base, factor, factor.paths[0], value) for value in factor.values)
        if len(set(map(_simulated, values))) < len(values):
            once = "each value once" + " (a date stands for its week)" * (factor.path == "time.release")
            raise InputError(_place(factor), _shown(factor), once)
        factor = replace(factor, values=values)
    else:
        for bound in (factor.low, factor.high):
            _accepted(base, factor, factor.path, bound)
    if plan.against and factor.shared:
        _accepted(plan.cases[plan.against].scenario, factor, factor.path, value_at(base, factor, 0.5))
    return factor


def _accepted(scenario: Scenario, factor: Factor, path: str, value: Any) -> Any:
    """Return a factor's value as the registry holds it; an error names the factor as the sweep file does."""
    try:
        return checked(scenario, path, value)
    except InputError as error:
        raise InputError(_place(factor), error.value, error.expected, error.nearest) from None


def _simulated(value: Any) -> Any:
    """Return what a run can distinguish of a value: a date's Monday, and a number's first nine digits."""
    if isinstance(value, str):
        try:
            date = datetime.date.fromisoformat(value)
        except ValueError:
            return value
        return date - datetime.timedelta(days=date.weekday())
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _refuse_shared(factors: Sequence[Factor], place: str = "") -> None:
    """Refuse two factors that set the same parameter."""
    setter: dict[str, str] = {}
    for factor in factors:
        for path in factor.paths:
            if path in setter:
                what = path if factor.path != setter[path] else "it"
                expected = f"each once, but {setter[path]} sets {what} too"
                raise InputError(place or _place(factor), factor.path, expected)
            setter[path] = factor.path


def _refuse_overridden(plan: Plan) -> None:
    """Refuse overrides of what a factor varies, and factors over what the user's data fix."""
    case = plan.cases[plan.scenario]
    for factor in plan.factors:
        for path in factor.paths:
            if path in case.scenario.given:
                expected = f"nothing that the factor {factor.path} sets in every run; leave out one of them"
                raise InputError("overrides", path, expected)
            if path == "world.consumers" and case.inputs:
                raise InputError(_place(factor), _shown(factor), "no factor beside data, whose people are counted")


def _refuse_alike(plan: Plan) -> None:
    """Refuse a counterfactual with the same settings as the base in every run, whatever their names."""
    if not plan.against:
        return
    arms = [dict(leaves(plan.cases[arm].scenario.tree)) for arm in plan.arms]
    for factor in plan.factors:
        for path in factor.paths:
            if factor.shared:
                arms = [{**arm, path: None} for arm in arms]
                continue
            other = arms[1].get(path, 0.0 if _is_strength(path) else None)  # a policy that an arm lacks has no strength
            if any(value != other for value in factor.values or [None]):
                return
            arms[0][path] = other
    if _acting(arms[0]) == _acting(arms[1]):
        expected = f"a scenario whose settings differ from those of {plan.base} in some run"
        raise InputError("against", plan.against, expected)


def _is_strength(path: str) -> bool:
    """Whether a path is that of a policy's strength."""
    return path.startswith("policy.") and path.endswith(".strength")


def _acting(arm: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an arm without those of policies of strength 0."""
    idle = tuple(path.removesuffix("strength") for path, value in arm.items() if _is_strength(path) and value == 0)
    return {path: value for path, value in arm.items() if not path.startswith(idle)}
