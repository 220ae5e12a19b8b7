"""The report: self-contained, complete in both languages, and readable with one arm or one replication."""

import html
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from analysis.changes import change
from analysis.figures import _edges, concept_axes, fan, forest
from analysis.material import Report
from analysis.origins import command
from analysis.page import differences, plain
from analysis.panels import panel as panel_of
from analysis.predictions import PREDICTIONS
from analysis.report import _header, bottom_line, write_report
from analysis.telling import level
from analysis.text import LANGUAGES, Words, sentences, significant
from sim.base.outcomes import OUTCOMES
from sim.settings import Settings, parameters_of
from tests.synthetic import comparison, exhibits

ROOT = Path(__file__).resolve().parents[1]
CASES = {
    "full": {},
    "one arm": {"paired": False, "groups": False},
    "one replication": {"replications": 1, "groups": False},
    "three replications": {"replications": 3, "groups": False},
    "three of one arm": {"replications": 3, "paired": False, "groups": False},
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
    for language in LANGUAGES:
        assert Words(language)("few_note", n=3) in written("three replications", folder)
    assert "no clear effect" in prose(written("full", folder)).split("Where a band covers zero")[1]


def prose(page: str) -> str:
    """The text that a reader sees, in both languages."""
    body = page[page.index("<body>") : page.index("<script>")]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body)))


def section_of(page: str, name: str) -> str:
    """One section's text."""
    return prose("<body>" + page.split(f'<section id="{name}">')[1].split("</section>")[0] + "<script>")


def forests_of(page: str) -> list[dict[str, Any]]:
    """The figures with a row an outcome."""
    return [fig for fig in data(page)["figures"] if fig["layout"].get("yaxis", {}).get("type") == "category"]


@pytest.mark.parametrize("case", ["one replication", "three replications", "three of one arm"])
def test_few_replications_are_listed_and_drawn_as_dots_without_bands_effects_or_verdicts(
    case: str, folder: Path
) -> None:
    page = written(case, folder)
    said = section_of(page, "change") + section_of(page, "predictions")
    for word in ("no clear effect", "没有明确影响", "95% band", "95%区间", "Gain from pairing"):
        assert word not in said
    assert not re.search(r'class="(up|down|unclear|supported|contradicted)"', page)
    for tag in re.findall(r'class="tag ([^"]+)"', page):
        assert tag in ("not-judged", "later")
    assert not any("error_x" in trace for figure in data(page)["figures"] for trace in figure["data"])
    assert not any(
        "fill" in trace
        for figure in data(page)["figures"][:40]
        for trace in figure["data"]
        if not trace.get("stackgroup")
    )
    forests = forests_of(page)
    n = CASES[case]["replications"]
    assert all(len(trace["x"]) == n for figure in forests for trace in figure["data"])
    assert forests or case == "three of one arm"


def test_replications_that_are_equal_are_counted_beside_their_dot_and_none_is_cut() -> None:
    made = comparison()
    for run in made.arms["baseline"][:4]:
        run.outcomes["ai_supply_share"] = 0.0
    drawn = forest(Report(made).summary, ["ai_supply_share", "ai_attention_share"], "own", Words("en"))["data"]
    dots = {trace["name"]: trace for trace in drawn}
    assert dots["AI share of new items"]["text"] == ["×4", "", "", "", ""]
    assert dots["AI share of new items"]["x"][:4] == [0.0] * 4 and "text" not in dots["AI share of attention"]
    assert all(trace["cliponaxis"] is False for trace in drawn)


def test_three_replications_are_told_one_by_one_in_words_and_tables(folder: Path) -> None:
    made = comparison(**CASES["three replications"])
    row = Report(made).summary["ai_supply_share"]
    texts = {"en": "In the three replications AI makes {} of new items"}
    texts["zh"] = "在三次重复中，AI制作的内容占新内容的 {}"
    for language, text in texts.items():
        words = Words(language)
        values = words.listing([words.number(value, "share").removesuffix("%") for value in row["values"]]) + "%"
        assert text.format(values) in prose(written("three replications", folder))
        assert values in section_of(written("three replications", folder), "change")
    few = section_of(written("three replications", folder), "change")
    assert re.search(r"more in (all 3|2, less in 1 of 3) pairs", few)
    assert "below 50.0% in all 3 replications" in section_of(written("three replications", folder), "predictions")
    assert "In the three replications" not in prose(written("three of one arm", folder))
    assert "in three replications, AI makes" in prose(written("three of one arm", folder))


def test_one_pair_is_told_as_one_pair_and_few_against_their_twins(folder: Path) -> None:
    one, few = prose(written("one replication", folder)), prose(written("three replications", folder))
    assert "In the one replication AI makes" in one and "在唯一的一次重复中，AI制作的内容占新内容的" in one
    assert "In the one pair of runs, against the world without AI: new items +" in one
    assert "与没有AI的世界相比（仅一对）：新内容数 +" in one
    assert "Against their twins: new items more in all 3 pairs (+" in few
    assert "与各自的对照相比：新内容数，3 对全部增加（+" in few


def test_five_replications_name_the_typical_one_and_do_not_judge_what_only_ai_has(folder: Path) -> None:
    page = written("full", folder)
    row = Report(comparison()).summary["ai_attention_share"]
    words = Words("en")
    band = words.levels(row["low"], row["high"], "share")
    assert f"holds {words.number(row['typical'], 'share')} ({band})" in prose(page)
    assert "In a typical world AI makes" in prose(page)
    said = section_of(page, "change")
    assert "typical replication" in said and "Not judged: the world without AI has none of this." in said
    assert "不作判断：没有AI的世界里不存在。" in said
    forests = forests_of(page)
    assert any("error_x" in trace for figure in forests for trace in figure["data"])
    labels = [{label for trace in figure["data"] for label in trace["y"]} for figure in forests]
    assert "AI share of attention" in labels[1] and not any("AI share of attention" in labels[k] for k in (0, 2))


def test_replications_at_exactly_0_are_counted_in_words() -> None:
    made = comparison(6, paired=False)
    for run in made.arms["baseline"][:2]:
        run.outcomes["ai_supply_share"] = 0.0
    row = Report(made).summary["ai_supply_share"]
    assert (row["zeros"], row["low"]) == (2, None)
    assert "exactly 0 in 2 of 6 replications" in level(row, Words("en"))
    opening = "Under Generative AI as observed, in 6 replications, AI makes"
    assert bottom_line(Report(made), Words("en")).startswith(opening)
    made.arms["baseline"] += comparison(8, paired=False).arms["baseline"][6:]
    row = Report(made).summary["ai_supply_share"]
    said = level(row, Words("zh"))
    assert row["low"] is not None and said.startswith("8 次重复中有 2 次恰为 0，其余 6 次的典型值为 ")
    told = bottom_line(Report(made), Words("en"))
    assert "n a typical" not in told
    assert "AI makes exactly 0 in 2 of 8 replications and in the other 6 typically" in told
    page = " ".join(change(Report(made)).split())
    assert "exactly 0 in 2 of 8 replications and in the other 6 typically" in page


@pytest.mark.parametrize(("n", "idle"), [(5, 4), (6, 3), (12, 7)])
def test_headline_counts_replications_in_which_ai_makes_nothing_and_tells_the_others(n: int, idle: int) -> None:
    made = comparison(n, groups=False)
    for run in made.arms["baseline"][:idle]:
        run.outcomes[["ai_supply_share", "ai_attention_share", "ai_revenue_share"]] = 0.0
    report = Report(made)
    said = {language: bottom_line(report, Words(language)) for language in LANGUAGES}
    others = n - idle
    value = Words("en").number(report.summary["ai_supply_share"]["values"][-1], "share")
    told = {1: f"one it makes {value} of", 3: "3 it makes", 5: "5 it typically makes"}[others]
    assert said["en"].startswith(f"In {idle} of {n} replications AI makes nothing by itself; in the other {told}")
    assert said["zh"].startswith(f"{n} 次重复中有 {idle} 次没有AI自主制作的内容；其余 {others} 次中，AI制作的内容")
    assert ("通常占新内容的" in said["zh"]) == (others == 5) and "exactly 0" not in said["en"]
    assert ("shares of a typical replication" in _header(report)) == (others == 5)


def test_no_share_or_difference_of_shares_on_the_page_is_impossible(folder: Path) -> None:
    for case in CASES:
        said = prose(written(case, folder))
        assert all(
            abs(float(text.replace(",", "").replace("−", "-"))) <= 100
            for text in re.findall(r"([−+]?[\d,.]+)(?= pp| 个百分点|%)", said)
            if text not in (",", ".")
        )
        assert not re.search(r"−[\d.]+%", said)


def test_five_replications_say_why_nothing_is_judged() -> None:
    made = comparison()
    for run in made.arms["baseline"][:4]:
        run.outcomes[["ai_supply_share", "ai_attention_share", "ai_revenue_share"]] = 0.0
        run.outcomes[["turing_pass_rate", "visibility_odds_ratio"]] = np.nan
    report = Report(made)
    assert {one.reason for one in report.verdict("P1").measures} == {"few"}
    said = prose("<body>" + panel_of(report, "P1") + "<script>")
    assert "in 4 of 5 replications all are exactly 0, too many for a band" in said
    assert "5 次重复中有 4 次全部恰为 0，无法给出区间" in said
    assert "five or more replications of two arms" not in said
    made.arms["baseline"][3].outcomes["ai_supply_share"] = 0.2
    assert "too many replications have no value or one of exactly 0 or 1" in panel_of(Report(made), "P1")


def test_what_was_fitted_is_context_and_decides_on_no_claim(folder: Path) -> None:
    found = {one.name: one for one in Report(comparison()).verdict("P4").measures}
    assert (found["interactive_time_share"].finding, found["interactive_time_share"].reason) == ("not judged", "fitted")
    for case in ("full", "three replications", "one arm"):
        said = prose("<body>" + written(case, folder).split('id="P4">')[1].split("</article>")[0] + "<script>")
        assert "not judged" in said and "is fitted to published counts" in said
    assert "is fitted to published counts, and the others are for context" in said
    assert "唯一有预期方向的指标是按公开统计拟合的" in said


def test_what_has_no_value_in_a_paired_run_is_told_as_that() -> None:
    paired, single = comparison(), comparison(paired=False)
    for made in (paired, single):
        for run in (run for runs in made.arms.values() for run in runs):
            run.outcomes["displacement_rate"] = np.nan
    assert Report(paired).summary["displacement_rate"]["reason"] == "No value in any replication."
    assert Report(single).summary["displacement_rate"]["reason"].endswith("Means something only beside a paired arm.")
    assert Words("zh")("reasons.none") == "各次重复均无数值。"


def test_ticks_within_a_year_name_the_month() -> None:
    drawn = fan(Report(comparison(1)).frames, "trust_mean", "2022-11-28", Words("en"))
    stops = drawn["layout"]["xaxis"]["tickformatstops"]
    assert [stop["value"] for stop in stops] == ["%Y-%m", "%Y"] and "tickformat" not in drawn["layout"]["xaxis"]


def test_verdicts_name_the_side_of_their_yardstick(folder: Path) -> None:
    said = section_of(written("full", folder), "predictions")
    assert "below 50.0%: opposite to the claim" in said and "低于 50.0%，与主张相反" in said
    assert "与模拟结果相反" in said and "数据相反" not in said
    made = comparison()
    for run in made.arms["baseline"]:
        run.outcomes["assisted_share"] = run.outcomes["ai_supply_share"] + 0.2
    told = prose("<body>" + panel_of(Report(made), "P3") + "<script>")
    assert "above AI share of new items: as claimed" in told
    assert f"高于 “{OUTCOMES['ai_supply_share'].label_zh}”，与主张一致" in told


def test_warnings_stand_before_the_numbers() -> None:
    made = comparison()
    made.manifest["warnings"] = [{"text": "labelling never acts", "text_zh": "标识从未生效"}]
    header = _header(Report(made))
    assert header.index("Warning: labelling never acts.") < header.index("In a typical world")
    assert header.index("警告：标识从未生效。") < header.index("在一个典型的世界里")


def test_page_says_where_the_luck_of_who_creates_is_taken_out() -> None:
    told = [Words(language)("stratified") for language in LANGUAGES]
    for draws in ("stratified", "independent"):
        made = comparison(5)
        for run in made.arms[made.scenario]:
            run.manifest["settings"] = {"world": {"draws": draws}}
        header = _header(Report(made))
        assert [sentence in header for sentence in told] == [draws == "stratified"] * 2


def test_page_is_cited_by_its_run(folder: Path) -> None:
    said = section_of(written("full", folder), "cite")
    assert "run efefefefefefefef, scenario hash" in said and "运行 efefefefefefefef，情景哈希" in said


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
    english, chinese = (
        {k: v for k, v in keys(sentences(code)).items() if not k.startswith(".units")} for code in ("en", "zh")
    )
    assert english == chinese


def test_chinese_names_every_unit_and_group() -> None:
    units = {row.unit for row in OUTCOMES.values()} | {parameter.info.unit for parameter in parameters_of(Settings)}
    assert units - {""} <= sentences("zh")["units"].keys()
    groups = {parameter.path.split(".")[0] for parameter in parameters_of(Settings)}
    assert groups == sentences("en")["parameters"]["groups"].keys()


def test_figures_differ_between_languages_only_in_words(folder: Path) -> None:
    figures = data(written("full", folder))["figures"]
    assert len(figures) > 30
    for figure in figures:
        assert all(isinstance(english, str) and isinstance(chinese, str) for _, english, chinese in figure["zh"])
    forest = {english: chinese for _, english, chinese in figures[0]["zh"]}
    assert forest["Inaccurate exposures"] == "不实内容曝光占比"


def test_plotly_accepts_every_figure(folder: Path) -> None:
    page = data(written("full", folder))
    for figure in page["figures"]:
        go.Figure(data=figure["data"], layout=figure["layout"] | {"template": page["template"]})


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_edges_of_the_range_leave_out_nulls_week_by_week(share: float) -> None:
    values = np.random.default_rng(1).normal(size=(9, 40))
    values[np.random.default_rng(2).random(values.shape) < 0.3] = np.nan
    values[:, 3] = np.nan
    present = (~np.isnan(values)).sum(axis=0)
    known = present >= (1 if share == 1.0 else 5)  # a part of fewer than five is no band
    assert 0 < (present < 5).sum() < 20
    expected = np.nanquantile(values[:, known], [(1 - share) / 2, (1 + share) / 2], axis=0)
    assert np.allclose(np.array(_edges(values, share))[:, known], expected)
    assert np.isnan(np.array(_edges(values, share))[:, ~known]).all()


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
    made = comparison()
    made.manifest.pop("command", None)
    again = "metavalue run --from manifest.json --out ../again"
    assert command(Report(made)) == again
    made.manifest["command"] = ["metavalue", "run", "baseline", "policy=[labelling]"]
    assert command(Report(made)) == f"{again}\n\n# metavalue run baseline 'policy=[labelling]'"


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


def test_flows_and_accounts_of_older_results_go_by_their_own_names() -> None:
    assert Words("zh").flow("payout") == "分成" and Words("en").account("farms") == "AI producers"
    assert Words("zh").flow("fines") == "fines" and Words("en").account("old_class") == "old class"


def test_results_of_before_arms_had_names_of_their_own_are_still_read(tmp_path: Path) -> None:
    made = comparison(1)
    for manifest in [made.manifest, *(run.manifest for runs in made.arms.values() for run in runs)]:
        for key in ("preset", "levers", "warnings"):
            manifest.pop(key, None)
    page = write_report(made, tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'id="cite"' in page and 'class="callout"' in page
