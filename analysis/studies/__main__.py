"""Run a study and print its tables as Markdown; with `--write` they also replace those on its page in docs/.

A page has a block `<!-- results: NAME -->` to `<!-- end -->` for each table. Studies that take long go on where they
were stopped (`outputs/studies`), and `--write` keeps their results in `analysis/studies/records`, from which `--tell`
writes the tables again without running anything.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from analysis.studies import inert, sizes, spreads, variance
from analysis.studies.depth import depth
from analysis.studies.levers import levers
from analysis.studies.nulls import nulls
from analysis.studies.opposites import regions, signs
from analysis.studies.record import Record, keep, read_record, record_of, rounded
from analysis.studies.replications import replications
from analysis.studies.study import Study
from analysis.studies.targets import targets
from analysis.studies.without_ai import drift
from sim.base.errors import InputError
from sim.base.source import ROOT

DOCS = ROOT / "docs"
PROGRAM = "python -m analysis.studies"
Blocks = dict[str, str]  # text of each block of the page by the block's name


class Command(NamedTuple):
    """A study whose tables are written as it ends, and its usual size."""

    study: Callable[[Study], Blocks]
    world: str
    replications: int


class Recorded(NamedTuple):
    """A study whose results are kept as reference data, from which its tables are written, and its usual size."""

    measure: Callable[[Study], Record]
    tell: Callable[[Record], Blocks]
    world: str
    replications: int
    page: str


COMMANDS: dict[str, Command] = {
    "targets": Command(targets, "standard", 30),
    "drift": Command(drift, "standard", 5),
    "replications": Command(replications, "classroom", 10),
    "regions": Command(regions, "classroom", 12),
    "levers": Command(levers, "classroom", 12),
    "signs": Command(signs, "classroom", 12),
    "depth": Command(depth, "classroom", 12),
    "nulls": Command(nulls, "classroom", 5),
}
RECORDED: dict[str, Recorded] = {
    "spreads": Recorded(spreads.measure, spreads.tell, "classroom", 48, "variance.md"),
    "sizes": Recorded(sizes.measure, sizes.tell, "standard", 24, "variance.md"),
    "variance": Recorded(variance.measure, variance.tell, "classroom", 24, "variance.md"),
    "screening": Recorded(inert.measure, inert.tell, "classroom", 4, "screening.md"),
}
ALL: Mapping[str, Command | Recorded] = {**COMMANDS, **RECORDED}


def fill(page: str, name: str, text: str) -> str:
    """Replace the text in the page's block of that name.

    Raises
    ------
    ValueError : the page has no such block.
    """
    block = re.compile(rf"(<!-- results: {re.escape(name)} -->\n).*?(<!-- end -->)", re.S)
    if not block.search(page):
        raise ValueError(f"the page has no block <!-- results: {name} -->")
    return block.sub(lambda match: f"{match[1]}{text}\n{match[2]}", page, count=1)


def write_blocks(page: str, blocks: Blocks) -> None:
    """Replace blocks of a page of docs/."""
    path = DOCS / page
    text = path.read_text(encoding="utf-8")
    for name, block in blocks.items():
        text = fill(text, name, block)
    path.write_text(text, encoding="utf-8")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__, formatter_class=formatter)
    parser.add_argument("name", choices=ALL)
    usual = "; ".join(f"{name} {row.replications} of {row.world}" for name, row in ALL.items())
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="changes to every arm")
    parser.add_argument("--world", help="default: see --replications")
    parser.add_argument("--replications", type=int, help=f"default: {usual}; of variance also draws from the priors")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="processes; default: as many as cores allow")
    parser.add_argument("--write", action="store_true", help="fill the page in place, and keep what is recorded")
    parser.add_argument("--tell", action="store_true", help="write the tables of what is recorded; run nothing")
    return parser.parse_intermixed_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Run the study that the command line names; return the exit code."""
    given = parse(arguments)
    usual = ALL[given.name]
    count, world = given.replications or usual.replications, given.world or usual.world
    line = f"{PROGRAM} {given.name} --world {world} --replications {count} --seed {given.seed}"
    study = Study(" ".join((line, *given.overrides)), world, count, given.seed, given.workers, tuple(given.overrides))
    try:
        if isinstance(usual, Recorded):
            record = read_record(given.name, world) if given.tell else rounded(record_of(study, usual.measure(study)))
            if given.write:
                keep(given.name, record)
            blocks, page = usual.tell(record), usual.page
        else:
            blocks, page = usual.study(study), "model.md"
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n\n".join(blocks.values()))
    if given.write:
        write_blocks(page, blocks)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
