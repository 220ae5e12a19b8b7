"""The table after a run: bands from five replications on, below that each replication; nothing impossible."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.statistics import summarise
from app.summary import print_summary
from sim.base.outcomes import OUTCOMES
from tests.synthetic import Comparison, Run

SHARES = {"ai_supply_share": [0.57, 0.24, 0.54, 0.4, 0.5], "false_exposure_share": [0.44, 0.41, 0.43, 0.42, 0.45]}
OTHERS = {"ai_supply_share": [0.0] * 5, "false_exposure_share": [0.40, 0.40, 0.40, 0.39, 0.41]}


def arm(levels: dict[str, list[float]], n: int) -> list[Run]:
    """Runs of which some outcomes stand still at a level a replication."""
    dates = pd.date_range("2022-01-03", periods=60, freq="7D", name="date")
    return [
        Run(pd.DataFrame({name: np.full(60, levels[name][k]) for name in levels}, index=dates), {}, {})
        for k in range(n)
    ]


def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, n: int, paired: bool = True) -> str:
    """What the terminal shows of made-up runs, wide enough that no line is broken."""
    monkeypatch.setenv("COLUMNS", "200")
    arms = {"baseline": arm(SHARES, n)} | ({"no_ai": arm(OTHERS, n)} if paired else {})
    against = "no_ai" if paired else None
    rows = summarise(Comparison("baseline", against, arms))
    summary: dict[str, Any] = {"scenario": "baseline", "against": against, "replications": n,
                               "averaged": "the last 13 weeks since release",
                               "report": str(Path("x", "report.html")), "outcomes": rows}  # fmt: skip
    print_summary(summary)
    return capsys.readouterr().out.replace("\u00a0", " ")


def test_three_replications_are_listed_with_in_how_many_pairs_there_is_more(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = {
        line.split("  ")[1].strip(): line
        for line in shown(capsys, monkeypatch, 3).splitlines()
        if " AI share of" in line or "Inaccurate exposures" in line
    }
    text = "\n".join(lines.values())
    assert "57.0, 24.0, 54.0 %" in text and "AI's own" in text
    assert "44.0, 41.0, 43.0 %" in text and "+4.0, +1.0, +3.0 pp" in text and "more in all 3 pairs" in text
    said = shown(capsys, monkeypatch, 3)
    assert said.startswith("Mean of the last 13 weeks since release, by replication")
    assert "this run has 3" in said and "…" not in said and "95 %" not in said and "?" not in said


def test_five_replications_have_bands_and_what_only_ai_has_is_a_typical_level(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = shown(capsys, monkeypatch, 5)
    own = next(line for line in said.splitlines() if "AI share of new items" in line)
    arms = {"baseline": arm(SHARES, 5), "no_ai": arm(OTHERS, 5)}
    row = summarise(Comparison("baseline", "no_ai", arms))["ai_supply_share"]
    assert f"{100 * row['typical']:.1f} %" in own and f"{100 * row['low']:.1f} … {100 * row['high']:.1f}" in own
    assert own.rstrip().endswith("AI's own")
    deep = next(line for line in said.splitlines() if "Inaccurate exposures" in line)
    assert "43.0 %" in deep and "+3.0 pp" in deep and deep.rstrip().endswith("up")
    assert "not judged: the world without AI has none of this" in " ".join(said.split())


def test_one_arm_shows_the_typical_replication_with_its_band_or_each(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = " ".join(shown(capsys, monkeypatch, 5, paired=False).split())
    assert "A typical replication, and its 95 % band." in whole
    few = shown(capsys, monkeypatch, 2, paired=False)
    assert "57.0, 24.0 %" in few and "this run has 2" in few and "…" not in few


def table_of(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, *arms: list[float]) -> str:
    """The line that the terminal shows of one made-up outcome."""
    monkeypatch.setenv("COLUMNS", "220")
    made = dict(zip(("baseline", "no_ai"), (arm({name: levels}, len(levels)) for levels in arms), strict=False))
    against = "no_ai" if len(arms) > 1 else None
    rows = summarise(Comparison("baseline", against, made))
    print_summary(
        {
            "scenario": "baseline",
            "against": against,
            "replications": len(arms[0]),
            "report": "x",
            "averaged": "the last 52 weeks",
            "outcomes": rows,
        }
    )
    lines = capsys.readouterr().out.replace("\u00a0", " ").splitlines()
    return " ".join(next(line for line in lines if OUTCOMES[name].label in line).split())


def test_what_is_net_of_its_twin_shows_no_level(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = table_of(capsys, monkeypatch, "consumer_surplus", [1.0, 1.1, 1.2, 1.1, 1.0], [2.0, 2.2, 2.1, 2.0, 2.2])
    assert " net – -1.02 " in line and line.endswith("down")


def test_zeros_nulls_and_equal_values_are_told_as_what_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = table_of(capsys, monkeypatch, "ai_supply_share", [0.0] * 13 + [0.4, 0.41, 0.42, 0.4, 0.43, 0.42, 0.39])
    assert "– exactly 0 in 13 of 20 replications and in the other 7 typically 41.0 % (39.7 … 42.3)" in line
    line = table_of(capsys, monkeypatch, "reach_ratio_false", [math.nan] * 4 + [0.0])
    assert "(a value in 1 of 5 replications)" in line and "in all" not in line
    line = table_of(capsys, monkeypatch, "studios_open", [4.0] * 5, [4.0] * 5)
    assert line.endswith("4 4 +0 the same in all 5 ?")
