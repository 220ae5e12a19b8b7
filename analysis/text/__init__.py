"""The page's sentences and number formats in English and Chinese; names of things come from the registries."""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files
from typing import Any

from sim.base.outcomes import OUTCOMES
from sim.money.flows import ACCOUNTS, FLOWS, Account, Flow
from sim.settings import Parameter
from sim.settings.scenario import metadata, names, read_yaml

LANGUAGES = ("en", "zh")


@cache
def sentences(language: str) -> dict[str, Any]:
    """Read a language's sentences."""
    text = (files(__package__) / f"{language}.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = read_yaml(text)
    return table


def significant(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits, thousands separated, never in powers of ten."""
    if abs(value) < 1e-9:
        return "0"
    rounded = float(f"{abs(value):.{digits}g}")
    magnitude = f"{rounded:,.{max(0, digits - 1 - math.floor(math.log10(rounded)))}f}"
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

    def outcome(self, name: str) -> str:
        """Return the label of an outcome."""
        outcome = OUTCOMES[name]
        return outcome.label_zh if self.language == "zh" else outcome.label

    def outcome_inline(self, name: str) -> str:
        """Return the label of an outcome for use inside a sentence.

        Its first letter becomes small, unless its first word is in capitals, such as AI.
        """
        label = self.outcome(name)
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]

    def parameter(self, parameter: Parameter) -> str:
        """Return the label of a parameter."""
        return parameter.info.label_zh if self.language == "zh" else parameter.info.label

    def unit(self, unit: str) -> str:
        """Return a unit's name; "" for plain numbers."""
        return str(self._sentences["units"].get(unit, unit))

    def named(self, group: str, name: str) -> str:
        """Return the label of a packaged scenario, platform or policy; a user's own goes by its name."""
        if name not in names(group):
            return name.replace("_", " ")
        return metadata(group, name)["label_zh" if self.language == "zh" else "label"]

    def account(self, name: str) -> str:
        """Return the name of a class of accounts; one that no longer exists goes by its own name."""
        return self._label(ACCOUNTS.get(name), name)

    def flow(self, name: str) -> str:
        """Return the name of a flow of money; one that no longer exists goes by its own name."""
        return self._label(FLOWS.get(name), name)

    def _label(self, known: Account | Flow | None, name: str) -> str:
        """Return the label of an account or flow in this language; an unknown one goes by its own name."""
        if known is None:
            return name.replace("_", " ")
        return known.label_zh if self.language == "zh" else known.label

    def arm(self, name: str) -> str:
        """Return the label of an arm: its scenario, and what it adds to it (`baseline+labelling`)."""
        scenario, *added = name.split("+")
        labels = [self.named("policy", piece) if piece in names("policy") else piece for piece in added]
        return " + ".join([self.named("scenario", scenario), *labels])

    def number(self, value: float | None, unit: str) -> str:
        """Write a level without its unit's name; shares in percent."""
        if value is None:
            return self("null")
        return f"{self._percent(value)}%" if unit == "share" else significant(value)

    def value(self, value: float | None, unit: str) -> str:
        """Write a level with its unit."""
        return self.number(value, unit) if value is None else f"{self.number(value, unit)} {self.unit(unit)}".strip()

    def difference(self, value: float | None, unit: str) -> str:
        """Write a signed difference with its unit; of shares in percentage points."""
        if value is None:
            return self("null")
        unit = self("points") if unit == "share" else self.unit(unit)
        return f"{self.signed(value, unit)} {unit}".strip()

    def signed(self, value: float, unit: str) -> str:
        """Write a signed number; shares times a hundred."""
        text = self._percent(value) if unit in ("share", self("points")) else significant(value)
        return f"+{text}" if value > 0 else text

    def _percent(self, value: float) -> str:
        """Write a share as a number of percent, without the sign %."""
        value *= 100
        if value == 0:
            return "0"
        return significant(value, 2) if abs(value) < 0.95 else f"{value:.1f}".replace("-", "\u2212")

    def band(self, low: float | None, high: float | None, unit: str) -> str:
        """Write the interval of a difference, low to high, as signed numbers.

        The unit says how numbers are written (shares in percent), and is not written itself.
        """
        if low is None or high is None:
            return self("null")
        return self("band", low=self.signed(low, unit), high=self.signed(high, unit))

    def levels(self, low: float | None, high: float | None, unit: str) -> str:
        """Write the interval of a level, low to high, without its unit's name."""
        if low is None or high is None:
            return self("null")
        return self("band", low=self.number(low, unit).removesuffix("%"), high=self.number(high, unit))

    def listing(self, items: list[str]) -> str:
        """Join items as a list inside a sentence."""
        if len(items) < 2:
            return "".join(items)
        return self("comma").join(items[:-1]) + self("and") + items[-1]
