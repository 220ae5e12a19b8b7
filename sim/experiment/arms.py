"""Arms of a comparison: composed and prepared, told apart by what they set, and named by what the first one adds."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.base.errors import ArgumentError
from sim.settings.added_levers import read_added_levers, with_levers
from sim.settings.overrides import MANY
from sim.settings.scenario import Scenario, Tree, compose, leaves, members
from sim.simulation.cases import Case, prepare

LONGEST = 80  # characters of an arm's name, which is that of a folder and heads a column


def compose_arms(
    a: str | Scenario,
    b: str | Scenario | None,
    overrides: Iterable[str] = (),
    config: str | Path | None = None,
    followers: Any = None,
    population: Any = None,
    levers: str | Iterable[str] = (),
) -> list[Case]:
    """Compose and prepare one or two arms under the same changes and data.

    Parameters
    ----------
    levers : put into the first arm only (`sim.settings.added_levers.with_levers`).

    Raises
    ------
    InputError : what is wrong; also when both arms come out the same.
    """
    overrides = tuple(overrides)
    first, *others = (
        arm if isinstance(arm, Scenario) else compose(arm, overrides, config) for arm in (a, b) if arm is not None
    )
    cases = [prepare(with_levers(first, levers), followers, population)]
    for other in others:
        cases.append(prepare(other, *_shared(cases[0], other, followers, population)))
    if others and _identity(cases[0]) == _identity(cases[1]):
        expected = (
            f"a scenario whose settings differ from those of {first.name} "
            "(both arms have the same settings; levers='NAME' puts a lever into the first arm only)"
        )
        raise ArgumentError("b", others[0].name, expected)
    if others and first.name == others[0].name:
        cases[0] = replace(cases[0], arm=_name(*cases))
    return cases


def _shared(read: Case, other: Scenario, followers: Any, population: Any) -> tuple[Any, Any]:
    """Return the followers and population that the first arm has read, if the second arm uses the same; else None."""
    one, two = read.scenario.settings.input, other.settings.input
    return (
        read.followers if followers is not None or one.followers == two.followers else None,
        read.population if population is not None or one.population == two.population else None,
    )


def _identity(case: Case) -> str:
    """Hash what an arm simulates: its settings, in whatever order levers were given, and the content of its data."""
    tree = _plain(case)
    tree["policy"] = dict(sorted(tree["policy"].items()))
    data = {key: found["sha256"] for key, found in case.inputs.items()}
    return hashlib.sha256(json.dumps([tree, data]).encode()).hexdigest()


def _plain(case: Case) -> Tree:
    """Return an arm's settings without the paths of its data files."""
    return {group: values for group, values in case.scenario.tree.items() if group != "input"}


def _name(first: Case, second: Case) -> str:
    """Name the first of two arms of one scenario by what it has and the second has not.

    Where that is too long for a name, only the overrides are used; where these are too long, a hash.

    Too much of it for a name is shortened to the overrides, or else to a hash.
    """
    scenario = first.scenario
    overrides = [f"+{text}" for text in scenario.overrides if text not in second.scenario.overrides]
    for pieces in (list(_additions(first, second)), overrides):
        name = re.sub(r"[^\w.+=-]", "_", scenario.name + "".join(pieces), flags=re.ASCII).rstrip(".")
        if pieces and len(name) <= LONGEST:
            return name
    return f"{scenario.name}+settings-{_identity(first)[:8]}"


def _additions(first: Case, second: Case) -> Iterator[str]:
    """List how the first arm differs from the second: `+labelling`, `-forum`, `+farms.human_minutes=5`.

    A minus marks what the first arm lacks.
    """
    one, two = _plain(first), _plain(second)
    for group in MANY:
        mine, theirs = one.pop(group), two.pop(group)
        added = [name for name in mine if name not in theirs]
        yield from (f"+{name}" for name in (_packed(first, added) if group == "policy" else added))
        yield from (f"-{name}" for name in sorted(theirs) if name not in mine)
        both = [name for name in mine if name in theirs]
        yield from _changes({name: mine[name] for name in both}, {name: theirs[name] for name in both})
    yield from _changes(one, two)
    for key, found in first.inputs.items():
        if found["sha256"] != second.inputs.get(key, {}).get("sha256"):
            yield f"+{key}={Path(found['source']).name}"
    yield from (f"-{key}" for key in second.inputs if key not in first.inputs)


def _packed(case: Case, added: list[str]) -> list[str]:
    """Sort the levers that were added by name; levers that were added as a package are listed by the package's name."""
    for text in case.scenario.levers:
        package = read_added_levers(text)[0].name
        if set(members("policy", package)) <= set(added):
            added = [package, *(name for name in added if name not in members("policy", package))]
    return sorted(added)


def _changes(mine: Tree, theirs: Tree) -> Iterator[str]:
    """List the settings that differ, with the first arm's values."""
    others = dict(leaves(theirs))
    for path, value in leaves(mine):
        if value != others[path]:
            shown = value if isinstance(value, str) else json.dumps(value).removesuffix(".0")
            yield f"+{path}={shown}"
