"""Shares do not depend on a world's size: two worlds of results, cut to small numbers, agree within their noise."""

from functools import cache

import numpy as np
import pytest

from sim.schedule import open_world, run_week
from sim.settings.scenario import compose, with_values

COUNTED = ("consumers", "creators", "studios", "freelancers", "new_items")
WEEKS, LAST, SEEDS = 104, 26, (1, 2)
EAGER = (
    f"time.weeks={WEEKS}", "time.burn_in_weeks=39", "technology.autonomy_lead=104", "world.workers=500",
)  # fmt: skip
SHARES = {  # by which two sizes may differ, for the noise of two small runs each
    "ai_supply_share": 0.10, "ai_attention_share": 0.15, "screen_share": 0.04, "platform_hhi": 0.04,
    "deep_time_share": 0.06, "trust_mean": 0.02,
}  # fmt: skip


@cache
def levels(world: str, people: int) -> dict[str, float]:
    """Means of the last weeks over seeds, in a world cut to so many people with as much of everything a head."""
    scenario = compose("baseline", (f"world={world}", *EAGER))
    size = scenario.settings.world
    cut = {f"world.{name}": getattr(size, name) * people / size.consumers for name in COUNTED}
    settings = with_values(scenario, {k: v if k == "world.new_items" else round(v) for k, v in cut.items()}).settings
    found: dict[str, list[float]] = {name: [] for name in SHARES}
    for seed in SEEDS:
        model = open_world(settings, seed)
        for _ in range(WEEKS):
            run_week(model, settings)
        for name, values in found.items():
            values.append(float(np.nanmean(model.memory.outcomes[name][WEEKS - LAST : WEEKS])))
        model.crew.close()
    return {name: float(np.mean(values)) for name, values in found.items()}


@pytest.mark.parametrize("name", SHARES)
def test_headline_shares_of_two_sizes_agree(name: str) -> None:
    small, large = levels("classroom", 1_000), levels("standard", 2_000)
    assert abs(small[name] - large[name]) < SHARES[name]
