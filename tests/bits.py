"""Bits of the model's state: a table of hashes, written before a change that must not alter results, checked after it.

`python -m tests.bits write FILE` on the old source, `python -m tests.bits check FILE` on the new one. Both tables must
come from one machine and one set of package versions: elsewhere the last bits of a sum may differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.model import ContentEcosystem
from sim.settings.scenario import compose
from sim.simulation.simulate import environment
from sim.world.state import collect, restore

Table = dict[str, dict[str, str]]  # case -> name -> hash
LONG = ("time.weeks=70", "time.burn_in_weeks=20")
# Parts of the state that are called otherwise since the table was written: beginnings of names, then and now. The
# longest that fits counts.
RENAMED: Mapping[str, str] = {
    "state loose/": "state ",
    "state loose/week": "state now",
    "state canon": "state canons/",
    "state corpus": "state corpora/",
    "state recorder/": "state memory/",
    "state recorder/column/": "state memory/outcomes/",
    "state recorder/diversity_at_start": "state memory/first_diversity",
    "state recorder/cohorts/canon/": "state memory/canons/",
    "state recorder/cohorts/frozen": "state memory/frozen_novelty",
    "state recorder/cohorts/last/": "state memory/last_works/",
    "state recorder/cohorts/works/": "state memory/works/",
    "state recorder/shown/works": "state memory/shown_works/rows",
    "state recorder/shown/platforms": "state memory/shown_platforms/rows",
    "state recorder/shown/flows": "state memory/flows/rows",
    "state recorder/shown/flow_names": "state memory/flows/names",
    "state recorder/shown/groups": "state memory/groups",
    "state producers/gift": "state producers/mean_appeal",
    "state items/places": "state items/listings",
    "state farms/places": "state farms/held",
    "state loose/mean_payout": "state farm_news/mean_payout",
    "state loose/paid_by_truth": "state farm_news/paid_by_truth",
    "state loose/bans": "state farm_news/bans",
    "state loose/n_fed": "state viable_freelancers",
}
# Parts that are no longer there, and why.
DROPPED: Mapping[str, str] = {
    "state recorder/shown/flows": "flows have the numbers of `Flow`; the frame `flows` of a result is the same",
    "state recorder/shown/flow_names": "the names of flows are those of `Flow`",
    "state loose/supply_capped": "it is a hand-over within a week, which the outcome `at_bound` shows",
}


@dataclass(frozen=True)
class Case:
    """A run whose bits are watched: `halfway` goes on, in mid-run, in a model made anew from the collected state."""

    scenario: str
    overrides: tuple[str, ...]
    seed: int = 0
    halfway: bool = False


CASES: dict[str, Case] = {
    **{f"{name} tiny": Case(name, ("world=tiny", *LONG)) for name in ("baseline", "no_ai", "autonomous")},
    **{f"{name} classroom": Case(name, ("world=classroom", *LONG)) for name in ("baseline", "no_ai", "autonomous")},
    "baseline tiny, another seed": Case("baseline", ("world=tiny", *LONG), seed=1),
    "baseline tiny, mean memory": Case("baseline", ("world=tiny", "world.memory=mean", *LONG)),
    "baseline classroom, item memory": Case("baseline", ("world=classroom", "world.memory=items", *LONG)),
    "baseline tiny, exact recall": Case("baseline", ("world=tiny", "attention.recall=exact", *LONG)),
    "baseline tiny, dot product": Case("baseline", ("world=tiny", "attention.taste=dot_product", *LONG)),
    "baseline classroom, compact": Case("baseline", ("world=classroom", "world.columns=compact", *LONG)),
    "trust crisis tiny, levers": Case(
        "trust_crisis", ("world=tiny", "policy=[labelling,fact_check,content_review,upload_cap]",
                         *(f"policy.{name}.start=2022-12-05" for name in
                           ("labelling", "fact_check", "content_review", "upload_cap")), *LONG)),
    "baseline tiny, halfway": Case("baseline", ("world=tiny", *LONG), halfway=True),
    "baseline classroom, halfway": Case("baseline", ("world=classroom", *LONG), halfway=True),
    "baseline standard": Case("baseline", ("world=standard", "time.weeks=30", "time.burn_in_weeks=20")),
}  # fmt: skip


def hash_of(array: Any) -> str:
    """Hash of an array's type, shape and bits; text and other objects by their values."""
    array = np.asarray(array)
    content = repr(array.tolist()).encode() if array.dtype.kind == "O" else np.ascontiguousarray(array).tobytes()
    head = f"{array.dtype.str} {array.shape} ".encode()
    return hashlib.sha256(head + content).hexdigest()[:16]


def bits_of(case: Case) -> dict[str, str]:
    """Hash every weekly outcome of a run, and every part of the state that it ends in."""
    settings = compose(case.scenario, case.overrides).settings

    def new() -> ContentEcosystem:
        return ContentEcosystem(settings=settings, rng=case.seed)

    model = new()
    for week in range(settings.time.weeks):
        if case.halfway and week == settings.time.weeks // 2:
            state = collect(model.world)
            model.release()
            model = new()
            restore(model.world, state)
        model.step()
    frame = model.outcomes()
    found = {f"outcome {name}": hash_of(frame[name].to_numpy()) for name in frame}
    found |= {f"state {name}": hash_of(array) for name, array in collect(model.world).items()}
    model.release()
    return found


def table_of(names: Iterable[str]) -> Table:
    """Hash so many of the cases."""
    table = {}
    for name in names:
        table[name] = bits_of(CASES[name])
        print(f"{name}: {len(table[name])} hashes", file=sys.stderr, flush=True)
    return table


def name_now(name: str) -> str:
    """The name that a part of an older table has now."""
    fitting = [then for then in RENAMED if name.startswith(then)]
    if not fitting:
        return name
    then = max(fitting, key=len)
    return RENAMED[then] + name.removeprefix(then)


def differences(old: Table, new: Table) -> list[str]:
    """Say what differs between two tables, under the names that things have now."""
    found = [f"{case}: not run" for case in old if case not in new]
    for case in (case for case in old if case in new):
        before = {name_now(name): bits for name, bits in old[case].items() if name not in DROPPED}
        after = new[case]
        found += [f"{case}: {name} is gone" for name in before if name not in after]
        found += [f"{case}: {name} differs" for name in before if name in after and after[name] != before[name]]
    return found


def main() -> int:
    """Write a table, or check one against today's source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["write", "check"])
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    versions = {key: environment()[key] for key in ("python", "packages", "machine")}
    if given.what == "write":
        text = json.dumps({"made with": versions, "table": table_of(CASES)}, indent=1)
        given.file.write_text(text + "\n", encoding="utf-8")
        return 0
    stored = json.loads(given.file.read_text(encoding="utf-8"))
    if stored["made with"] != versions:
        print(f"The table was made with {stored['made with']}, not with {versions}: bits may differ for that alone.")
    found = differences(stored["table"], table_of(stored["table"]))
    print("\n".join(found) or f"All {sum(map(len, stored['table'].values())):,} hashes are equal.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
