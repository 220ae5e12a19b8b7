"""Shapes of English that a reader stumbles over stay out of docstrings, comments, labels and pages.

To add a shape: a row of SHAPES with what it looks like, an example that it must find, and how to say it instead.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = ("sim", "analysis", "app")
PAGES = ("docs/*.md", "README.md", "CONTRIBUTING.md", "outputs/README.md")
START = r"(?:^|(?<=[.;:!?] )|(?<=# )|(?<=\"\"\")|(?<=- ))"  # of a sentence
COUNTED = "hours|minutes|seconds|bytes|items|clicks|people|users|juniors|platforms|accounts|needs|costs"
THING = "item|use|person|consumer|user|senior|junior|platform|creator|studio|commission|session|run|genre|account|agent"


class Shape(NamedTuple):
    """A banned shape: its pattern, sentences that have it and that don't, and what to write instead."""

    pattern: str
    banned: str
    allowed: str
    instead: str


SHAPES = {
    "a participle before its subject": Shape(
        START + r"(?:[A-Z][a-z]+ed|Told|Left|Kept|Held|Made|Given|Drawn|Known|Found|Sent) (?:is|are|was|were)\b",
        "Dropped is, with noise, the least worth.",
        "The least worth is dropped, with noise.",
        "begin with the subject",
    ),
    "a rate without its per": Shape(
        rf"(?i)\b(?:{COUNTED}) an? (?:{THING})\b(?! \w+s\b)",
        "Juniors a senior",
        "Juniors per senior",
        "write `per`",
    ),
    "an archaic word": Shape(
        r"(?i)\b(?:lest|whence|thence|nought|naught|hitherto|therein|thereof|whosoever)\b",
        "They stop, lest they lose more.",
        "They stop so that they lose no more.",
        "use the everyday word",
    ),
    "but for except": Shape(
        r"(?i)\bno \w+ but (?:one|the|a|an|its|their)\b",
        "It may have no lever but one.",
        "It may have one lever only.",
        "write `only` or `except`",
    ),
    "told for reported": Shape(
        r"\b(?:is|are|was|were|be|been) told\b(?! apart| from)",
        "What is wrong is told in one line.",
        "What is wrong is reported in one line.",
        "write `reported`, `shown` or `said`",
    ),
}


def texts_of_code(source: str) -> Iterator[tuple[int, str]]:
    """Yield comments, docstrings and other text of a module, with their lines; parts of f-strings are left out."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for offset, line in enumerate(node.value.splitlines()):
                yield node.lineno + offset, line.strip()


@cache
def texts() -> list[tuple[str, int, str]]:
    """Read all prose once."""
    return list(read_texts())


def read_texts() -> Iterator[tuple[str, int, str]]:
    """Yield every line of prose with its file and line."""
    for layer in CODE:
        for path in sorted((ROOT / layer).rglob("*.py")):
            for line, text in texts_of_code(path.read_text(encoding="utf-8")):
                yield path.relative_to(ROOT).as_posix(), line, text
    for pattern in PAGES:
        for path in sorted(ROOT.glob(pattern)):
            for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield path.relative_to(ROOT).as_posix(), line, text


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_finds_its_example_and_lets_the_better_one_pass(name: str) -> None:
    shape = SHAPES[name]
    assert re.search(shape.pattern, shape.banned)
    assert not re.search(shape.pattern, shape.allowed)


def test_comments_docstrings_and_labels_are_read() -> None:
    source = '"""A.\n\nDropped is b."""\n\nX = 1  # Told is c\nLABEL = "Juniors a senior"\n'
    found = {text for _, text in texts_of_code(source)}
    assert {"Dropped is b.", "# Told is c", "Juniors a senior"} <= found


@pytest.mark.parametrize("name", SHAPES)
def test_prose_is_plain(name: str) -> None:
    shape = SHAPES[name]
    found = [f"{file}:{line}: {text}" for file, line, text in texts() if re.search(shape.pattern, text)]
    assert not found, f"{name} ({shape.instead}):\n" + "\n".join(found)
