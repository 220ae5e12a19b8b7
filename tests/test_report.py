"""The report: self-contained, complete in both languages, and readable with one arm or one replication."""

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import yaml

from analysis.figures import concept_axes
from analysis.money import LEFT_OUT
from analysis.origins import command
from analysis.page import differences, plain
from analysis.predictions import PREDICTIONS
from analysis.report import Report, write_report
from analysis.text import Words, sentences, significant
from sim.outcomes import OUTCOMES
from sim.parameters import Settings, entries
from tests.synthetic import comparison, exhibits

ROOT = Path(__file__).resolve().parents[1]
CASES = {
    "full": {},
    "one arm": {"paired": False, "groups": False},
    "one replication": {"replications": 1, "groups": False},
    "short": {"replications": 1, "paired": False, "weeks": 26, "groups": False},
}


class Page(HTMLParser):
    """Addresses that a browser would fetch, ids, visible text by language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        if tag == "a":
            self.links.append(found.get("href") or "")
        else:
            self.fetched += [value for key in ("src", "href", "srcset", "data", "action") if (value := found.get(key))]


@cache
def written(case: str, folder: Path) -> str:
    """The page of a case."""
    return write_report(comparison(**CASES[case]), folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


def data(page: str) -> dict[str, Any]:
    """The figures that the page holds."""
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize("case", CASES)
def test_page_fetches_nothing_and_links_inside_itself(case: str, folder: Path) -> None:
    page = Page(written(case, folder))
    assert page.fetched == ["data:,"]
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert len(page.ids) == len(set(page.ids))
    assert {"change", "predictions", "parameters", "cite", *PREDICTIONS} <= set(page.ids)
    style = written(case, folder).split("</style>")[0]
    assert "url(" not in style and "@import" not in style


@pytest.mark.parametrize("case", CASES)
def test_page_has_no_loose_ends(case: str, folder: Path) -> None:
    page = written(case, folder)
    prose = page[page.index("<body>") : page.index("<script>")]
    assert not re.search(r"\b(nan|None|inf)\b", re.sub(r"<[^>]*>", " ", prose))
    assert prose.count('lang="en"') - prose.count('class="definition" lang="en"') == prose.count('lang="zh"')
    assert len(page) < 8_000_000


def test_what_is_missing_is_said(folder: Path) -> None:
    assert Words("en")("single_note") in written("one arm", folder).replace("&#x27;", "'")
    assert Words("en")("one_note") in written("one replication", folder)
    assert Words("zh")("one_note") in written("one replication", folder)
    assert "no clear effect" in written("full", folder)


def test_panels_without_outcomes_say_that_their_process_comes_later(folder: Path) -> None:
    page = written("full", folder)
    without = [name for name in PREDICTIONS if not any(row.prediction == name for row in OUTCOMES.values())]
    panels = {name: page.split(f'id="{name}">')[1].split("</article>")[0] for name in PREDICTIONS}
    for name, panel in panels.items():
        assert (Words("en")("verdicts.later") in panel) == (name in without)
        assert (Words("zh")("verdicts.later") in panel) == (name in without)


def test_ages_show_only_where_there_are_groups(folder: Path) -> None:
    assert "60+" in written("full", folder)
    assert 'id="ages"' not in written("one arm", folder)


def keys(node: Any, path: str = "") -> dict[str, set[str]]:
    """Every key of a tree of sentences, with the names that its sentence wants filled in."""
    if not isinstance(node, dict):
        return {path: set(re.findall(r"{(\w+)}", str(node)))}
    return {key: value for name, child in node.items() for key, value in keys(child, f"{path}.{name}").items()}


def test_languages_have_the_same_sentences() -> None:
    english, chinese = ({k: v for k, v in keys(sentences(code)).items() if not k.startswith(".units")}
                        for code in ("en", "zh"))  # fmt: skip
    assert english == chinese


def test_chinese_names_every_unit_and_group() -> None:
    units = {row.unit for row in OUTCOMES.values()} | {entry.info.unit for entry in entries(Settings)}
    assert units - {""} <= sentences("zh")["units"].keys()
    assert {entry.path.split(".")[0] for entry in entries(Settings)} == sentences("en")["parameters"]["groups"].keys()


def test_figures_differ_between_languages_only_in_words(folder: Path) -> None:
    figures = data(written("full", folder))["figures"]
    assert len(figures) > 30
    for figure in figures:
        assert all(isinstance(english, str) and isinstance(chinese, str) for _, english, chinese in figure["zh"])
    forest = {english: chinese for _, english, chinese in figures[0]["zh"]}
    assert forest["AI share of attention"] == "AI占注意力比例"


def test_plotly_accepts_every_figure(folder: Path) -> None:
    page = data(written("full", folder))
    for figure in page["figures"]:
        go.Figure(data=figure["data"], layout=figure["layout"] | {"template": page["template"]})


def test_data_are_rounded_and_nan_is_null() -> None:
    assert plain({"y": [1.23456789, np.nan], "n": np.int64(3)}) == {"y": [1.235, None], "n": 3}
    assert plain(np.array([1.0, np.nan])) == {"dtype": "f8", "bdata": "AAAAAAAA8D8AAAAAAAD4fw=="}
    assert list(differences({"a": [1, "x"]}, {"a": [1, "y"]})) == [[["a", 1], "x", "y"]]


def test_numbers_are_written_as_people_write_them() -> None:
    written = [significant(value) for value in (0.0, 1234567.0, -12.345, 0.00001234, 999.9)]
    assert written == ["0", "1,230,000", "−12.3", "0.0000123", "1,000"]
    words = Words("en")
    assert words.value(0.1234, "share") == "12.3%"
    assert words.difference(-0.0123, "share") == "−1.2 pp"
    assert Words("zh").difference(0.2, "share") == "+20.0 个百分点"


def test_command_repeats_the_run() -> None:
    line = command(Report(comparison()))
    assert line == ("metavalue run baseline world=standard culture.imagination=0.4 --against no_ai --seed 0 "
                    "--replications 3")  # fmt: skip


def test_map_axes_come_from_human_works_before_release_alone() -> None:
    works = exhibits(True, 0)["works"]
    moved = works.copy()
    later = moved["origin"] != "human"
    moved.loc[later, "c3"] += 50
    for one, other in zip(concept_axes(works, "2022-11-28"), concept_axes(moved, "2022-11-28"), strict=True):
        assert (one == other).all()
    early = moved["week"] < 52
    moved.loc[early & (moved["genre"] > 3), "c3"] += 50
    assert abs(concept_axes(moved, "2022-11-28")[1][0]).argmax() == 3


def test_every_flow_of_money_has_a_name_in_both_languages() -> None:
    sources = [ROOT / "sim" / "processes" / "payment.py", ROOT / "sim" / "billing.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    posted = set(re.findall(r'post\(\s*"([a-z -]+)"', text)) | set(re.findall(r'^        \("([a-z ]+)", "', text, re.M))
    shown = posted - set(LEFT_OUT)
    assert {"payout", "custom work", "compute"} <= shown
    for language in ("en", "zh"):
        named = yaml.safe_load((ROOT / "analysis" / "text" / f"{language}.yaml").read_text(encoding="utf-8"))
        assert shown <= set(named["money"]["flows"]), language
