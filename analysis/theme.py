"""One look for figures and page: palette, fonts, plotly template. Light, and told apart without colour vision."""

from __future__ import annotations

from typing import Any

SERIF = (
    "Charter, 'Iowan Old Style', 'Source Serif 4', Georgia, 'Noto Serif', "
    "'Songti SC', 'Noto Serif CJK SC', 'Source Han Serif SC', SimSun, serif"
)
SANS = (
    "'Helvetica Neue', Arial, 'Noto Sans', 'Liberation Sans', "
    "'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)
MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace"

COLOURS = {
    "ink": "#1d2430",
    "muted": "#5c6470",
    "line": "#dfe2e6",
    "wash": "#f6f5f1",
    "paper": "#ffffff",
    "accent": "#9a3324",
    "arm": "#9a3324",  # the scenario
    "against": "#5d6b7a",  # its counterfactual
    "human": "#23628f",
    "assisted": "#d9a021",
    "generated": "#9a3324",
}
SYMBOLS = {"human": "circle", "assisted": "diamond", "generated": "x"}
# for things without an order of their own (platforms); neighbours differ in lightness as well as in hue
SERIES = ("#23628f", "#d9a021", "#3f8f7a", "#9a3324", "#8fb8d8", "#6b4c86", "#b9c06b", "#3b3f46", "#d98b7b", "#8a8f98")


def fade(colour: str, opacity: float) -> str:
    """Write a #rrggbb colour as rgba with the given opacity."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def template() -> dict[str, Any]:
    """Plotly's share of the look: small sans labels, hairlines, legend above, no tool bar colours."""
    axis = {
        "gridcolor": COLOURS["line"],
        "linecolor": COLOURS["line"],
        "zerolinecolor": COLOURS["line"],
        "ticks": "",
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": 12, "color": COLOURS["muted"]}},
    }
    return {
        "layout": {
            "font": {"family": SANS, "size": 12, "color": COLOURS["ink"]},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": SERIES,
            "margin": {"l": 46, "r": 12, "t": 28, "b": 34},
            "dragmode": False,
            "hovermode": "closest",
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"font": {"family": SANS, "size": 12}},
            "legend": {
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1.02,
                "yanchor": "bottom",
                "itemclick": False,
                "itemdoubleclick": False,
            },
        }
    }
