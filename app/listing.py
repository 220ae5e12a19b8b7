"""The commands `list` and `describe`: what there is to choose from, set and read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from sim.base.errors import InputError, nearest_name

WIDE = 1000  # columns of a list that goes to a file or another program, so that no line is broken
GROUPS = {"scenarios": "scenario", "worlds": "world", "technologies": "technology", "platforms": "platforms",
          "policies": "policy", "sweeps": "sweep"}  # fmt: skip
KINDS = (*GROUPS, "parameters", "outcomes")
SINGULAR = {"platform": "platforms", "parameter": "parameters", "outcome": "outcomes"}
SINGULAR |= {group: kind for kind, group in GROUPS.items()}


def list_(
    kind: Annotated[str, typer.Argument(metavar="|".join(KINDS), help="What to list.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List scenarios, worlds, technologies, platforms, policies, sweeps, parameters or outcomes."""
    kind = SINGULAR.get(kind, kind)
    if kind not in KINDS:
        raise InputError("list", kind, f"one of {', '.join(KINDS)}", nearest_name(kind, KINDS))
    rows = _rows(kind)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, allow_nan=False))
        return
    _print_table(kind, rows)


def _rows(kind: str) -> list[dict[str, Any]]:
    """List the entries of a kind, with their metadata."""
    from sim.settings import scenario

    sources: dict[str, Callable[[], list[Any]]] = {"parameters": scenario.parameters, "outcomes": scenario.outcomes}
    return sources[kind]() if kind in sources else scenario.catalogue(GROUPS[kind])


def _print_table(kind: str, rows: list[dict[str, Any]]) -> None:
    """Print entries of one kind, one per line."""
    from rich.console import Console
    from rich.table import Table

    heads = {"parameters": ("path", "default", "unit"), "outcomes": ("name", "unit", "prediction")}
    columns = (*heads.get(kind, ("name",)), "label", "label_zh", *(() if kind in heads else ("description",)))
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == columns[0])  # a name is copied whole
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table, highlight=False)


def describe(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Anything that `metavalue list` shows, or a group of parameters.")
    ],
) -> None:
    """Explain a scenario, world, technology, platform, policy, sweep, outcome or parameter; list a group of parameters.

    A label, English or Chinese, or a part of one, will do too.
    """
    from sim.settings import starred

    listed = {kind: {str(row.get("path", row.get("name"))): row for row in _rows(kind)} for kind in KINDS}
    wanted = starred(name).casefold()
    found = [(kind, key) for kind, rows in listed.items() for key in rows if key.casefold() == wanted]
    group = [row for path, row in listed["parameters"].items() if path.startswith(f"{name}.")]
    if group and not found:
        _print_table("parameters", group)
        return
    found = found or _labelled(name, listed)
    for kind, key in found:
        _print_entry(kind, key, listed[kind][key])
        if kind == "parameters":
            _print_presets(name if starred(name) == key else key)
    if not found:
        known = [key for rows in listed.values() for key in rows]
        raise InputError("describe", name, "a name that `metavalue list` shows", nearest_name(name, known))


def _print_presets(path: str) -> None:
    """Print which packaged files set a parameter to what; its path may be that of one platform or, with *, of all."""
    from sim.settings import starred
    from sim.settings.scenario import names, settings_of

    for group in dict.fromkeys(GROUPS.values()):
        for name in names(group):
            for place, value in settings_of(group, name):
                if path in (place, starred(place)):
                    print(f"  {value} in {group}={name}")


def _labelled(text: str, listed: dict[str, dict[str, dict[str, Any]]]) -> list[tuple[str, str]]:
    """Find the one entry that has a text as its label or, if there is none, inside its label."""
    wanted = text.casefold().strip()
    labels = [
        (kind, key, label.casefold())
        for kind, rows in listed.items()
        for key, row in rows.items()
        for label in (row["label"], row["label_zh"])
    ]
    for near in (lambda label: label == wanted, lambda label: bool(wanted) and wanted in label):
        found = list(dict.fromkeys((kind, key) for kind, key, label in labels if near(label)))
        if len(found) == 1:
            return found
        if found:
            keys = ", ".join(dict.fromkeys(key for _, key in found))
            raise InputError("describe", text, f"one name; labels like this have {keys}")
    return []


def _print_entry(kind: str, name: str, texts: dict[str, Any]) -> None:
    """Print an entry's metadata, what its file sets, and what a lever does at full strength."""
    from sim.settings import registry
    from sim.settings.levers import LEVERS
    from sim.settings.scenario import settings_of

    print(kind)
    for key, text in texts.items():
        if text not in ("", None, []):
            print(f"  {key}: {', '.join(text) if isinstance(text, list) else text}")
    for path, value in settings_of(GROUPS[kind], name) if kind in GROUPS else ():
        print(f"  {path} = {value}")
    if kind == "policies" and name in LEVERS:
        for path in LEVERS[name].full:
            print(f"  at full strength: {path} = {registry()[path].default}")
