"""Worked examples of docs/examples: their edits, read from the pages and applied to a copy of the sources."""

import re
import shutil
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGES = {path.stem: path for path in sorted((ROOT / "docs" / "examples").glob("*.md"))}
PACKAGES = ("sim", "scenarios", "analysis", "app")
EDIT = re.compile(r"^In `([^`]+)`, (after|before|instead of) `([^`]+)`:\n\n```\w+\n(.*?)^```", re.M | re.S)
FILE = re.compile(r"^New file `([^`]+)`:\n\n```\w+\n(.*?)^```", re.M | re.S)


class Edit(NamedTuple):
    """A change of one file: text put beside or in place of the only line that reads like its anchor."""

    file: str
    where: str  # "after", "before", "instead of"; "" for a new file
    anchor: str
    text: str


def read_edits(page: str) -> list[Edit]:
    """Read a page's edits in order; what looks like code without saying where it goes is refused."""
    edits = [(match.start(), Edit(*match.groups())) for match in EDIT.finditer(page)]
    edits += [(match.start(), Edit(match[1], "", "", match[2])) for match in FILE.finditer(page)]
    blocks = len(re.findall(r"^```(?:python|yaml)$", page, re.M))
    if len(edits) != blocks:
        raise ValueError(f"{blocks} blocks of code, of which {len(edits)} say where they go")
    return [edit for _, edit in sorted(edits)]


def apply(edit: Edit, root: Path) -> None:
    """Change a file below a root."""
    path = root / edit.file
    if not edit.where:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edit.text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").split("\n")
    found = [number for number, line in enumerate(lines) if line.strip() == edit.anchor.strip()]
    if len(found) != 1:
        raise ValueError(f"{edit.file}: {len(found)} lines read `{edit.anchor}`; name another one in docs/examples")
    (at,) = found
    first, last = {"after": (at + 1, at + 1), "before": (at, at), "instead of": (at, at + 1)}[edit.where]
    lines[first:last] = edit.text.rstrip("\n").split("\n") if edit.where != "before" else edit.text.split("\n")[:-1]
    path.write_text("\n".join(lines), encoding="utf-8")


def copy_sources(to: Path) -> None:
    """Copy the packages, with the times of their files, by which compiled kernels are found again."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))


def restore(edits: list[Edit], root: Path) -> None:
    """Undo edits of a copy."""
    for file in {edit.file for edit in edits}:
        if (ROOT / file).exists():
            shutil.copy2(ROOT / file, root / file)
        else:
            (root / file).unlink()
