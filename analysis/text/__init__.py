"""The page's sentences and number formats in English and Chinese; names of things come from the registries."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from sim.outcomes import OUTCOMES
from sim.parameters import Entry

LANGUAGES = ("en", "zh")


@cache
def sentences(language: str) -> dict[str, Any]:
    """Read a language's sentences."""
    text = (files(__package__) / f"{language}.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def significant(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits, thousands apart, never in powers of ten below a million."""
    if value == 0:
        return "0"
    magnitude = f"{abs(value):.{digits}g}"
    if "e" in magnitude:
        magnitude = f"{float(magnitude):,.0f}" if 1 <= abs(value) < 1e12 else magnitude
    elif abs(value) >= 1000:
        magnitude = f"{float(magnitude):,.0f}"
    return magnitude if value > 0 else "\u2212" + magnitude


class Words:
    """One language's voice: sentences, labels, units, numbers."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._sentences = sentences(language)

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence under a dotted key with its values filled in; KeyError where there is none."""
        node: Any = self._sentences
        for part in key.split("."):
            node = node[part]
        return str(node).format(**values)

    def has(self, group: str, key: str) -> bool:
        """Whether a group of sentences has this key."""
        return key in self._sentences[group]

    def outcome(self, name: str) -> str:
        """Label of an outcome."""
        outcome = OUTCOMES[name]
        return outcome.label_zh if self.language == "zh" else outcome.label

    def outcome_inline(self, name: str) -> str:
        """Label of an outcome inside a sentence: the first letter small unless a capital word begins it."""
        label = self.outcome(name)
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]

    def parameter(self, entry: Entry) -> str:
        """Label of a parameter."""
        return entry.info.label_zh if self.language == "zh" else entry.info.label

    def unit(self, unit: str) -> str:
        """A unit's name; units of one are not written."""
        return str(self._sentences["units"].get(unit, unit))

    def arm(self, name: str) -> str:
        """A scenario's name in words where the page knows one, else as typed."""
        return self(f"arms.{name}") if self.has("arms", name) else name

    def value(self, value: float | None, unit: str) -> str:
        """A level with its unit: shares in percent."""
        if value is None:
            return self("null")
        if unit == "share":
            return f"{self._percent(value)} %"
        return f"{significant(value)} {self.unit(unit)}".strip()

    def difference(self, value: float | None, unit: str) -> str:
        """A signed difference with its unit: shares in percentage points."""
        if value is None:
            return self("null")
        unit = self("points") if unit == "share" else self.unit(unit)
        return f"{self.signed(value, unit)} {unit}".strip()

    def signed(self, value: float, unit: str) -> str:
        """A signed number; shares times a hundred."""
        text = self._percent(value) if unit in ("share", self("points")) else significant(value)
        return f"+{text}" if value > 0 else text

    def _percent(self, value: float) -> str:
        value *= 100
        text = f"{abs(value):.1f}" if abs(value) >= 0.95 or value == 0 else f"{abs(value):.2g}"
        if "e" in text:
            text = "<0.0001"
        return ("\u2212" if value < 0 else "") + text

    def band(self, low: float | None, high: float | None, unit: str) -> str:
        """A band of differences without its unit: low to high."""
        if low is None or high is None:
            return self("null")
        return self("band", low=self.signed(low, unit), high=self.signed(high, unit))

    def levels(self, low: float | None, high: float | None, unit: str) -> str:
        """A band of levels: low to high with unit."""
        if low is None or high is None:
            return self("null")
        start = self._percent(low) if unit == "share" else significant(low)
        return self("band", low=start, high=self.value(high, unit))

    def listing(self, items: list[str]) -> str:
        """Join items as a list inside a sentence."""
        if len(items) < 2:
            return "".join(items)
        return self("comma").join(items[:-1]) + self("and") + items[-1]
