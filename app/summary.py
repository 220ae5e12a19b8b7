"""What a finished run answers: as the JSON of the contract, and as a table for the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison


def summary_of(comparison: Comparison, out: Path) -> dict[str, Any]:
    """Collect what a run answers, as the contract names it."""
    from analysis.statistics import summarise

    manifest = comparison.manifest
    return {
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
        "outcomes": summarise(comparison),
    }


def print_summary(summary: dict[str, Any]) -> None:
    """Print the headline outcomes as a table."""
    from rich.console import Console
    from rich.table import Table

    from sim.outcomes import OUTCOMES
    from sim.results import LAST_WEEKS

    console, against = Console(), summary["against"]
    note = "pp: percentage points. ?: the band holds 0, so there is no clear effect" if against else None
    title = f"Mean of the last {min(LAST_WEEKS, summary['weeks'])} weeks"
    table = Table(title=title, caption=note, title_justify="left", caption_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("Outcome", overflow="fold", min_width=14)
    for heading in (summary["scenario"], *([against, "change", "95 % band", ""] if against else ())):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, outcome in OUTCOMES.items():
        row = summary["outcomes"].get(name)
        if outcome.headline and row is not None and row["mean"] is not None:
            unit = "" if outcome.unit in ("share", "1") else f", {outcome.unit}"
            table.add_row(outcome.prediction, outcome.label + unit, *_cells(row, bool(against)))
    console.print(table)
    console.print(f"\nReport: {summary['report']}", highlight=False, soft_wrap=True)


def _cells(row: dict[str, Any], paired: bool) -> list[str]:
    """Write one outcome's numbers; shares in per cent, their change in percentage points."""
    share = row["unit"] == "share"

    def shown(value: float | None, sign: str = "") -> str:
        if value is None:
            return "–"
        if share:
            return f"{100 * value:{sign}z.1f}"  # z: no minus before zero
        digits = ",.0f" if abs(value) >= 1000 else ".2g" if abs(value) < 0.1 else ".3g"
        return f"{value:{sign}{digits}}"

    unit, points = (" %", " pp") if share else ("", "")
    cells = [shown(row["mean"]) + unit]
    if not paired:
        return cells
    cells.append(shown(row["against"]) + unit if row["against"] is not None else "–")
    cells.append(shown(row["difference"], "+") + (points if row["difference"] is not None else ""))
    if row["difference_low"] is None:
        return [*cells, "", ""]
    band = f"{shown(row['difference_low'], '+')} … {shown(row['difference_high'], '+')}"
    return [*cells, band, row["effect"] if row["effect"] in ("up", "down") else "?"]
