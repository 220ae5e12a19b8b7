"""The report's figures: each a pure function from frames and words to a figure as plotly.js reads it.

They are written as plain dictionaries: plotly's own classes check every property, which took longer than all else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from analysis.intervals import MIN_REPLICATIONS
from analysis.money import places
from analysis.text import Words
from analysis.theme import COLOURS, SERIES, SYMBOLS, fade
from sim.base.codes import ORIGINS
from sim.base.outcomes import OUTCOMES

Figure = dict[str, Any]  # traces in `data`, and `layout`
WEEK_MS = 7 * 24 * 3600 * 1000
HALF_FAN = 8  # replications from which the middle half is drawn inside the range
# ticks closer than a year apart name the month too, or a year would stand there twice
YEARS = {
    "type": "date",
    "tickformatstops": [{"dtickrange": [None, "M11"], "value": "%Y-%m"}, {"dtickrange": ["M12", None], "value": "%Y"}],
}
CONCEPTS = [f"c{axis}" for axis in range(8)]
LAYOUT_SEED = 1
MIN_FLOW = 0.1  # percent of what platforms take in, below which a flow of money is not drawn


def literal(text: str) -> str:
    """Escape a text from data or file names so that plotly shows it as it is.

    No part of it is then read as a tag, link, entity, formula or template.
    """
    return escape(text, quote=False).replace("%{", "&#37;{").replace("$", "&#36;")


def _figure(height: int, **layout: Any) -> Figure:
    """Make a figure without traces."""
    return {"data": [], "layout": {"height": height, **layout}}


def _add(figure: Figure, kind: str = "scatter", **trace: Any) -> None:
    """Add a trace of a kind ("scatter", "bar", …) to a figure."""
    figure["data"].append({"type": kind, **trace})


def _percent_axis(unit: str) -> dict[str, Any]:
    """Return the axis settings that show shares in percent and other units as plain numbers."""
    return {"tickformat": ".4~p" if unit == "share" else ".4~g"}


def _stack(frames: Sequence[pd.DataFrame], name: str) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Stack an outcome's replications: dates of the weeks, and values of shape (replications, weeks).

    An outcome that is measured once a year keeps only the weeks in which it has a value.
    """
    index = pd.DatetimeIndex(frames[0].index)
    values = np.stack([frame[name].to_numpy(dtype=float) for frame in frames])
    if OUTCOMES[name].every > 1:
        kept = ~np.isnan(values).all(axis=0)
        return index[kept], values[:, kept]
    return index, values


def _time(dates: pd.DatetimeIndex) -> dict[str, Any]:
    """Return the x of a trace: first date and step where it is weekly (a tenth of the size), otherwise all dates."""
    if len(dates) > 1 and (dates[1] - dates[0]).days == 7:
        return {"x0": dates[0].strftime("%Y-%m-%d"), "dx": WEEK_MS}
    return {"x": list(dates.strftime("%Y-%m-%d"))}


def _edges(values: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper edge of the middle `share` of replications in each week; NaN where all are null.

    A `share` below 1 has edges only in weeks in which five replications or more have a value.

    A part of the replications is mentioned where five or more are not.
    """
    if share == 1.0:
        return np.fmin.reduce(values), np.fmax.reduce(values)
    edges = np.full((2, values.shape[1]), np.nan)
    gaps = np.isnan(values).sum(axis=0)
    told_of = gaps <= len(values) - MIN_REPLICATIONS
    for some in np.unique(gaps[told_of]):  # nulls sort to the end: weeks with as many go together
        weeks = gaps == some
        told = np.sort(values[:, weeks], axis=0)[: len(values) - some]
        edges[:, weeks] = np.quantile(told, [(1 - share) / 2, (1 + share) / 2], axis=0)
    return edges[0], edges[1]


def _mean(values: np.ndarray) -> np.ndarray:
    """Average over replications in each week, nulls left out; NaN where all are null."""
    present = ~np.isnan(values)
    total, count = np.where(present, values, 0.0).sum(axis=0), present.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _fan(figure: Figure, dates: pd.DatetimeIndex, values: np.ndarray, colour: str, label: str, dash: str) -> None:
    """Draw an arm: its mean, and the replications as lines where they are few, otherwise as range and middle half."""
    hidden = {"mode": "lines", "showlegend": False, "hoverinfo": "skip", **_time(dates)}
    yearly = len(dates) > 1 and (dates[1] - dates[0]).days > 7
    dots = yearly or len(dates) == 1
    if 1 < len(values) < MIN_REPLICATIONS:
        each = {**hidden, "mode": "markers", "marker": {"size": 5}} if dots else hidden
        for one in values:
            _add(figure, y=one, line={"color": fade(colour, 0.45), "width": 0.8}, **each)
    elif len(values) > 1:
        for span in [1.0, 0.5] if len(values) >= HALF_FAN else [1.0]:
            low, high = _edges(values, span)
            _add(figure, y=low, line={"width": 0}, **hidden)
            _add(figure, y=high, line={"width": 0}, fill="tonexty", fillcolor=fade(colour, 0.16), **hidden)
    _add(
        figure,
        y=_mean(values),
        name=label,
        mode="lines+markers" if dots else "lines",
        line={"color": colour, "width": 1.8, "dash": dash},
        **_time(dates),
        hovertemplate=f"%{{x|%Y-%m-%d}}: %{{y:.4~g}}<extra>{label}</extra>",
    )


def _mark_release(figure: Figure, release: str, words: Words) -> None:
    """Draw a dotted line with a label at the week of AI's release."""
    line = {"color": COLOURS["muted"], "width": 1, "dash": "dot"}
    mark = {"type": "line", "x0": release, "x1": release, "y0": 0, "y1": 1, "yref": "paper", "line": line}
    note = {
        "x": release,
        "y": 1,
        "yref": "paper",
        "yanchor": "top",
        "xanchor": "left",
        "showarrow": False,
        "text": words("figures.release"),
        "font": {"size": 11, "color": COLOURS["muted"]},
        "bgcolor": fade(COLOURS["paper"], 0.7),
    }
    figure["layout"].setdefault("shapes", []).append(mark)
    figure["layout"].setdefault("annotations", []).append(note)


def fan(arms: Mapping[str, Sequence[pd.DataFrame]], name: str, release: str, words: Words) -> Figure:
    """One outcome by week in each arm: mean and range over paired replications, release week marked.

    Parameters
    ----------
    arms : frames of replications by arm; the first arm is the scenario, the second its counterfactual.
    name : an outcome of the registry.
    release : ISO date of the release week.
    """
    unit = OUTCOMES[name].unit
    axis = {"title": {"text": "" if unit == "share" else words.unit(unit)}, **_percent_axis(unit)}
    figure = _figure(
        210,
        xaxis={**YEARS, "nticks": 5},
        yaxis=axis,
        margin={"l": 46, "r": 12, "t": 10, "b": 26},
        showlegend=False,
    )
    styles = [("against", "dash"), ("arm", "solid")]
    for (arm, frames), (colour, dash) in zip(reversed(list(arms.items())), styles[-len(arms) :], strict=True):
        dates, values = _stack(frames, name)
        if len(dates) and not np.isnan(values).all():
            _fan(figure, dates, values, COLOURS[colour], literal(words.arm(arm)), dash)
    if all(not np.nan_to_num(_stack(frames, name)[1]).any() for frames in arms.values()):
        axis["range"] = [0, 0.01]  # of nothing but zeros; else the axis would run below
    _mark_release(figure, release, words)
    return figure


def shares(frames: Sequence[pd.DataFrame], release: str, words: Words) -> Figure:
    """AI's share of supply, attention and revenue by week, with half marked."""
    names = ("ai_supply_share", "ai_attention_share", "ai_revenue_share")
    line = {"color": COLOURS["muted"], "width": 1, "dash": "dash"}
    half = {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": 0.5, "y1": 0.5, "yref": "y", "line": line}
    note = {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 0.5,
        "yanchor": "bottom",
        "showarrow": False,
        "text": words("figures.half"),
        "font": {"size": 11, "color": COLOURS["muted"]},
    }
    top = max(0.55, 1.05 * max(_stack(frames, name)[1].max() for name in names))
    figure = _figure(
        380,
        xaxis=YEARS,
        yaxis={"rangemode": "tozero", "tickformat": ".0%", "range": [0, top]},
        shapes=[half],
        annotations=[note],
    )
    for name, colour, dash in zip(
        names, (SERIES[0], COLOURS["generated"], SERIES[1]), ("dash", "solid", "solid"), strict=True
    ):
        dates, values = _stack(frames, name)
        _fan(figure, dates, values, colour, words.outcome(name), dash)
    _mark_release(figure, release, words)
    return figure


FORESTS = {"shares": "figures.points", "own": "figures.level", "relative": "figures.relative"}  # kinds, axes' titles


def forest(summary: Mapping[str, Mapping[str, Any]], names: Sequence[str], kind: str, words: Words) -> Figure:
    """One row an outcome: a dot with its 95 % band, or a dot for each replication where these are too few for a band.

    Parameters
    ----------
    kind : "shares" draws paired differences in percentage points, "relative" in percent of the counterfactual's level,
        "own" the levels of shares of a typical replication in percent.
    """
    rows = [_forest_row(summary[name], kind) for name in reversed(names)]
    labels = [literal(words.outcome(name)) for name in reversed(names)]
    line = {"color": COLOURS["muted"], "width": 1}
    figure = _figure(
        80 + 26 * len(rows),
        showlegend=False,
        margin={"l": 46, "r": 12, "t": 10, "b": 46},
        xaxis={"title": {"text": words(FORESTS[kind])}, "zeroline": False, "tickformat": ".3~g"},
        yaxis={"gridcolor": "rgba(0,0,0,0)", "type": "category", "ticksuffix": "  "},
        shapes=[{"type": "line", "x0": 0, "x1": 0, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain", "line": line}],
    )
    if kind == "own":
        figure["layout"]["xaxis"]["rangemode"] = "tozero"
    for (dots, low, high, clear), label in zip(rows, labels, strict=True):
        colour = COLOURS["arm"] if clear else COLOURS["against"]
        written = _repeated(dots) if len(set(dots)) < len(dots) else []
        extra: dict[str, Any] = {}
        if written:
            extra |= {"text": written, "textposition": "middle right", "textfont": {"size": 10}}
        if low is not None and high is not None:
            extra["error_x"] = {
                "type": "data",
                "symmetric": False,
                "array": [high - dots[0]],
                "arrayminus": [dots[0] - low],
                "thickness": 1.6,
                "width": 4,
                "color": colour,
            }
        _add(
            figure,
            x=dots,
            y=[label] * len(dots),
            mode="markers+text" if written else "markers",
            cliponaxis=False,  # a dot at 0 is a whole one
            name=label,
            marker={
                "color": colour if clear else COLOURS["paper"],
                "size": 9 if "error_x" in extra else 7,
                "line": {"color": colour, "width": 1.6},
            },
            hovertemplate="%{y}: %{x:" + ("" if kind == "own" else "+") + ".3~g}<extra></extra>",
            **extra,
        )
    return figure


def _repeated(dots: list[float]) -> list[str]:
    """Write at each dot how many dots lie in the same place, "×4" at the first of them; nothing where it lies alone."""
    counts = {dot: dots.count(dot) for dot in dots}
    return [f"×{counts[dot]}" if counts[dot] > 1 and dots.index(dot) == place else "" for place, dot in enumerate(dots)]


def _forest_row(row: Mapping[str, Any], kind: str) -> tuple[list[float], float | None, float | None, bool]:
    """Return a row's dots, the low and high end of its interval (None without one) and whether the effect is clear.

    Numbers are in percent or percentage points, as the kind of `forest` says.
    """
    if kind == "own":
        centre, low, high, each = row["typical"], row["low"], row["high"], row["values"]
    else:
        each = row["differences"]
        centre, low, high = row["difference"], row["difference_low"], row["difference_high"]
    scale = 100 / abs(row["against"]) if kind == "relative" else 100.0
    if low is None or (kind == "own" and row["conditional"]):
        return [value * scale for value in each if value is not None], None, None, False
    if kind == "relative":
        low = max(low, -row["against"])  # what is never negative falls by no more than all of it
    return [centre * scale], low * scale, high * scale, kind == "own" or row["effect"] in ("up", "down")


def linked(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Keep the agents of the sample that a link joins to another agent of the sample."""
    inner = edges[edges["source"].isin(nodes["id"]) & edges["target"].isin(nodes["id"])]
    inner = inner[inner["source"] != inner["target"]]
    return nodes[nodes["id"].isin(inner["source"]) | nodes["id"].isin(inner["target"])]


def spring(nodes: pd.DataFrame, edges: pd.DataFrame) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """Lay out linked agents by springs.

    Returns the place of each agent, shape (2,), by id; and the two ends of each link, shape (links, 4).
    """
    known = set(nodes["id"])
    graph = nx.Graph()
    graph.add_nodes_from(nodes["id"])
    graph.add_edges_from((a, b) for a, b in zip(edges["source"], edges["target"], strict=True) if {a, b} <= known)
    found = nx.spring_layout(graph, seed=LAYOUT_SEED, k=2 / np.sqrt(max(len(known), 1)), iterations=80)
    # springs throw small groups far out: draw them in by the square root of their distance
    place = {node: point / np.sqrt(max(float(np.hypot(*point)), 1e-9)) for node, point in found.items()}
    return place, np.array([[*place[a], *place[b]] for a, b in graph.edges]).reshape(-1, 4)


def network(nodes: pd.DataFrame, place: Mapping[int, np.ndarray], lines: np.ndarray, words: Words) -> Figure:
    """A sample of who follows whom: size by followers, colour and symbol by kind.

    Parameters
    ----------
    nodes : id, kind, followers (and more) of agents with a link. place, lines : from `spring`.
    """
    figure = _figure(
        520,
        hovermode="closest",
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        xaxis={"visible": False},
        yaxis={"visible": False, "scaleanchor": "x"},
        legend={"itemsizing": "constant"},
    )
    gap = np.full(len(lines), np.nan)
    _add(
        figure,
        x=np.column_stack([lines[:, 0], lines[:, 2], gap]).ravel(),
        y=np.column_stack([lines[:, 1], lines[:, 3], gap]).ravel(),
        mode="lines",
        line={"color": fade(COLOURS["against"], 0.3), "width": 0.6},
        hoverinfo="skip",
        showlegend=False,
    )
    colours = {
        "consumer": "#b4bcc6",
        "creator": COLOURS["human"],
        "farm": COLOURS["generated"],
        "studio": COLOURS["assisted"],
    }
    symbols = {"consumer": "circle", "creator": "circle", "studio": "square", "farm": "x"}
    largest = max(float(nodes["followers"].max()), 1.0)
    for kind, colour in colours.items():
        rows = nodes[nodes["kind"].astype(str) == kind]
        if rows.empty:
            continue
        sizes = 6 + 24 * np.sqrt(rows["followers"].to_numpy(dtype=float) / largest)
        marker = {
            "size": sizes,
            "color": colour,
            "symbol": symbols[kind],
            "line": {"color": "white", "width": 0.8},
        }
        label = words(f"kinds.{kind}")
        hover = f"{label} · {words('figures.followers')} %{{customdata}}<extra></extra>"
        _add(
            figure,
            x=[place[i][0] for i in rows["id"]],
            y=[place[i][1] for i in rows["id"]],
            mode="markers",
            name=label,
            marker=marker,
            customdata=rows["followers"].tolist(),
            hovertemplate=hover,
        )
    return figure


def concept_axes(works: pd.DataFrame, release: str) -> tuple[np.ndarray, np.ndarray]:
    """Centre and first two principal axes of human works from before the release (of all works where none is).

    Returns
    -------
    centre, axes
        shapes (8,) and (2, 8), in concept units; the sign is fixed so that the largest loading is positive.
    """
    human = works[(works["origin"].astype(str) == "human") & (pd.to_datetime(works["date"]) < pd.Timestamp(release))]
    points = (human if len(human) > 2 else works)[CONCEPTS].to_numpy(dtype=float)
    centre = points.mean(axis=0)
    axes = np.linalg.svd(points - centre, full_matrices=False)[2][:2]
    peak = np.abs(axes).argmax(axis=1)
    return centre, axes * np.sign(axes[np.arange(2), peak])[:, None]


def concept_plane(works: pd.DataFrame, release: str) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the centre and axes of the maps (see `concept_axes`), and how far a map reaches from the centre."""
    centre, axes = concept_axes(works, release)
    everything = (works[CONCEPTS].to_numpy(dtype=float) - centre) @ axes.T
    # heavy tails: the frame keeps 99 % of the works of all half-years
    return centre, axes, float(np.quantile(np.abs(everything), 0.99)) * 1.1


def concept_map(works: pd.DataFrame, centre: np.ndarray, axes: np.ndarray, reach: float, words: Words) -> Figure:
    """One half-year's works on the plane of the human works from before the release.

    Parameters
    ----------
    works : the half-year's sample. centre, axes, reach : from `concept_plane` of every sample of the run.
    """
    hidden = {
        "showticklabels": False,
        "range": [-reach, reach],
        "zeroline": False,
        "mirror": True,
        "showline": True,
        "nticks": 5,
    }
    figure = _figure(
        300,
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis=hidden,
        yaxis={**hidden, "scaleanchor": "x"},
    )
    for origin in ORIGINS:
        rows = works[works["origin"].astype(str) == origin]
        place = (rows[CONCEPTS].to_numpy(dtype=float) - centre) @ axes.T
        marker = {"color": COLOURS[origin], "symbol": SYMBOLS[origin], "opacity": 0.55, "size": 5}
        label = words(f"origins.{origin}")
        _add(
            figure,
            x=place[:, 0],
            y=place[:, 1],
            mode="markers",
            marker=marker,
            name=label,
            customdata=rows["genre"].tolist(),
            hovertemplate=f"{label} · {words('figures.genre')} %{{customdata}}<extra></extra>",
        )
    return figure


def platforms(frame: pd.DataFrame, column: str, stacked: bool, release: str, words: Words) -> Figure:
    """A share per platform over time, mean over replications.

    Parameters
    ----------
    frame : date, platform and the column, replications below each other.
    stacked : areas that add to one (shares of attention), else lines.
    """
    table = frame.pivot_table(index="date", columns="platform", values=column, observed=True, dropna=False)
    dates = list(pd.to_datetime(table.index).strftime("%Y-%m-%d"))
    axis = {"tickformat": ".3~p", "rangemode": "tozero", **({"range": [0, 1]} if stacked else {})}
    figure = _figure(360, xaxis=YEARS, yaxis=axis)
    for place, name in enumerate(table.columns):
        colour = SERIES[place % len(SERIES)]
        label = literal(words.named("platforms", str(name)))
        area = {"stackgroup": "one", "fillcolor": fade(colour, 0.75)} if stacked else {}
        _add(
            figure,
            x=dates,
            y=table[name].to_numpy(),
            name=label,
            mode="lines",
            line={"color": colour, "width": 1.4},
            **area,
            hovertemplate=f"%{{x|%Y-%m-%d}}: %{{y:.1%}}<extra>{label}</extra>",
        )
    _mark_release(figure, release, words)
    return figure


def ages(arms: Mapping[str, pd.DataFrame], column: str, words: Words) -> Figure:
    """One measure by age group and arm, mean over replications.

    Parameters
    ----------
    arms : by arm (the scenario first), age_group and the column, replications below each other.
    """
    axis = {"tickformat": ".3~p", "rangemode": "tozero"}
    figure = _figure(260, barmode="group", xaxis={"type": "category", "ticksuffix": "  "}, yaxis=axis)
    for (arm, frame), colour in zip(arms.items(), ("arm", "against"), strict=False):
        table = frame.groupby(frame["age_group"].astype(str).to_numpy())[column].mean()
        _add(
            figure,
            "bar",
            x=[literal(group) for group in table.index],
            y=table.to_numpy(),
            name=literal(words.arm(arm)),
            marker={"color": COLOURS[colour]},
            hovertemplate="%{x}: %{y:.1%}<extra></extra>",
        )
    return figure


def sankey(amounts: Mapping[tuple[str, str], float], words: Words) -> Figure:
    """Who pays whom, in percent of what platforms take in; flows too thin to see are left out.

    Parameters
    ----------
    amounts : hours' wage a week by payer and payee, classes of accounts.
    """
    taken = sum(amount for (_, payee), amount in amounts.items() if payee == "platforms")
    scale = 100.0 / taken if taken > 0 else 1.0
    amounts = {pair: amount for pair, amount in amounts.items() if amount * scale >= MIN_FLOW}
    where = places(amounts)
    names = list(where)
    fixed = {
        "platforms": COLOURS["against"], "creators": COLOURS["human"], "studios": COLOURS["assisted"],
        "farms": COLOURS["generated"], "vendors": COLOURS["arm"],
    }  # fmt: skip
    colours = [fixed.get(name, COLOURS["muted"]) for name in names]
    pairs = list(amounts)
    figure = _figure(380, margin={"l": 4, "r": 4, "t": 10, "b": 10})
    _add(
        figure,
        "sankey",
        arrangement="snap",
        valueformat=".3~g",
        valuesuffix="%",
        textfont={"size": 11},
        node={
            "label": [literal(words.account(name)) for name in names],
            "color": colours,
            "x": [x for x, _ in where.values()],
            "y": [y for _, y in where.values()],
            "pad": 14,
            "thickness": 10,
            "hovertemplate": "%{label}: %{value}<extra></extra>",
        },
        link={
            "source": [names.index(payer) for payer, _ in pairs],
            "target": [names.index(payee) for _, payee in pairs],
            "value": [amounts[pair] * scale for pair in pairs],
            "color": [fade(colours[names.index(payer)], 0.35) for payer, _ in pairs],
            "hovertemplate": "%{source.label} → %{target.label}: %{value}<extra></extra>",
        },
    )
    return figure
