"""No file of the project names a place that exists on one machine only, or a package registry."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("sim", "analysis", "app", "scenarios", "tests", "benchmarks", "docs", ".ci")
SUFFIXES = {"", ".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".cff", ".csv", ".json", ".css", ".js", ".html"}
# Written with a class around one letter, so that this file does not match itself.
PLACES = re.compile(
    r"(?<![\w.])/(?:[r]oot|[t]mp|[w]ork|[h]ome|[U]sers|[o]pt)\b|[p]ypi\.|[p]ythonhosted\.|[c]onda\.org"
    r"|--(?:extra-)?[i]ndex-url"
)


def texts() -> list[Path]:
    """List every text file of the project: those at the top, and all below its folders."""
    # in a linked worktree of git, .git is a file that names the checkout
    files = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    files += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return sorted(path for path in files if path.suffix in SUFFIXES and "__pycache__" not in path.parts)


def test_the_pattern_finds_what_it_forbids() -> None:
    for place in ("/".join(["", "tmp", "x"]), ".".join(["https://pypi", "org"]), "/".join(["see ", "root", "a"])):
        assert PLACES.search(place)
    assert not PLACES.search("docs/work/plan.md and a/tmp/b")


def test_the_project_is_read() -> None:
    assert {"pyproject.toml", "Makefile", "test_place.py", "scenario.py", "run"} <= {path.name for path in texts()}


@pytest.mark.parametrize("path", texts(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_place_is_named(path: Path) -> None:
    found = PLACES.findall(path.read_text(encoding="utf-8", errors="replace"))
    assert not found, found
