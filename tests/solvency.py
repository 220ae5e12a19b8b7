"""Random worlds in which nobody may pay what it does not have: `python -m tests.solvency --worlds 500`.

Any parameter of the registry may take any value of its range, its ends often among them; the ledger is checked at the
end of every week.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.model import ContentEcosystem
from sim.settings import Parameter, Settings
from tests.test_invariants import MONDAY, SIZES, may_vary
from tests.worlds import base, debts, parameters, patched

AT_AN_END = 0.3  # of the numbers drawn, the part that lies at an end of its range
SIX_YEARS = 312


def draw_value(parameter: Parameter, rng: np.random.Generator) -> Any:
    """A value that the registry admits."""
    low, high = SIZES.get(parameter.path, (parameter.info.low, parameter.info.high))
    if parameter.type == "bool":
        return bool(rng.integers(2))
    if parameter.info.choices:
        return parameter.info.choices[rng.integers(len(parameter.info.choices))]
    if parameter.path.endswith(("opens", ".start")):
        return (MONDAY + dt.timedelta(weeks=int(rng.integers(-6, 7)))).isoformat()
    assert low is not None and high is not None
    at_an_end = rng.random() < AT_AN_END
    value = float(rng.choice([low, high]) if at_an_end else rng.uniform(low, high))
    return round(value) if parameter.type == "int" else value


def draw_world(number: int, weeks: int) -> Settings:
    """The small world of this number: every third has all parameters set anew, the others some."""
    rng = np.random.default_rng(number)
    rows = [parameter for parameter in parameters(base()) if may_vary(parameter)]
    size = len(rows) if number % 3 == 0 else int(rng.integers(1, 60))
    values = {rows[k].path: draw_value(rows[k], rng) for k in rng.choice(len(rows), size, replace=False)}
    return patched(base(), values | {"time.weeks": weeks, "time.burn_in_weeks": weeks // 5})


def find_faults(number: int, weeks: int) -> Iterator[str]:
    """What is wrong with the accounts of a world, in the first week in which something is."""
    settings = draw_world(number, weeks)
    model = ContentEcosystem(settings=settings, rng=number)
    owing = np.zeros(settings.world.studios, np.int64)  # weeks for which each studio has been below zero
    for week in range(weeks):
        model.step()
        owing = np.where(model.world.ledger.balances["studios"] < 0, owing + 1, 0)
        faults = [f"{account} is below zero" for account in debts(model)]
        if owing.max() > settings.studios.insolvency_weeks + 1:  # the week in which it is found comes after
            faults.append(f"studio {owing.argmax()} has owed for {owing.max()} weeks")
        if model.world.ledger.balance_total():
            faults.append("money was made or lost")
        if faults:
            yield from (f"world {number}, week {week}: {fault}" for fault in faults)
            return


def main() -> int:
    """Check worlds by number; 1 where an account is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="number of the first world")
    parser.add_argument("--weeks", type=int, default=SIX_YEARS)
    given = parser.parse_args()
    numbers = range(given.first, given.first + given.worlds)
    faults = 0
    for number in numbers:
        for fault in find_faults(number, given.weeks):
            faults += 1
            print(fault, flush=True)
    print(f"{len(numbers)} worlds of {given.weeks} weeks: {faults} faults")
    return int(faults > 0)


if __name__ == "__main__":
    raise SystemExit(main())
