"""The figures of a sweep's answers: each a pure function from a tidy frame and words to a plotly figure."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.figures import WEEK_MS, literal
from analysis.text import Words
from analysis.theme import COLOURS, SERIES, fade, template
from sim.base.clock import YEAR
from sim.base.outcomes import OUTCOMES
from sim.settings import registry, starred
from sim.settings.scenario import names

FACTORS = 12  # factors in a picture, those with the largest numbers
SETTINGS = 24  # settings of levers in a picture
LINES = 5  # factors in a picture of convergence
LEADING = ("total", "mu_star", "first")  # the index by which factors are ordered
WIDTH = {"en": 22, "zh": 11}  # characters of a label's line
SYMBOLS = ("circle", "diamond", "square")
FRONTS = (COLOURS["arm"], SERIES[1], COLOURS["against"])


def factor_label(path: str, words: Words) -> str:
    """Write a factor's name: a policy's for its strength, otherwise a parameter's label.

    The platform that it belongs to is added.

    What is no parameter goes by its path.
    """
    if policy := _strength_of(path):
        return _policy(policy, words)
    group, _, rest = path.partition(".")
    name = rest.partition(".")[0]
    parameter = registry().get(starred(path))
    if parameter is None:
        return path
    label = words.parameter(parameter)
    whose = {"platforms": lambda: words.named("platforms", name), "policy": lambda: _policy(name, words)}
    return words("sweep.of", label=label, whose=whose[group]()) if group in whose else label


def _strength_of(path: str) -> str:
    """Return the name of a policy if a factor is its strength (`NAME` or `policy.NAME.strength`), otherwise ""."""
    name = path.removeprefix("policy.").removesuffix(".strength")
    return name if name in names("policy") and path in (name, f"policy.{name}.strength") else ""


def _policy(name: str, words: Words) -> str:
    """Write a policy's name."""
    return words.named("policy", name)


def setting_label(setting: str, words: Words) -> str:
    """Write a setting of the levers: policies at full strength by their names, those at 0 left out."""
    parts = []
    for text in setting.split(" ") if setting else []:
        path, _, value = text.partition("=")
        strength = bool(_strength_of(path))
        if strength and value == "0":
            continue
        label = factor_label(path, words)
        parts.append(label if strength and value == "1" else f"{label} {value}")
    if not setting:
        return words("sweep.all_settings")
    return " + ".join(parts) or words("sweep.no_lever")


def wrapped(text: str, words: Words) -> str:
    """Break a label into several lines."""
    width = WIDTH[words.language]
    if words.language == "zh":
        lines = [text[k : k + width] for k in range(0, len(text), width)]
    else:
        lines = textwrap.wrap(text, width) or [text]
    return "<br>".join(map(literal, lines))


def _figure(height: int, **layout: Any) -> go.Figure:
    """Make an empty figure in the page's style."""
    return go.Figure(layout={"template": template(), "height": height, **layout})


def _rows_figure(labels: list[str], legend: bool = True) -> go.Figure:
    """Make an empty figure with one row per label, high enough for labels of several lines."""
    lines = len(labels) * max((1.2 + label.count("<br>") for label in labels), default=0)  # rows are of one height
    figure = _figure(
        int((90 if legend else 70) + 17 * lines), showlegend=legend, margin={"l": 46, "r": 12, "t": 34, "b": 46}
    )
    figure.update_yaxes(categoryorder="array", categoryarray=labels[::-1], gridcolor="rgba(0,0,0,0)")
    figure.update_xaxes(zeroline=True, zerolinecolor=COLOURS["muted"])
    return figure


def _number(value: float) -> str:
    """Write a number to three digits."""
    return f"{value:.3g}"


def bound_text(low: float, high: float, first: float, last: float) -> str:
    """Write a factor's bound, such as `≤ 0.3`.

    `first` and `last` are the least and the largest value inside the box.
    """
    if first == last:
        return f"= {_number(first)}"
    if np.isinf(low):
        return f"≤ {_number(high)}"
    return f"≥ {_number(low)}" if np.isinf(high) else f"{_number(low)} – {_number(high)}"


def _error(values: pd.Series, low: pd.Series, high: pd.Series, colour: str) -> dict[str, Any] | None:
    """Return the error bars of points from the ends of their intervals; None where no point has any."""
    if low.isna().all():
        return None
    return {
        "type": "data", "symmetric": False, "array": list(high - values), "arrayminus": list(values - low),
        "thickness": 1.5, "width": 3, "color": colour,
    }  # fmt: skip


def _dots(
    figure: go.Figure,
    frame: pd.DataFrame,
    column: str,
    labels: list[str],
    name: str,
    place: int,
    bands: tuple[str, str] | None = ("low", "high"),
) -> None:
    """Draw one dot per row, with its interval where it has one; `place` selects colour and symbol."""
    colour = (COLOURS["arm"], COLOURS["against"], SERIES[1])[place]
    error = _error(frame[column], frame[bands[0]], frame[bands[1]], colour) if bands else None
    figure.add_scatter(
        x=list(frame[column]),
        y=labels,
        mode="markers",
        name=name,
        error_x=error,
        marker={"color": colour, "size": 8, "symbol": SYMBOLS[place]},
        hovertemplate="%{y}: %{x:.3~g}<extra></extra>",
    )


def _leading(frame: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Return the index by which factors are ordered, and its rows at the largest sample, largest value first."""
    present = set(frame["index"])
    index = next((name for name in LEADING if name in present), "")
    rows = frame[(frame["index"] == index) & (frame["samples"] == frame["samples"].max())]
    return index, rows.sort_values("value", ascending=False, kind="stable")


def sensitivity(frame: pd.DataFrame, words: Words) -> go.Figure:
    """Draw each factor's indices with their intervals, the factor with the largest on top."""
    _, leading = _leading(frame)
    factors = list(leading["factor"][:FACTORS])
    labels = [wrapped(factor_label(path, words), words) for path in factors]
    figure = _rows_figure(labels)
    last = frame[frame["samples"] == frame["samples"].max()]
    shown = [index for index in ("total", "mu_star", "prcc", "first", "sigma") if (last["index"] == index).any()]
    for place, index in enumerate(shown):
        rows = last[last["index"] == index].set_index("factor").loc[factors]
        _dots(figure, rows, "value", labels, words(f"sweep.indices.{index}"), place)
    return figure


def convergence(frame: pd.DataFrame, words: Words) -> go.Figure:
    """Draw how the leading index of the most important factors changes with the size of the sample."""
    index, leading = _leading(frame)
    figure = _figure(300, showlegend=True)
    rows = frame[frame["index"] == index]
    for place, path in enumerate(leading["factor"][:LINES]):
        mine, colour = rows[rows["factor"] == path].sort_values("samples"), SERIES[place]
        figure.add_scatter(
            x=list(mine["samples"]),
            y=list(mine["value"]),
            mode="lines+markers",
            name=literal(factor_label(path, words)),
            line={"color": colour, "width": 1.6},
            error_y=_error(mine["value"], mine["low"], mine["high"], colour),
            hovertemplate="%{x}: %{y:.3~g}<extra></extra>",
        )
    figure.update_xaxes(type="log", title={"text": words("sweep.samples")}, tickvals=sorted(set(rows["samples"])))
    figure.update_yaxes(title={"text": words(f"sweep.indices.{index}") if index else ""})
    figure.update_layout(legend={"orientation": "h", "y": -0.3, "yanchor": "top"}, height=300 + 22 * LINES)
    return figure


def box(frame: pd.DataFrame, words: Words) -> go.Figure:
    """Draw the bounds of each factor inside its whole range, on the scale of its prior.

    On that scale equal lengths are equally likely.
    """
    rows: list[dict[Any, Any]] = frame.to_dict("records")
    labels = [
        f"{wrapped(factor_label(row['factor'], words), words)}<br>"
        f"{bound_text(row['low'], row['high'], row['first'], row['last'])}"
        for row in rows
    ]
    figure = _rows_figure(labels, legend=False)
    for label, row in zip(labels, rows, strict=True):
        least, most = float(row["least"]), float(row["most"])
        low, high = max(float(row["low"]), least), min(float(row["high"]), most)
        parameter = registry().get(starred(row["factor"]))
        log = parameter is not None and parameter.info.prior == "loguniform" and least > 0
        start, end, left, right = np.log([least, most, low, high]) if log else (least, most, low, high)
        bound = [float((place - start) / max(end - start, 1e-300)) for place in (left, right)]
        for ends, colour, width in (([0.0, 1.0], COLOURS["line"], 5), (bound, COLOURS["arm"], 9)):
            figure.add_scatter(
                x=ends,
                y=[label, label],
                mode="lines",
                line={"color": colour, "width": width},
                hovertemplate=f"{_number(low)} – {_number(high)}<extra></extra>",
                showlegend=False,
            )
    figure.update_xaxes(range=[-0.03, 1.03], tickvals=[0, 1], ticktext=[words("sweep.least"), words("sweep.most")])
    return figure


def differences(frame: pd.DataFrame, words: Words) -> go.Figure:
    """Draw paired differences by setting: the mean with its interval, and the range of nine in ten futures."""
    frame = frame.head(SETTINGS)
    labels = [wrapped(setting_label(setting, words), words) for setting in frame["setting"]]
    figure = _rows_figure(labels)
    ranged = frame["q05"].notna().to_numpy()
    for place, (label, row) in enumerate(zip(labels, frame.itertuples(), strict=True)):
        if not ranged[place]:
            continue
        figure.add_scatter(
            x=[row.q05, row.q95],
            y=[label, label],
            mode="lines",
            name=words("sweep.nine_in_ten"),
            line={"color": fade(COLOURS["against"], 0.35), "width": 8},
            hoverinfo="skip",
            showlegend=bool(place == ranged.argmax()),
        )
    _dots(figure, frame, "mean", labels, words("sweep.mean_band"), 0)
    return figure


def regrets(frame: pd.DataFrame, words: Words) -> go.Figure:
    """Draw the mean and the largest regret of each setting, the smallest first."""
    rows = frame.sort_values("max_regret", kind="stable").head(SETTINGS)
    labels = [wrapped(setting_label(setting, words), words) for setting in rows["setting"]]
    figure = _rows_figure(labels)
    _dots(figure, rows, "mean_regret", labels, words("sweep.mean_regret"), 0)
    _dots(figure, rows, "max_regret", labels, words("sweep.max_regret"), 1, bands=None)
    figure.update_xaxes(rangemode="tozero")
    return figure


def fronts(frame: pd.DataFrame, words: Words) -> go.Figure:
    """Draw settings in the plane of the first two outcomes: beaten by none, clearly beaten, and undecided."""
    figure = _figure(380, showlegend=True)
    names = list(dict.fromkeys(frame["outcome"]))[:2]
    if len(names) < 2:
        return figure
    one, other = (frame[frame["outcome"] == name].set_index("setting") for name in names)
    clear = one["clearly_beaten"]
    states = {"yes": one["front"], "no": ~one["front"] & ~clear, "clear": clear}
    for (key, kept), colour, symbol in zip(states.items(), FRONTS, SYMBOLS, strict=True):
        rows = one[kept]
        if len(rows):
            figure.add_scatter(
                x=list(rows["mean"]),
                y=list(other.loc[rows.index, "mean"]),
                mode="markers+text",
                text=[str(list(one.index).index(setting) + 1) for setting in rows.index],
                textposition="top center",
                name=words(f"sweep.front.{key}"),
                customdata=[literal(setting_label(setting, words)) for setting in rows.index],
                marker={"size": 10, "color": colour, "symbol": symbol},
                hovertemplate="%{customdata}<extra></extra>",
            )
    for name, update in zip(names, (figure.update_xaxes, figure.update_yaxes), strict=True):
        update(title={"text": words.outcome(name)}, tickformat=".3~p" if OUTCOMES[name].unit == "share" else ".3~g")
    return figure


def fan(frame: pd.DataFrame, words: Words) -> go.Figure:
    """Draw the median, the middle half and nine in ten of the runs by week, in each arm.

    There are at most two arms, the scenario first.

    Weeks without dates are counted from release.
    """
    short = frame["week"].nunique() < 3 * YEAR
    axis: dict[str, Any] = {"type": "date", "tickformat": "%Y-%m" if short else "%Y", "nticks": 5 if short else 7}
    dated = bool(frame["date"].notna().any())
    if not dated:
        axis = {"title": {"text": words("sweep.since_release")}, "nticks": 7}
    figure = _figure(260, showlegend=True, xaxis=axis)
    arms = list(dict.fromkeys(frame["arm"]))
    when = "|%Y-%m-%d" if dated else ""
    for arm, colour, dash in zip(arms, (COLOURS["arm"], COLOURS["against"]), ("solid", "dash"), strict=False):
        rows = frame[frame["arm"] == arm].sort_values("week")
        x = _weeks(pd.to_datetime(rows["date"])) if dated else {"x": list(rows["week"])}
        for low, high in (("q05", "q95"), ("q25", "q75")) if rows["q05"].notna().any() else ():
            edge = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip", **x}
            figure.add_scatter(y=list(rows[low]), **edge)
            figure.add_scatter(y=list(rows[high]), fill="tonexty", fillcolor=fade(colour, 0.16), **edge)
        figure.add_scatter(
            y=list(rows["q50"]),
            mode="lines",
            name=literal(words.arm(arm)),
            line={"color": colour, "width": 1.8, "dash": dash},
            hovertemplate=f"%{{x{when}}}: %{{y:.4~g}}<extra>{literal(words.arm(arm))}</extra>",
            **x,
        )
    return figure


def _weeks(dates: pd.Series) -> dict[str, Any]:
    """Return the x of a trace: first date and step where dates are weekly, otherwise all dates.

    First date and step take a tenth of the size.
    """
    step = np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(int)
    days = [f"{day:%Y-%m-%d}" for day in dates]
    return {"x0": days[0], "dx": WEEK_MS} if len(dates) > 1 and (step == 7).all() else {"x": days}
