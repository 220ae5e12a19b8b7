"""A row of the summary in words: numbers, bands and listed replications as sentences want them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.intervals import MIN_REPLICATIONS
from analysis.text import Words, significant
from sim.base.outcomes import OUTCOMES

if TYPE_CHECKING:
    from analysis.material import Report

MAX_LISTED = 12  # replications that are listed one by one; of more, the lowest and the highest are shown
Row = Mapping[str, Any]


def day(date: pd.Timestamp) -> str:
    """Write a date as ISO text that does not break at its hyphens."""
    return str(date.date()).replace("-", "\u2011")


def numbers(values: Sequence[float | None]) -> list[float]:
    """Drop values that are null."""
    return [value for value in values if value is not None and not math.isnan(value)]


def listed(values: Sequence[float | None], unit: str, words: Words) -> str:
    """List levels one by one, with the unit once: "57, 24 and 54%"."""
    told = numbers(values)
    texts = [words.number(value, unit).removesuffix("%") for value in told]
    end = "%" if unit == "share" else f" {words.unit(unit)}".rstrip()
    return _few_or_ends(texts, told, words) + end if told else words("null")


def listed_differences(values: Sequence[float | None], unit: str, words: Words) -> str:
    """List signed differences one by one, with the unit once: "+1.2, −0.3 and +4.0 pp"."""
    told = numbers(values)
    texts = [words.signed(value, unit) for value in told]
    end = words("points") if unit == "share" else words.unit(unit)
    return f"{_few_or_ends(texts, told, words)} {end}".rstrip() if told else words("null")


def _few_or_ends(texts: list[str], values: list[float], words: Words) -> str:
    """List texts one by one where they are few, otherwise those of the lowest and the highest value."""
    if len(texts) <= MAX_LISTED:
        return words.listing(texts)
    places = sorted(range(len(values)), key=values.__getitem__)
    return words("band", low=texts[places[0]], high=texts[places[-1]])


def extremes(row: Row, words: Words) -> str:
    """How many replications lie at exactly 0 or 1, in words; nothing where none does, or each is listed anyway."""
    n = row["n"]
    if n < MIN_REPLICATIONS:
        return ""
    top = words.number(1.0, row["unit"])
    told = [
        words("extremes_all" if count == n else "extremes", value=value, count=count, n=n)
        for value, count in (("0", row["zeros"]), (top, row["ones"]))
        if count
    ]
    return words.listing(told)


def counted(row: Row, words: Words) -> str:
    """How many replications or pairs have a value, where some have none."""
    if not row["nulls"] or not row["n"]:
        return ""
    kind = "counted" if row["difference"] is None else "counted_pairs"
    return words(kind, n=row["n"], all=row["n"] + row["nulls"])


def conditional(row: Row, typical: str, words: Words) -> str:
    """Write the interval of those replications that do not lie at exactly 0 or 1, and how many do."""
    others = row["n"] - row["zeros"] - row["ones"]
    return words("conditional", rest=extremes(row, words), others=others, level=typical)


def level_band(row: Row, words: Words) -> str:
    """Write the interval of a level without its unit's name, or say that all replications are the same."""
    if row["low"] is not None and row["low"] == row["high"]:
        return words("alike", n=row["n"] - row["zeros"] - row["ones"])
    return words.levels(row["low"], row["high"], row["unit"])


def level(row: Row, words: Words, count: bool = True) -> str:
    """Write a level: the typical replication with its interval, or every replication.

    Add how many lie at 0 or 1, or have no value.
    """
    unit, nulls = row["unit"], counted(row, words) if count else ""
    if row["low"] is None:
        rest, value = extremes(row, words), listed(row["values"], unit, words)
        if rest and max(row["zeros"], row["ones"]) == row["n"]:
            value, rest = rest, ""
        return _beside(value, [rest, nulls], words)
    value, band = words.value(row["typical"], unit), level_band(row, words)
    if row["conditional"]:
        return conditional(row, _beside(value, [band, nulls], words), words)
    return _beside(value, [band, nulls], words)


def active(row: Row, words: Words) -> str:
    """Write a level of the replications that are not exactly 0: the typical one with its interval, or each."""
    if row["low"] is None:
        return listed([value for value in row["values"] if value], row["unit"], words)
    return _beside(words.value(row["typical"], row["unit"]), [level_band(row, words)], words)


def _beside(value: str, notes: Sequence[str], words: Words) -> str:
    """Write a value followed by its notes in brackets, if it has any."""
    told = [note for note in notes if note]
    return words("beside", value=value, rest=words("semicolon").join(told)) if told else value


def difference(row: Row, words: Words) -> str:
    """Write a paired difference: its mean with its interval, or pair by pair."""
    unit, nulls = row["unit"], counted(row, words)
    if row["difference_low"] is None:
        return _beside(listed_differences(row["differences"], unit, words), [nulls], words)
    return _beside(words.difference(row["difference"], unit), [difference_band(row, words), nulls], words)


def difference_band(row: Row, words: Words, points: bool = True) -> str:
    """Write the interval of a difference (of shares with its unit), or say that it is the same in all pairs."""
    if row["difference_low"] is not None and row["difference_low"] == row["difference_high"]:
        return words("alike", n=row["n"])
    end = words("points") if row["unit"] == "share" and points else ""
    return f"{words.band(row['difference_low'], row['difference_high'], row['unit'])} {end}".strip()


def agreement(gaps: Sequence[float | None], words: Words, mark: str = "") -> str:
    """Say in how many pairs the first arm is higher, lower and the same, without any claim beyond them.

    With `mark`, the text of a level, say how many replications lie above, below and at it.
    """
    told = numbers(gaps)
    kinds = ("above", "below", "at") if mark else ("more", "less", "same")
    counts = [sum(gap > 0 for gap in told), sum(gap < 0 for gap in told), sum(gap == 0 for gap in told)]
    if not told:
        return words("null")
    most = max(range(3), key=counts.__getitem__)
    if counts[most] == len(told):
        return words(f"agreement.{kinds[most]}_{'one' if len(told) == 1 else 'all'}", n=len(told), mark=mark)
    parts = [
        words(f"agreement.{kind}_part", count=count, mark=mark)
        for kind, count in zip(kinds, counts, strict=True)
        if count
    ]
    return words(f"agreement.part_{'marked' if mark else 'paired'}", told=words("comma").join(parts), n=len(told))


def change(name: str, row: Row, words: Words) -> str:
    """Write what became of an outcome, as part of a sentence.

    It says from and to with the interval of the change, or lists the change pair by pair.
    """
    unit, label = row["unit"], words.outcome_inline(name)
    if row["difference_low"] is None:
        told = listed_differences(row["differences"], unit, words)
        how = agreement(row["differences"], words)
        if len(numbers(row["differences"])) == 1:
            return words("bottom.change_one", label=label, difference=told)
        return words("bottom.change_few", label=label, difference=told, how=how)
    return words(
        f"bottom.{'change_net' if OUTCOMES[name].twin else 'change'}",
        label=label,
        band=words("semicolon").join(note for note in (difference_band(row, words), counted(row, words)) if note),
        mean=words.value(row["mean"], unit),
        against=words.number(row["against"], unit),
        difference=words.difference(row["difference"], unit),
    )


def replications(report: Report, words: Words) -> str:
    """Say how many replications were run."""
    if report.replications == 1:
        return words("replications_one")
    return words("replications_many" if report.against else "replications_single_arm", n=report.replications)


def precision(told: Mapping[str, Any], words: Words) -> str:
    """Say which precision was asked for, whether it was reached, and which outcomes did not count.

    See `analysis.precision`.
    """
    rows = told["outcomes"]
    wide = sum(not row["narrow"] for row in rows.values())
    kind = "nothing" if not rows else "reached" if told["reached"] else "missed" if wide else "unsure"
    values: dict[str, object] = {"n": len(rows), "wide": wide, "replications": told["replications"]}
    if rows:
        row = rows[told["widest"]]
        half = significant(100 * row["half_width"], 2)
        widest = words(f"precision.{row['unit']}", label=words.outcome_inline(told["widest"]), half=half)
        values |= {"asked": f"{100 * told['asked']:g}", "widest": widest}
    left = words.listing([words.outcome_inline(name) for name in told["left_out"]])
    sentences = [words(f"precision.{kind}", **values)] + [words("precision.left_out", names=left)] * bool(left)
    return (" " if words.language == "en" else "").join(sentences)
