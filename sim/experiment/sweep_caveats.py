"""What a reader of a sweep's numbers should know: what does nothing in it, and levels of different ages of AI."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.base.clock import first_averaged
from sim.experiment.plan import Plan
from sim.experiment.sampling import Factor
from sim.simulation.caveats import Caveat, caveats_of, weeks_of


def caveats_of_sweep(plan: Plan) -> list[Caveat]:
    """Warn of settings without effect in a sweep (unless its times vary), and of means over different ages of AI."""
    cases = list(plan.cases.values())
    varied = {path: factor for factor in plan.factors for path in factor.paths}
    timed = any(path.startswith("time.") or path.endswith((".start", "opens", ".released")) for path in varied)
    time = cases[0].scenario.settings.time
    spans = [
        [(weeks, burn_in) for weeks in _values(varied.get("time.weeks"), time.weeks)]
        for burn_in in _values(varied.get("time.burn_in_weeks"), time.burn_in_weeks)
    ]
    found = [] if timed else caveats_of(cases)
    return [*found, *_about_ages([span for row in spans for span in row])]


def _values(factor: Factor | None, usual: int) -> list[int]:
    """Return the values that a whole number takes in a sweep: listed ones, the ends of a range, or the usual value."""
    if factor is None:
        return [usual]
    ends = [end for end in (factor.low, factor.high) if end is not None]
    return [int(value) for value in factor.values or ends or [usual]]


def _about_ages(spans: Sequence[tuple[int, int]]) -> Iterator[Caveat]:
    """Warn where the averaged weeks of runs lie at different ages of AI, or before release."""
    ages = {span: span[0] - span[1] for span in spans}
    if len(set(ages.values())) < 2:
        return
    told, told_zh = [], []
    for (weeks, burn_in), age in ages.items():
        at = f"time.weeks={weeks} time.burn_in_weeks={burn_in}"
        averaged = weeks - first_averaged(weeks, burn_in)
        late = f"the last {weeks_of(averaged)} to week {age} since release" if age > 0 else "no week since release"
        told.append(f"{late} at {at}")
        told_zh.append(f"{at}时为{f'发布后至第{age}周的最后{averaged}周' if age > 0 else '发布前结束，AI没有任何作用'}")
    yield Caveat(
        f"levels are means over different ages of AI: {'; '.join(told)}",
        f"各水平取平均的周数与AI的年龄不同：{'；'.join(told_zh)}",
    )
