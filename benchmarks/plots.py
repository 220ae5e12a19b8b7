"""Plots of a benchmark's results: how cost grows, and where a week's time goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SHOWN = 8  # processes with a bar of their own
INK, LIGHT = "#1f3b57", "#c9d6e2"


def plot_scaling(results: dict[str, Any], path: Path) -> None:
    """Draw seconds over size, one panel a dimension, on log scales, with the fitted exponents."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    parts = results["scaling"]
    figure, panels = plt.subplots(1, len(parts), figsize=(3.2 * len(parts), 3.2), layout="constrained")
    for panel, (name, part) in zip(panels, parts.items(), strict=True):
        panel.loglog(part["size"], part["seconds"], "o-", color=INK)
        panel.set_title(f"{name}: exponent {part['exponent']:.2f}", fontsize=10)
        panel.set_xlabel(name)
        panel.set_xticks(part["size"], [f"{size:,.0f}" for size in part["size"]], fontsize=8)
        panel.minorticks_off()
        panel.grid(which="both", color=LIGHT, linewidth=0.5)
    panels[0].set_ylabel("seconds")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def plot_processes(results: dict[str, Any], path: Path) -> None:
    """Draw each process's share of a week's time, in the standard world and in a large one."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    worlds = [results["whole"], results["large"]]
    figure, panels = plt.subplots(1, len(worlds), figsize=(11, 3.6), layout="constrained")
    for panel, part in zip(panels, worlds, strict=True):
        spent = list(part["process_ms"].items())
        rest = sum(ms for _, ms in spent[SHOWN:])
        bars = [*spent[:SHOWN], ("all others", rest)][::-1]
        total = sum(ms for _, ms in spent)
        panel.barh([name for name, _ in bars], [100 * ms / total for _, ms in bars], color=INK)
        people = part.get("consumers", results["day"]["sessions"])
        panel.set_title(f"{part['world']}, {people:,} consumers: {total:.0f} ms a week", fontsize=10)
        panel.set_xlabel("% of a week's time")
        panel.grid(axis="x", color=LIGHT, linewidth=0.5)
        panel.set_axisbelow(True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
