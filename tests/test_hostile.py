"""Names from data, files and words reach a page as text: no tag, no link, no script; and the page fetches nothing."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from analysis.figures import literal
from analysis.page import plain
from analysis.report import write_report
from analysis.sweep_report import write_sweep_report
from tests.hostile import ALL, BOLD, COMMENT, LINK, NAMES, SCRIPT, TEMPLATE, hostile_analysis, hostile_comparison


class Page(HTMLParser):
    """Tags with their attributes, texts of scripts, visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        else:
            self.texts.append(data)


@pytest.fixture(scope="module", params=["report", "sweep"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("hostile") / "page.html"
    if request.param == "report":
        write_report(hostile_comparison(), path)
    else:
        write_sweep_report(hostile_analysis(), path)
    return path.read_text(encoding="utf-8")


def strings(node: Any) -> list[str]:
    """Every text in a tree of JSON values."""
    if isinstance(node, dict):
        return [text for child in node.values() for text in strings(child)]
    if isinstance(node, list):
        return [text for child in node for text in strings(child)]
    return [node] if isinstance(node, str) else []


def test_names_add_no_tag_and_are_told_letter_by_letter(page: str) -> None:
    found = Page(page)
    assert len(found.scripts) == 3
    assert not [tag for tag, _ in found.tags if tag in ("img", "iframe", "object", "embed", "form", "base", "b")]
    links = [attrs["href"] for tag, attrs in found.tags if tag == "a"]
    assert links and all(re.fullmatch(r"#\w+", str(link)) for link in links)
    assert not [key for _, attrs in found.tags for key in attrs if key.startswith("on")]
    text = " ".join(found.texts)
    assert SCRIPT in text and '<a href="https://example.org/">' in text


def test_data_cannot_end_or_confuse_their_script(page: str) -> None:
    data = page.split('id="page-data">')[1].split("</script>")[0]
    assert "<" not in data
    figures = json.loads(data)["figures"]
    assert len(figures) > 10
    texts = strings(figures)
    assert not [text for text in texts if re.search(r"<(?!/?(br|extra)>)", text)]
    assert any("&lt;a href=" in text for text in texts)


def test_the_policy_lets_only_the_pages_own_scripts_run_and_nothing_be_fetched(page: str) -> None:
    found = Page(page)
    content = next(a["content"] for tag, a in found.tags if tag == "meta" and "http-equiv" in a)
    assert page.index("Content-Security-Policy") < page.index("<title>")
    rules = {rule.split()[0]: rule.split()[1:] for rule in str(content).split("; ")}
    assert rules["default-src"] == ["'none'"] and rules["img-src"] == ["data:"]
    assert rules["base-uri"] == rules["form-action"] == ["'none'"]
    run = [found.scripts[0], found.scripts[2]]  # plotly and the page's own; the data between them are not run
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in run]
    assert rules["script-src"] == hashes


def test_a_text_for_plotly_holds_no_tag_link_entity_formula_or_template() -> None:
    assert literal(LINK) == '&lt;a href="https://example.org/"&gt;60+&lt;/a&gt;'
    assert literal(TEMPLATE) == "&#37;{x} &#36;1&#36; &amp;lt;"
    assert literal("18-24 岁") == "18-24 岁"
    for name in ALL:
        assert plain(literal(name)) == literal(name) and "<" not in literal(name)
    assert plain({"text": [f"{BOLD}x<br>y<extra>z</extra>"]})["text"] == ["&lt;b>R&D&lt;/b><br>x<br>y<extra>z</extra>"]


def test_age_groups_with_marks_keep_every_figure(tmp_path: Path) -> None:
    page = write_report(hostile_comparison(), tmp_path / "report.html").read_text(encoding="utf-8")
    figures = json.loads(page.split('id="page-data">')[1].split("</script>")[0])["figures"]
    assert page.count('class="plot"') == len(figures) > 30
    bars = [trace for figure in figures for trace in figure["data"] if trace["type"] == "bar"]
    assert bars and all(set(trace["x"]) == {literal(name) for name in NAMES} for trace in bars)
    assert literal(COMMENT) in bars[0]["x"]
