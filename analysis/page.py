"""Building blocks of the self-contained page: text in both languages, figures stored once, assembly."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np
from plotly.offline import get_plotlyjs

from analysis.text import LANGUAGES, Words
from analysis.theme import COLOURS, MONO, SANS, SERIF, template

ENGLISH, CHINESE = (Words(language) for language in LANGUAGES)
DIGITS = 4  # significant digits of the figures' data
LOOSE = re.compile(r"<(?!/?(?:br|extra)>)")  # plotly would take other tags in its texts for marks or links
Write = Callable[[Words], str]


def both(write: Write, tag: str = "span", css: str = "") -> str:
    """Write a text in both languages, escaped, each in an element of its own; the style sheet shows the chosen one."""
    style = f' class="{css}"' if css else ""
    return "".join(
        f'<{tag} lang="{words.language}"{style}>{escape(write(words))}</{tag}>' for words in (ENGLISH, CHINESE)
    )


def say(key: str, tag: str = "span", css: str = "", **values: object) -> str:
    """Write one of the page's sentences in both languages."""
    return both(lambda words: words(key, **values), tag, css)


def outcome_name(name: str) -> str:
    """Write an outcome's label in both languages."""
    return both(lambda words: words.outcome(name))


def arm_name(arm: str) -> str:
    """Write an arm's label in both languages."""
    return both(lambda words: words.arm(arm))


def same(text: object, tag: str = "span", css: str = "") -> str:
    """Write a text that is the same in both languages, escaped."""
    style = f' class="{css}"' if css else ""
    return f"<{tag}{style}>{escape(str(text))}</{tag}>"


def plain(value: Any) -> Any:
    """Turn a figure's data into JSON values: four significant digits, null for NaN, tags in texts escaped."""
    if isinstance(value, str):
        return LOOSE.sub("&lt;", value)
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray) and value.dtype == np.float64 and value.size:
        return {"dtype": "f8", "bdata": base64.b64encode(value.tobytes()).decode("ascii")}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def differences(one: Any, other: Any, path: tuple[str | int, ...] = ()) -> Iterator[list[Any]]:
    """List [path, one, other] wherever two trees differ: in a leaf, or in a whole branch whose shape is another."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, (*path, place))
    elif one != other:
        yield [list(path), one, other]


class Figures:
    """The page's figures: drawn in both languages, stored once with the texts that differ."""

    def __init__(self) -> None:
        self.stored: list[dict[str, Any]] = []

    def add(self, draw: Callable[[Words], dict[str, Any]], caption: str = "", css: str = "") -> str:
        """Store a figure, and return the HTML element in which the page will draw it; `caption` is HTML."""
        english, chinese = (plain(draw(words)) for words in (ENGLISH, CHINESE))
        for figure in (english, chinese):
            figure["layout"].pop("template", None)  # the page holds it once
        number, height = len(self.stored), english["layout"]["height"]
        self.stored.append(english | {"zh": list(differences(english, chinese))})
        head = f"<figcaption>{caption}</figcaption>" if caption else ""
        box = f'<div class="plot" data-figure="{number}" style="height:{height}px"></div>'
        return f'<figure class="{css}">{head}{box}</figure>' if css else f"<figure>{head}{box}</figure>"

    def json(self, **others: Any) -> str:
        """Write all figures and `others` as JSON that may stand inside a script element."""
        data = {"figures": self.stored, "template": plain(template()), **others}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def asset(name: str) -> str:
    """Read one of the page's own files."""
    return (files("analysis") / name).read_text(encoding="utf-8")


def table(head: list[tuple[str, str]], rows: list[str], css: str = "") -> str:
    """Write a table from (heading, CSS class) pairs and finished rows; on a narrow page it scrolls by itself."""
    cells = "".join(f'<th class="{style}" scope="col">{text}</th>' for text, style in head)
    body = "".join(rows)
    return f'<div class="table"><table class="{css}"><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


def section(name: str, *parts: str) -> str:
    """Write a section of the page below its title."""
    return f'<section id="{name}">{say(f"{name}.title", "h2")}{"".join(parts)}</section>'


def policy(*scripts: str) -> str:
    """Write a content-security policy: only these scripts run, and nothing is fetched.

    Inline styles are allowed, since plotly writes style elements.
    """
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii") for text in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def assemble(title: Write, header: str, body: str, footer: str, figures: Figures) -> str:
    """Put the page together from style, text, plotly, data and script."""
    colours = "".join(f"--{name}:{colour};" for name, colour in COLOURS.items())
    fonts = f"--serif:{SERIF};--sans:{SANS};--mono:{MONO};"
    titles = {words.language: title(words) for words in (ENGLISH, CHINESE)}
    plotly, script = get_plotlyjs(), asset("page.js")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(plotly, script)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(titles["en"])}</title>\n'
        f"<style>\n:root {{{colours}{fonts}}}\n{asset('page.css')}</style>\n</head>\n<body>\n"
        f'<header><div class="inner">{header}</div></header>\n<main>{body}</main>\n'
        f'<footer><div class="inner">{footer}</div></footer>\n'
        f"<script>{plotly}</script>\n"
        f'<script type="application/json" id="page-data">{figures.json(title=titles)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )
