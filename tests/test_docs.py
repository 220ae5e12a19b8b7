"""The committed tables of docs/ are what the registries say; cited evidence exists."""

import re
import runpy
from pathlib import Path

import pytest

from sim.base.outcomes import OUTCOMES
from sim.settings import Settings, parameters_of

ROOT = Path(__file__).resolve().parents[1]
BUILD = runpy.run_path(str(ROOT / "docs" / "build.py"), run_name="build")


@pytest.mark.parametrize("name", sorted(BUILD["PAGES"]))
def test_table_is_current(name: str) -> None:
    current = (ROOT / "docs" / name).read_text(encoding="utf-8") == BUILD["PAGES"][name]()
    assert current, f"docs/{name} is stale: run docs/build.py"  # pytest's own comparison of such texts takes minutes


def test_every_outcome_has_a_row() -> None:
    page = BUILD["outcomes"]()
    assert not [name for name in OUTCOMES if f"`{name}`" not in page]


def test_cited_evidence_is_in_the_table() -> None:
    known = set(re.findall(r"^\| ([IC]\d+) \|", (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8"), re.M))
    texts = [e.info.source + " " + e.info.description for e in parameters_of(Settings)]
    texts += [outcome.source for outcome in OUTCOMES.values()]
    cited = {key for text in texts for key in re.findall(r"\b[IC]\d+\b", text)}
    assert cited and cited <= known, sorted(cited - known)


def test_second_hand_evidence_is_called_so() -> None:
    """Whoever cites a row that nobody read at the source must say so."""
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    second_hand = set(re.findall(r"^\| (I\d+) \|.*†", page, re.M))
    silent = [
        parameter.path
        for parameter in parameters_of(Settings)
        if second_hand & set(re.findall(r"\bI\d+\b", parameter.info.source))
        and "second-hand" not in parameter.info.source
    ]
    assert second_hand and not silent, silent
