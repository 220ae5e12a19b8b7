"""The report's sections on where its numbers come from: parameters, and how to repeat and cite."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from analysis.page import CHINESE, ENGLISH, arm_name, both, same, say, section, table
from analysis.telling import replications
from analysis.text import Words
from sim.settings import Parameter, registry

if TYPE_CHECKING:
    from analysis.material import Report

FIELDS = (
    "scenario_hash",
    "source_hash",
    "commit",
    "model_version",
    "run_id",
    "seed",
    "python",
    "packages",
    "machine",
    "started",
    "wall_s",
    "threads",
)


def show(value: object, words: Words) -> str:
    """Write a parameter's value for a reader: yes or no, thousands separated, a word where it is empty."""
    if isinstance(value, bool):
        return words("parameters.yes" if value else "parameters.no")
    if value in ("", None):
        return words("parameters.empty")
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def _used(parameter: Parameter, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Find the values of a parameter in a run: by platform or policy where its path has a `*`, otherwise by ""."""
    if "*" not in parameter.path:
        return {"": settings[parameter.path]} if parameter.path in settings else {}
    start, end = parameter.path.split("*")
    return {
        path[len(start) : -len(end)]: value
        for path, value in settings.items()
        if path.startswith(start) and path.endswith(end)
    }


def _shown(used: Mapping[str, Any], words: Words) -> str:
    """Write a parameter's values: one where all platforms or policies have the same, otherwise each with its name."""
    values = {name: show(value, words) for name, value in used.items()}
    if len(set(values.values())) == 1:
        return next(iter(values.values()))
    return " · ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())


def _source(source: str, words: Words) -> str:
    """Write a parameter's source; the two fixed words for what has none are translated."""
    if words.language == "zh":
        for english, chinese in (("structural choice", "结构选择"), ("assumption", "假设")):
            source = source.replace(english, chinese)
    return source


def _parameter_row(parameter: Parameter, settings: Mapping[str, Any]) -> str:
    """Write the table's row on one parameter, marked where the run's value is not the default."""
    used = _used(parameter, settings)
    changed = any(value != parameter.default for value in used.values())
    label = (
        f"{both(lambda w: w.parameter(parameter))}<br><code>{escape(parameter.path)}</code>"
        f'<span class="definition" lang="en">{escape(parameter.info.description)}</span>'
    )
    cells = (
        ("default", both(lambda w: show(parameter.default, w))),
        ("value", both(lambda w: _shown(used, w)) if used else ""),
        ("unit", both(lambda w: w.unit(parameter.info.unit))),
        ("source", both(lambda w: _source(parameter.info.source, w))),
    )
    columns = "".join(
        "<td "
        + " ".join(f'data-{words.language}="{escape(words(f"parameters.{key}"))}"' for words in (ENGLISH, CHINESE))
        + f">{text}</td>"
        for key, text in cells
    )
    return f"<tr{' class=changed' if changed else ''}><td>{label}</td>{columns}</tr>"


def parameters(report: Report) -> str:
    """Write the section on parameters: what was set, what differs between arms, and all of them with their sources."""
    settings = report.settings(report.comparison.scenario)
    groups: dict[str, list[str]] = {}
    for parameter in registry().values():
        if "*" not in parameter.path or _used(parameter, settings) or not settings:
            groups.setdefault(parameter.path.split(".")[0], []).append(_parameter_row(parameter, settings))
    head = [(say(f"parameters.{key}"), "") for key in ("parameter", "default", "value", "unit", "source")]
    folds = "".join(
        f'<details class="parameters"><summary>{say(f"parameters.groups.{group}")}'
        f'<span class="count">{len(rows)}</span>'
        f"</summary>{table(head, rows, 'parameters')}</details>"
        for group, rows in groups.items()
    )
    overrides = report.manifest.get("overrides") or []
    typed = (
        say("parameters.overridden", "p") + same("\n".join(overrides), "pre")
        if overrides
        else say("parameters.none_overridden", "p")
    )
    search = (
        f'<label class="search">{say("parameters.search")}<input type="search" id="search" autocomplete="off"></label>'
    )
    missing = say("parameters.values_missing", "p", "note") if not settings else ""
    return section("parameters", say("parameters.intro", "p"), typed, _arms_differ(report), missing, search, folds)


def _arms_differ(report: Report) -> str:
    """Write the table of parameters in which the two arms differ; nothing for a single arm."""
    if not report.against:
        return ""
    one, other = report.settings(report.comparison.scenario), report.settings(report.against)
    paths = [path for path in {**one, **other} if one.get(path) != other.get(path)]
    if not paths:
        return ""
    rows = [
        f"<tr><td><code>{escape(path)}</code></td><td>{both(partial(show, one.get(path)))}</td>"
        f"<td>{both(partial(show, other.get(path)))}</td></tr>"
        for path in paths
    ]
    names = [arm_name(arm) for arm in report.arms]
    return say("parameters.arms_differ", "p") + table(
        [(say("parameters.parameter"), ""), *((n, "") for n in names)], rows
    )


def command(report: Report) -> str:
    """Return the command line that repeats this run from its manifest, followed by the one that was typed, if any."""
    typed = report.manifest.get("command")
    again = "metavalue run --from manifest.json --out ../again"
    return f"{again}\n\n# {shlex.join(map(str, typed))}" if typed else again


def cite(report: Report) -> str:
    """Write the section on how to repeat and how to cite the run."""
    manifest = report.manifest

    def citation(w: Words) -> str:
        against = w("cite.citation_against", against=report.against) if report.against else ""
        return w(
            "cite.citation",
            version=manifest.get("model_version", ""),
            scenario=report.comparison.scenario,
            against=against,
            seed=manifest.get("seed", 0),
            n=replications(report, w),
            run=manifest.get("run_id", ""),
            hash=str(manifest.get("scenario_hash", ""))[:16],
        )

    def content(value: Any) -> str:
        if isinstance(value, Mapping):
            return ", ".join(f"{key} {entry}" for key, entry in value.items())
        return f"{value:.1f}" if isinstance(value, float) else str(value)

    rows = [
        f"<tr><td>{say(f'cite.{key}')}</td><td><code>{escape(content(manifest[key]))}</code></td></tr>"
        for key in FIELDS
        if manifest.get(key) not in (None, "")
    ]
    head = [(say("cite.field"), ""), (say("cite.content"), "")]
    return section(
        "cite",
        say("cite.how", "p"),
        same(command(report), "pre"),
        say("cite.cite_as", "p"),
        both(citation, "p", "callout"),
        table(head, rows),
    )
