"""How a session's time and uses are spread over its slate: by the chances of choice, or all on the one that was chosen.

A session stands for days in which a person uses many of the items shown. In turn they would be chosen by the same
logit until the time is over; what such a sequence leaves on average follows from the chances, without a draw.
"""

from __future__ import annotations

import numpy as np

from sim.base.codes import GENERATED
from sim.base.randomness import unit
from sim.base.records import Consumers
from sim.base.tables import F4, I4
from sim.kernels.columns import load
from sim.kernels.elementary import Real, exp4
from sim.kernels.sessions import (
    ATTENDED,
    CHANCE,
    D_SECONDS,
    ENGAGED,
    PLEASURE,
    SECONDS,
    USES,
    Catalogue,
    Events,
    Rules,
    f4,
    helper,
    sigmoid,
)


@helper
def expect_use(people: Consumers, i: int, rules: Rules, slots: int, scratch: F4) -> None:
    """Compute consumer i's chance of deep use of each item of a slate's first slots, and its length, side by side.

    Reads utility and depth from rows 0 and 7 of `scratch`; writes the chance and the length in seconds to rows 4 and 5.
    """
    usual, habit = load(people.pleasure, i), load(people.habit, i)
    for s in range(slots):
        depth = scratch[7, s]
        x = rules.deep_base + rules.deep_habit * (habit - depth) + rules.deep_pleasure * (scratch[0, s] - usual)
        scratch[4, s] = sigmoid(x)
        scratch[5, s] = rules.short * exp4(rules.stretch * depth)


@helper
def spread_use(
    i: int,
    row: int,
    filled: int,
    catalogue: Catalogue,
    rules: Rules,
    start: np.uint64,
    events: Events,
    item: I4,
    scratch: F4,
) -> None:
    """Spread consumer i's seconds over the slate by the chances of choice, each use taking its expected length.

    With p the chances and dwell the seconds that a use takes, there are `uses = seconds / Σ p dwell` uses in all, and
    item j has `uses · p_j` of them and `uses · p_j · dwell_j` of the seconds. These are rounded to whole seconds that
    sum to the session's, by one uniform number for the whole slate, with which each is right on average (systematic
    sampling). Writes row `row` of `events.spread`.
    """
    weight, total = scratch[1], scratch[8, filled - 1]
    met: Real = f4(0.0)
    for s in range(filled):
        met += weight[s] * scratch[5, s] * (rules.skim + (f4(1.0) - rules.skim) * scratch[4, s])
        scratch[6, s] = met
    seconds = float(events.seconds[i])
    uses = f4(seconds * total / met)
    roll, before, deep_seconds = unit(start, np.uint64(D_SECONDS)), 0, f4(0.0)
    for s in range(filled):
        until = int(seconds * (scratch[6, s] / met) + roll)
        chance, deep, out = weight[s] / total, scratch[4, s], events.spread[row, s]
        in_full = uses * chance * scratch[5, s]  # seconds that the item's uses would take if all were deep
        out[SECONDS] = until - before
        out[USES] = uses * chance
        out[ATTENDED] = in_full * (deep + (f4(1.0) - deep) * rules.skim * rules.skim)
        out[CHANCE] = chance
        out[ENGAGED] = chance * (rules.skim + (f4(1.0) - rules.skim) * deep)
        out[PLEASURE] = chance * scratch[0, s]
        deep_seconds += in_full * deep
        if catalogue.cards[item[s]].origin == GENERATED:
            events.generated_seconds[i] += until - before
        before = until
    events.uses[i] = uses
    events.deep_seconds[i] = min(int(deep_seconds + roll), events.seconds[i])


@helper
def use_one(
    i: int, row: int, at: int, catalogue: Catalogue, rules: Rules, events: Events, item: I4, scratch: F4
) -> None:
    """Let consumer i spend the whole session on what was chosen, at place `at`: as many uses as fit, at least one."""
    seconds, out = events.seconds[i], events.spread[row, at]
    share = f4(1.0) if events.deep[i] else rules.skim
    uses = max(1, int(seconds / (share * scratch[5, at]) + 0.5))
    out[SECONDS], out[USES], out[ATTENDED] = seconds, uses, seconds * share
    out[CHANCE], out[ENGAGED], out[PLEASURE] = 1.0, share, scratch[0, at]
    events.uses[i] = uses
    events.deep_seconds[i] = seconds if events.deep[i] else 0
    events.generated_seconds[i] = seconds if catalogue.cards[item[at]].origin == GENERATED else 0
