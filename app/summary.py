"""What a finished run answers: as the JSON of the contract, and as a table for the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison

FORMAT = 2  # of the JSON; it rises when a key changes its meaning


def summary_of(comparison: Comparison, out: Path) -> dict[str, Any]:
    """Collect the results that `--json` prints (outputs/README.md describes them)."""
    from analysis.statistics import averaged, summarise
    from analysis.text import Words

    manifest = comparison.manifest
    return {
        "format": FORMAT,
        "schema_version": manifest["schema_version"],
        "name": out.name,
        "scenario": comparison.scenario,
        "against": comparison.against,
        "seed": manifest["seed"],
        "replications": manifest["replications"],
        "out": str(out),
        "report": str(out / "report.html"),
        "run_ids": [run_id for arm in manifest["arms"].values() for run_id in arm["run_ids"]],
        "wall_s": manifest["wall_s"],
        "weeks": manifest["weeks"],
        "averaged": averaged(comparison.arms[comparison.scenario][0], Words("en")),
        "warnings": [warning["text"] for warning in manifest.get("warnings", ())],
        "outcomes": summarise(comparison),
    } | {key: manifest[key] for key in ("precision",) if key in manifest}


def print_summary(summary: dict[str, Any]) -> None:
    """Print the headline outcomes as a table: with intervals from five replications on, otherwise every replication."""
    from rich.console import Console
    from rich.table import Table

    from analysis.intervals import MIN_REPLICATIONS
    from analysis.telling import counted
    from analysis.text import Words
    from sim.base.outcomes import OUTCOMES

    few = summary["replications"] < MIN_REPLICATIONS
    against = summary["against"]
    title = f"Mean of {summary['averaged']}" + (", by replication" if few and summary["replications"] > 1 else "")
    table = Table(
        title=title,
        caption=_caption(summary, few),
        title_justify="left",
        caption_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("")
    table.add_column("Outcome", overflow="fold", min_width=14)
    arm = summary["scenario"] if few or against else "typical"
    for heading in (arm, *_headings(against, few)):
        table.add_column(
            heading.replace("+", "\n+"), justify="right", no_wrap=not few and "band" not in heading, overflow="fold"
        )
    for name, outcome in OUTCOMES.items():
        row = summary["outcomes"].get(name)
        if outcome.headline and row is not None and row["mean"] is not None:
            unit = "" if outcome.unit in ("share", "1") else f", {outcome.unit}"
            cells = (_each if few else _banded)(row, bool(against), outcome.twin)
            nulls = f" ({told})" if (told := counted(row, Words("en"))) else ""
            table.add_row(outcome.prediction, outcome.label + unit + nulls, *cells)
    console = Console()
    console.print(table)
    console.print(f"\nReport: {summary['report']}", highlight=False, soft_wrap=True)


def _headings(against: str | None, few: bool) -> tuple[str, ...]:
    """Return the headings of the columns after the first arm's."""
    if few:
        return ("change, pair by pair", "in words") if against else ()
    return (against, "change", "95 % band", "") if against else ("95 % band",)


def _caption(summary: dict[str, Any], few: bool) -> str:
    """Explain the table's signs, and say what takes more replications."""
    n = summary["replications"]
    if few:
        notes = "pp: percentage points. net: of the paired arm. " if summary["against"] else ""
        return f"{notes}Bands and effects take five replications or more; this run has {n}."
    if not summary["against"]:
        return "A typical replication, and its 95 % band."
    return (
        "pp: percentage points. net: of the paired arm. ?: no clear effect, since the band holds 0 or an exact test of "
        "the pairs' signs finds nothing beyond chance. AI's own: a typical replication and its band; not judged: the "
        "world without AI has none of this."
    )


def _number(row: dict[str, Any], value: float | None, sign: str = "") -> str:
    """Write a number for the terminal; shares in percent, without the sign %."""
    if value is None:
        return "–"
    if row["unit"] == "share":
        value = 100 * value
        return f"{value:{sign}z.{'1f' if abs(value) >= 0.05 or value == 0 else '1g'}}"  # z: no minus before zero
    digits = ",.0f" if abs(value) >= 1000 else ".2g" if abs(value) < 0.1 else ".3g"
    return f"{value:{sign}{digits}}"


def _end(row: dict[str, Any], change: bool) -> str:
    """Return what follows a number: "pp" after a change of a share, "%" after a share."""
    return "" if row["unit"] != "share" else "\u00a0pp" if change else "\u00a0%"


def _value(row: dict[str, Any], value: float | None, sign: str = "") -> str:
    """Write a number with its unit; with `sign`, as a change."""
    return _number(row, value, sign) + (_end(row, bool(sign)) if value is not None else "")


def _listed(row: dict[str, Any], key: str, sign: str = "") -> str:
    """List a row's values one by one."""
    told = [_number(row, value, sign) for value in row[key]]
    return ", ".join(told) + _end(row, bool(sign)) if told else "–"


def _each(row: dict[str, Any], paired: bool, twin: bool) -> list[str]:
    """Make the cells of an outcome with few replications: each level, each pair's change, and the changes in words."""
    from analysis.telling import agreement
    from analysis.text import Words

    if not paired:
        return [_listed(row, "values")]
    words = agreement(row["differences"], Words("en")) if row["differences"] else "AI's own"
    return ["net" if twin else _listed(row, "values"), _listed(row, "differences", "+"), words]


def _level_band(row: dict[str, Any]) -> str:
    """Write the interval of a typical replication.

    Where some lie at exactly 0 or 1, say how many, and write the interval of the others.
    """
    from analysis.telling import conditional, extremes
    from analysis.text import Words

    words = Words("en")
    rest = extremes(row, words)
    if row["low"] is None:
        parts = [rest] if _all_alike(row) else [_listed(row, "values"), rest]
        return "; ".join(part for part in parts if part)
    band = _band(row, row["low"], row["high"], row["n"] - row["zeros"] - row["ones"])
    if row["conditional"]:
        return conditional(row, f"{_value(row, row['typical'])} ({band})", words)
    return band


def _band(row: dict[str, Any], low: float, high: float, n: int, sign: str = "") -> str:
    """Write an interval, or say that all n values are the same."""
    from analysis.text import Words

    if low == high:
        return Words("en")("alike", n=n)
    return f"{_number(row, low, sign)} … {_number(row, high, sign)}"


def _all_alike(row: dict[str, Any]) -> bool:
    """Whether five replications or more all lie at exactly 0, or all at 1."""
    from analysis.intervals import MIN_REPLICATIONS

    return bool(max(row["zeros"], row["ones"]) == row["n"] >= MIN_REPLICATIONS)


def _banded(row: dict[str, Any], paired: bool, twin: bool) -> list[str]:
    """Make the cells of an outcome with at least five replications.

    With one arm they are its typical level and the interval of that. With two they are both arms' mean levels, the mean
    difference, its interval, and whether that is up, down or unclear ("?"). If the other arm, which has no AI, cannot
    have the outcome, the first arm's level and interval stand alone.

    Parameters
    ----------
    twin : whether the outcome means something only net of the paired arm without AI; then "net" replaces the levels.
    """
    # none where some replications lie at exactly 0 or 1: the interval's cell then has the typical level of the others
    typical = row["mean"] if _all_alike(row) else None if row["conditional"] else row["typical"]
    level = _value(row, typical)
    if not paired:
        return [level, _level_band(row)]
    if "without_ai" in row["reasons"]:
        return [level, "–", "–", _level_band(row), "AI's own"]
    cells = ["net", "–"] if twin else [_value(row, row["mean"]), _value(row, row["against"])]
    cells.append(_value(row, row["difference"], "+"))
    if row["difference_low"] is None:
        return [*cells, "", ""]
    band = _band(row, row["difference_low"], row["difference_high"], row["n"], "+")
    return [*cells, band, row["effect"] if row["effect"] in ("up", "down") else "?"]
