"""Small pictures of a sweep's figures: what plotly draws there, drawn again by matplotlib into a PNG file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis.theme import COLOURS

DOTS_PER_INCH = 100
MARKERS = {"circle": "o", "diamond": "D", "square": "s", "x": "x"}
DASHES = {"solid": "-", "dash": "--", "dot": ":"}
FAMILIES = ("Helvetica Neue", "Arial", "Liberation Sans", "Noto Sans CJK SC", "DejaVu Sans")


def write_png(figure: go.Figure, path: str | os.PathLike[str], width: int = 720) -> Path:
    """Draw a figure of `analysis.sweep_figures` (lines, bands, marks with error bars) into a PNG file.

    Parameters
    ----------
    width : pixels; the height is the figure's own.

    Raises
    ------
    ValueError : the figure holds something else than scatter traces.
    """
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    layout = figure.layout
    size = (width / DOTS_PER_INCH, (layout.height or 300) / DOTS_PER_INCH)
    picture = Figure(figsize=size, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(picture)
    axes = picture.add_subplot()
    known = set(font_manager.get_font_names())
    family = next((name for name in FAMILIES if name in known), "sans-serif")
    rows = {label: place for place, label in enumerate(layout.yaxis.categoryarray or ())}
    below: Any = None
    for trace in figure.data:
        if trace.type != "scatter":
            raise ValueError(f"a {trace.type} trace cannot be drawn as PNG")
        x, y = _along(trace), np.array([rows.get(v, v) for v in trace.y], float)
        if trace.fill == "tonexty":
            axes.fill_between(x, below, y, color=_colour(trace.fillcolor), linewidth=0)
        below = y
        _draw(axes, trace, x, y)
    if rows:
        axes.set_yticks(list(rows.values()), [label.replace("<br>", "\n") for label in rows])
        axes.set_ylim(-0.7, len(rows) - 0.3)
    _set_scale(axes, layout)
    _set_style(axes, layout, family, "x" if rows else "both")
    if layout.showlegend is not False and axes.get_legend_handles_labels()[1]:
        picture.legend(loc="outside upper left", ncols=2, frameon=False, prop={"family": family, "size": 8})
    target = Path(path)
    picture.savefig(target, metadata={"Software": None})
    return target


def _set_scale(axes: Any, layout: Any) -> None:
    """Give the x axis the scale of the figure's (dates, logarithms or plain numbers) and its tick marks."""
    import matplotlib.dates

    dates: Any = matplotlib.dates  # its classes have no types
    if layout.xaxis.type == "date":
        axes.xaxis.set_major_locator(dates.AutoDateLocator(maxticks=layout.xaxis.nticks))
        axes.xaxis.set_major_formatter(dates.DateFormatter(layout.xaxis.tickformat))
    elif layout.xaxis.type == "log":
        axes.set_xscale("log")
    if layout.xaxis.tickvals is not None:
        texts = layout.xaxis.ticktext or [f"{value:g}" for value in layout.xaxis.tickvals]
        axes.set_xticks(list(layout.xaxis.tickvals), list(texts))
        axes.minorticks_off()


def _set_style(axes: Any, layout: Any, family: str, grid: str) -> None:
    """Write titles and labels in the page's font and shares in percent, and draw the grid."""
    from matplotlib.ticker import PercentFormatter

    axes.set_xlabel(layout.xaxis.title.text or "", family=family)
    axes.set_ylabel(layout.yaxis.title.text or "", family=family)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set(family=family, fontsize=8, color=COLOURS["ink"])
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for axis, given in ((axes.xaxis, layout.xaxis), (axes.yaxis, layout.yaxis)):
        if (given.tickformat or "").endswith("p"):
            axis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    axes.grid(axis=grid, color=COLOURS["line"], linewidth=0.6)
    axes.set_axisbelow(True)


def _along(trace: Any) -> np.ndarray:
    """Return a trace's x as numbers or dates; dates may be given by start and step."""
    if trace.x is None:
        step = np.timedelta64(int(trace.dx), "ms")
        return np.datetime64(trace.x0, "ms") + step * np.arange(len(trace.y))
    values = list(trace.x)
    return np.array(values, "datetime64[ms]" if values and isinstance(values[0], str) else float)


def _draw(axes: Any, trace: Any, x: np.ndarray, y: np.ndarray) -> None:
    """Add a trace's line, markers, error bars and texts."""
    label = trace.name if trace.showlegend is not False and trace.name else None
    colour = _colour(trace.line.color or trace.marker.color or COLOURS["ink"])
    lines, marks = "lines" in (trace.mode or ""), "markers" in (trace.mode or "")
    if lines and trace.line.width == 0:
        return
    errors = {}
    for key, bars in (("xerr", trace.error_x), ("yerr", trace.error_y)):
        if bars.array is not None:
            errors[key] = np.clip(np.array([bars.arrayminus, bars.array], float), 0, None)
    axes.errorbar(
        x,
        y,
        label=label,
        color=colour,
        linestyle=DASHES[trace.line.dash or "solid"] if lines else "none",
        linewidth=trace.line.width or 1.5,
        marker=MARKERS[trace.marker.symbol or "circle"] if marks else "none",
        markersize=0.7 * (trace.marker.size or 7),
        capsize=2,
        elinewidth=1.2,
        **errors,
    )
    for at_x, at_y, text in zip(x, y, trace.text or (), strict=False):
        axes.annotate(text, (at_x, at_y), xytext=(0, 5), textcoords="offset points", ha="center", fontsize=8)


def _colour(text: str) -> Any:
    """Turn a colour of the page (`#rrggbb` or `rgba(…)`) into one that matplotlib takes."""
    if not text.startswith("rgba"):
        return text
    red, green, blue, opacity = (float(part) for part in text[5:-1].split(","))
    return red / 255, green / 255, blue / 255, opacity
