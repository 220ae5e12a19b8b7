"""Run a study and print its tables as Markdown; with `--write` they also replace those in docs/model.md.

The page has a block `<!-- results: NAME -->` to `<!-- end -->` for each table.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from analysis.studies.levers import levers
from analysis.studies.nulls import nulls
from analysis.studies.opposites import regions, signs
from analysis.studies.replications import replications
from analysis.studies.study import Study
from analysis.studies.without_ai import drift, targets
from sim.base.source import ROOT

PAGE = ROOT / "docs" / "model.md"
PROGRAM = "python -m analysis.studies"


class Command(NamedTuple):
    """A study, which gives the text of each block of the page by the block's name, and its usual size."""

    study: Callable[[Study], dict[str, str]]
    world: str
    replications: int


COMMANDS = {
    "targets": Command(targets, "standard", 5),
    "drift": Command(drift, "standard", 5),
    "replications": Command(replications, "classroom", 10),
    "regions": Command(regions, "classroom", 12),
    "levers": Command(levers, "classroom", 12),
    "signs": Command(signs, "classroom", 12),
    "nulls": Command(nulls, "classroom", 5),
}


def fill(page: str, name: str, text: str) -> str:
    """Replace the text in the page's block of that name.

    Raises
    ------
    ValueError : the page has no such block.
    """
    block = re.compile(rf"(<!-- results: {re.escape(name)} -->\n).*?(<!-- end -->)", re.S)
    if not block.search(page):
        raise ValueError(f"docs/model.md has no block <!-- results: {name} -->")
    return block.sub(lambda match: f"{match[1]}{text}\n{match[2]}", page, count=1)


def main(arguments: Sequence[str]) -> None:
    """Run the study that the command line names."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__, formatter_class=formatter)
    parser.add_argument("name", choices=COMMANDS)
    parser.add_argument("--world", help="default: standard for targets and drift, classroom for the others")
    parser.add_argument("--replications", type=int, help="default: 5; 10 replications, 12 regions, levers and signs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="processes; default: as many as cores allow")
    parser.add_argument("--write", action="store_true", help="fill docs/model.md in place")
    given = parser.parse_args(arguments)
    usual = COMMANDS[given.name]
    count, world = given.replications or usual.replications, given.world or usual.world
    line = f"{PROGRAM} {given.name} --world {world} --replications {count} --seed {given.seed}"
    blocks = usual.study(Study(line, world, count, given.seed, given.workers))
    print("\n\n".join(blocks.values()))
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        for name, text in blocks.items():
            page = fill(page, name, text)
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
