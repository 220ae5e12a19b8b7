"""The report: one self-contained page in English and Chinese, from a comparison to an HTML file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis import pictures
from analysis.changes import change
from analysis.intervals import MIN_REPLICATIONS
from analysis.material import Report
from analysis.origins import cite, parameters
from analysis.page import assemble, both, say
from analysis.panels import predictions
from analysis.statistics import averaged
from analysis.telling import active, day, level, precision, replications
from analysis.telling import change as told_change
from analysis.text import Words
from sim.base.files import write_safely
from sim.settings import Settings

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison

# the bottom line speaks of these, in this order
CHANGES = ("items_new", "depth_used", "false_exposure_share", "trust_mean", "creativity_premium")
SHARES = {"supply": "ai_supply_share", "attention": "ai_attention_share", "revenue": "ai_revenue_share"}
SECTIONS = (
    "change", "shares", "predictions", "money", "platforms", "network", "concepts", "ages", "parameters", "cite",
)  # fmt: skip


def _part_of_ai(report: Report, words: Words) -> str:
    """Say what AI makes, which attention it holds and what it earns.

    Where it makes nothing in some replications: in how many, and the numbers of the others.
    """
    rows = {key: report.summary[name] for key, name in SHARES.items()}
    n, scenario = report.replications, words.arm(report.comparison.scenario)
    kind = "without_ai" if "without_ai" in rows["supply"]["reasons"] else "scenario"
    idle = {(row["zeros"], row["ones"], row["n"]) for row in rows.values()}
    if n >= MIN_REPLICATIONS and idle == {(zeros := rows["supply"]["zeros"], 0, n)} and zeros:
        others = "one" if n - zeros == 1 else "typical" if rows["supply"]["low"] is not None else "few"
        told = {key: active(row, words) for key, row in rows.items()}
        opening = words(f"bottom.idle.{kind}", scenario=scenario, zeros=zeros, n=n)
        return words(f"bottom.idle.{others}", opening=opening, others=n - zeros, **told)
    known = [row for row in rows.values() if row["mean"] is not None]
    whole = all(row["low"] is not None and not row["conditional"] for row in known)
    count = "one" if n == 1 else "typical" if whole else "few"
    number = words(f"counts.{n}") if 1 < n < MIN_REPLICATIONS else str(n)
    opening = words(f"bottom.{kind}.{count}", count=number, scenario=scenario)
    return words("bottom.lead", opening=opening, **{key: level(row, words) for key, row in rows.items()})


def bottom_line(report: Report, words: Words) -> str:
    """Sum up the comparison in two or three sentences."""
    rows = report.summary
    supply = rows[SHARES["supply"]]
    lead = _part_of_ai(report, words) if supply["mean"] else words("bottom.lead_plain")
    clear, each, unclear = [], [], []
    for name in CHANGES:
        row = rows[name]
        if row["effect"] in ("up", "down"):
            clear.append(told_change(name, row, words))
        elif row["effect"]:
            unclear.append(words.outcome_inline(name))
        elif row["difference"] is not None:
            each.append(told_change(name, row, words))
    tail = [words("bottom.moves", changes=words.listing(clear))] if clear else []
    other = words.arm(report.against or "")
    moves = "bottom.moves_one" if report.replications == 1 else "bottom.moves_few"
    twin = words("bottom.twin_without_ai" if "without_ai" in supply["reasons"] else "bottom.twin", name=other)
    tail += [words(moves, changes=words("semicolon").join(each), against=twin)] if each else []
    tail += [words("bottom.none", labels=words.listing(unclear))] if unclear else []
    return (" " if words.language == "en" else "").join([lead, *tail])


def _legend(report: Report) -> str:
    """Explain the numbers in the bottom line: intervals in brackets, or one value per replication."""
    n, run = report.replications, report.runs[0]
    if n == 1:
        return ""
    banded = any(report.summary[name]["low"] is not None for name in SHARES.values())
    key = "bottom.each" if n < MIN_REPLICATIONS else "bottom.brackets" if banded else "bottom.brackets_changes"
    return both(lambda w: w(key, n=n, averaged=averaged(run, w)), "p", "small")


def _note(report: Report) -> str:
    """Say what was not run (a second arm, more replications), and how to run it."""
    if not report.against:
        return say("single_note", "p", "callout")
    if report.replications == 1:
        return say("one_note", "p", "callout")
    few = report.replications < MIN_REPLICATIONS
    return say("few_note", "p", "callout", n=report.replications) if few else ""


def _precision(report: Report) -> str:
    """Say how closely outcomes are known, where `--precision` decided on the number of replications."""
    told = report.comparison.manifest.get("precision")
    return both(lambda w: precision(told, w), "p", "small") if told else ""


def _draws(report: Report) -> str:
    """Say that the luck of who creates is taken out, where human producers are spread over their laws."""
    spread = report.settings(report.comparison.scenario).get("world.draws") == "stratified"
    return say("stratified", "p", "small") if spread else ""


def _header(report: Report) -> str:
    """Write the page's head: title, facts of the run, warnings, bottom line, and links to the sections."""
    buttons = "".join(
        f'<button type="button" data-language="{code}">{name}</button>'
        for code, name in (("en", "English"), ("zh", "中文"))
    )
    frame = report.runs[0].outcomes
    start, end = (day(pd.Timestamp(frame.index[place])) for place in (0, -1))
    settings = report.settings(report.comparison.scenario)
    consumers = settings.get("world.consumers", Settings().world.consumers)
    kind = "subtitle_paired" if report.against else "subtitle_single"
    links = "".join(f'<a href="#{name}">{say(f"{name}.title")}</a>' for name in _present(report))
    return (
        f'<div class="bar">{say("brand", css="brand")}<div class="switch" role="group">{buttons}</div></div>'
        + say("title", "h1")
        + both(
            lambda w: w(kind, scenario=w.arm(report.comparison.scenario), against=w.arm(report.against or "")),
            "p",
            "subtitle",
        )
        + both(
            lambda w: w(
                "facts",
                consumers=f"{consumers:,}",
                weeks=len(frame),
                start=start,
                end=end,
                replications=replications(report, w),
            ),
            "p",
            "facts",
        )
        + _warnings(report)
        + both(lambda w: bottom_line(report, w), "p", "bottom")
        + _legend(report)
        + _precision(report)
        + _draws(report)
        + _note(report)
        + f"<nav>{links}</nav>"
    )


def _warnings(report: Report) -> str:
    """Write the manifest's warnings, which a reader should see before the numbers."""

    def told(warning: Mapping[str, str]) -> str:
        return both(lambda w: w("warning", text=warning["text_zh" if w.language == "zh" else "text"]), "p", "callout")

    return "".join(map(told, report.manifest.get("warnings", ())))


def _present(report: Report) -> list[str]:
    """List the sections for which this comparison has data."""
    needs = {"money": "flows", "platforms": "platforms", "network": "nodes", "concepts": "works"}
    return [
        name
        for name in SECTIONS
        if (name not in needs or len(report.exhibit(needs[name]))) and (name != "ages" or pictures.has_ages(report))
    ]


BUILD = {
    "change": change,
    "shares": pictures.shares,
    "predictions": predictions,
    "money": pictures.money,
    "platforms": pictures.platforms,
    "network": pictures.network,
    "concepts": pictures.concepts,
    "ages": pictures.ages,
    "parameters": parameters,
    "cite": cite,
}


def write_report(comparison: Comparison, path: str | os.PathLike[str]) -> Path:
    """Write a comparison as one self-contained bilingual HTML page.

    Parameters
    ----------
    comparison : a scenario's replications, perhaps with those of its paired arm.
    path : the file to write; its folder must exist.

    Returns
    -------
    Path
        The file.
    """
    report = Report(comparison)
    body = "".join(BUILD[name](report) for name in _present(report))
    footer = both(lambda w: f"{w('brand')} {report.manifest.get('model_version', '')}")
    page = assemble(lambda w: f"{w('title')} · {w('brand')}", _header(report), body, footer, report.figures)
    write_safely(Path(path), lambda file: file.write(page.encode("utf-8", "backslashreplace")))
    return Path(path)
