"""The reports in Chromium: wide and narrow, both languages, no errors, no requests, nothing wider than the screen."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.report import write_report
from analysis.sweep import analyse
from analysis.sweep_report import write_sweep_report
from tests.hostile import BOLD, COMMENT, LINK, TEMPLATE, hostile_analysis, hostile_comparison
from tests.sweeps import sweep
from tests.synthetic import comparison

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = ("/usr/bin/chromium", "/snap/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run")  # fmt: skip
PATIENCE_MS = 120_000  # a slow machine may take this long to draw forty figures


def browser_path() -> str | None:
    """A Chromium on this machine, its own or playwright's (""), or None."""
    found = [path for name in NAMES if (path := shutil.which(name))]
    found += [path for path in PLACES if os.access(path, os.X_OK)]
    if found:
        return found[0]
    with playwright.sync_playwright() as tool:
        return "" if Path(tool.chromium.executable_path).exists() else None


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = browser_path()
    if path is None:
        pytest.skip("no Chromium found on this machine")
    with playwright.sync_playwright() as tool:
        started = tool.chromium.launch(executable_path=path or None, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(comparison(), tmp_path_factory.mktemp("browser") / "report.html")


def choose(page: Any, language: str) -> None:
    """Press the switch and wait until every figure is drawn."""
    page.click(f".switch button[data-language={language}]")
    page.wait_for_selector(f"html[data-drawn='{language}']", state="attached", timeout=PATIENCE_MS)


CUT = """[...document.querySelectorAll('.table')].filter(box => box.scrollWidth > box.clientWidth + 1)
    .map(box => box.closest('section').id)"""  # sections with a table that has to be scrolled


@pytest.mark.parametrize("replications", [1, 3, 5])
def test_no_table_is_cut_on_a_narrow_screen(browser: Any, tmp_path: Path, replications: int) -> None:
    path = write_report(comparison(replications, groups=False), tmp_path / "report.html")
    page = browser.new_page(viewport={"width": 390, "height": 900}, locale="zh-CN")
    page.goto(path.as_uri())
    for language in ("zh", "en"):
        choose(page, language)
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert page.evaluate(CUT) == []
    page.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_report_opens_switches_language_and_stays_quiet(browser: Any, report: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="en-GB")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            complaints.append(request.url)
            if request.url.split(":")[0] in ("http", "https", "ws", "wss", "ftp")
            else None
        ),
    )
    page.goto(report.as_uri())
    texts = {}
    for language in ("en", "zh", "en"):
        choose(page, language)
        texts[language] = page.inner_text("body")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.querySelectorAll('.plot .main-svg').length") > 30
        ticks = page.evaluate("[...document.querySelectorAll('#change .ytick text')].map(t => t.textContent).join()")
        assert ("AI占注意力比例" in ticks) == (language == "zh")
        assert ("AI share of attention" in ticks) == (language == "en")
    assert "What changed" in texts["en"] and "什么变了" not in texts["en"]
    assert "什么变了" in texts["zh"] and "What changed" not in texts["zh"]
    page.fill("#search", "imagination")
    assert page.locator("details.parameters[open] tr:visible code", has_text="culture.imagination").count() > 0
    assert page.locator("code:visible", has_text="technology.price_decay").count() == 0
    assert complaints == []
    page.close()


def test_a_sweeps_page_is_read_on_a_narrow_screen_in_both_languages(browser: Any, tmp_path: Path) -> None:
    report = write_sweep_report(analyse(*sweep(samples=40, weeks=20)), tmp_path / "report.html")
    page = browser.new_page(viewport={"width": 390, "height": 900}, locale="en-GB")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            complaints.append(request.url)
            if not request.url.startswith("file") and not request.url.startswith("data")
            else None
        ),
    )
    page.goto(report.as_uri())
    for language, heading in (("en", "What it hangs on"), ("zh", "取决于什么")):
        choose(page, language)
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert heading in page.inner_text("body")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate("document.querySelectorAll('.plot .main-svg').length") > 20
        assert page.evaluate(CUT) == []
    assert complaints == []
    page.close()


@pytest.mark.parametrize("kind", ["report", "sweep"])
def test_hostile_names_are_drawn_as_text_and_lead_nowhere(browser: Any, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "page.html"
    if kind == "report":
        write_report(hostile_comparison(), path)
    else:
        write_sweep_report(hostile_analysis(), path)
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: complaints.append(request.url) if not request.url.startswith(("file", "data")) else None,
    )
    page.goto(path.as_uri())
    for language in ("en", "zh"):
        choose(page, language)
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert "broken" not in page.title()
        links = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href') || a.href.baseVal)")
        assert links and all(link and link.startswith("#") for link in links)
        drawn, boxes = (
            page.evaluate(f"document.querySelectorAll('{what}').length")
            for what in (".plot .main-svg:first-child", ".plot")
        )
        assert drawn == boxes > 10
        texts = page.evaluate("[...document.querySelectorAll('.plot svg text')].map(t => t.textContent)")
        if kind == "report":
            for name in (LINK, COMMENT, BOLD, TEMPLATE):
                assert name in texts, name
        else:
            assert any("<a href=" in text for text in texts)
    # Margins that follow such long names may be tried in vain, of which plotly.js warns
    assert [said for said in complaints if "auto-margin" not in said] == []
    page.close()


def test_the_page_refuses_a_script_that_is_not_its_own(browser: Any, report: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.html"
    added = "<script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">"
    forged.write_text(report.read_text(encoding="utf-8").replace("<main>", f"<main>{added}", 1), encoding="utf-8")
    page = browser.new_page(locale="en-GB")
    page.goto(forged.as_uri())
    choose(page, "en")
    assert "broken" not in page.title()
    page.close()
