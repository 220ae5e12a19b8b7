"""Run the model and write the tables of docs/model.md: every number there comes from one of these commands.

`python docs/results.py targets|drift|replications|regions|levers|signs|nulls [--world W] [--replications N] [--seed S]
[--write]` prints Markdown; with `--write` it also fills the blocks `<!-- results: NAME -->` to `<!-- end -->` of
docs/model.md in place.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from build import table

from analysis.intervals import (
    Effect,
    Interval,
    effect_of,
    effect_of_gaps,
    gaps_between,
    interval,
    interval_of,
    paired_interval,
    quantiles,
    side_of,
)
from analysis.predictions import YARDSTICK
from analysis.statistics import levels, summarise
from analysis.studies import levers as policy
from sim import compare
from sim.base.outcomes import OUTCOMES
from sim.experiment.pairing import run_arms
from sim.settings.scenario import compose
from sim.simulation.cases import prepare

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiment.pairing import Comparison
    from sim.simulation.results import RunResult

PAGE = Path(__file__).resolve().parent / "model.md"
YEAR = 52
HEADLINES = tuple(outcome for outcome in OUTCOMES.values() if outcome.headline)

LAST_WEEKS = 13  # of burn-in, over which a target is measured
REGION_WEEKS = 3 * YEAR  # at the end, over which regions are told apart: some outcomes have one noisy value a year
NEAR = 0.25  # of a range's width outside it still counts as near
TARGETS = (  # id, outcome, low, high: docs/evidence.md
    ("C2", "creator_views_top3", 0.80, 0.90),
    ("C3", "creator_income_top1", 0.45, 0.65),
    ("C4", "posts_top10", 0.75, 0.90),
    ("C4", "silent_share", 0.45, 0.60),
    ("C5", "platform_hhi", 0.22, 0.32),
    ("C10", "shallow_habit_correlation", -0.50, -0.20),
)

HORIZON = 5  # years over which a drift is judged
TOLERANCE = 0.05  # of the mean level: a change over the horizon that is let pass
SMALLEST_LEVEL = 0.1  # in the outcome's unit: levels nearer to zero are taken as this


CHEAP = ("farms.human_minutes=2", "farms.account_cost=0.02")  # AI producers' items cost little
SETS = {
    "dear": ("farms.human_minutes=40", "farms.account_cost=0.5"),
    "cheap falsehood": (
        *CHEAP, "farms.scruple=0.1", "trust.draft_budget=15", "trust.verification=4", "moderation.vigilance=0.2",
        "trust.ai_error=0.3",
    ),
    "cheap copies": (
        *CHEAP, "culture.ai_familiarity=4", "culture.ai_temperature=0", "attention.novelty_amplitude=3",
        "attention.novelty_peak=1.7", "attention.stance_mean=1", "attention.beta_taste=1",
    ),
    "cheap explorers": (
        *CHEAP, "culture.ai_familiarity=0", "culture.ai_temperature=1", "farms.scruple=5", "trust.ai_error=0",
        "attention.novelty_amplitude=3", "attention.novelty_peak=0.7",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Region:
    """Two parts of the parameters' ranges in which a prediction comes out opposite.

    Attributes
    ----------
    outcome : what is measured, in the last three years, less the same outcome of the paired arm without AI.
    mark : what a typical replication is held against instead, where it is not 0, such as half of attention.
    claim : what a positive sign says.
    sets : names of the two sets of overrides.
    """

    outcome: str
    mark: float
    claim: str
    sets: tuple[str, str]


REGIONS = {
    "P1": Region(
        "ai_attention_share", 0.5, "generated items hold more than half of attention", ("dear", "cheap explorers")
    ),
    "P7": Region(
        "false_exposure_share", 0.0, "people meet more that is inaccurate", ("cheap falsehood", "cheap explorers")
    ),
    "thesis": Region("creativity_premium", 0.0, "novelty pays more with AI", ("cheap copies", "cheap explorers")),
}


@dataclass(frozen=True)
class Fork:
    """A question that the model leaves open: two settings give opposite answers.

    Attributes
    ----------
    outcome, mark : as of a `Region`.
    answers : what a negative and a positive difference say.
    settings : overrides that make for the one and the other.
    apart : whether it needs worlds of its own, since another's settings would undo its own.
    """

    outcome: str
    mark: float
    answers: tuple[str, str]
    settings: tuple[tuple[str, ...], tuple[str, ...]]
    apart: bool = False


FORKS = {
    "human commissions": Fork(
        "commissions_human", 0.0, ("shrink", "grow"),
        (("commissions.elasticity=0.3",), ("commissions.elasticity=1.8",)),
    ),
    "juniors per senior": Fork(
        "junior_senior_ratio", 0.0, ("fall", "rise"),
        (("studios.cap_plan=0", "studios.cap_create=0.9", "studios.cap_edit=0"),
         ("studios.cap_plan=0.9", "studios.cap_create=0", "studios.cap_edit=0.9")),
    ),
    "AI's supply": Fork(
        "ai_supply_share", 0.5, ("low plateau", "high plateau"),
        (("farms.human_minutes=20", "farms.account_cost=0.2"), CHEAP),
    ),
    "vendors": Fork(
        "vendor_hhi_spend", 0.25, ("not concentrated", "concentrated"),
        (("vendors.fixed_cost=0.003", "vendors.research_returns=0"),
         ("vendors.fixed_cost=0.2", "vendors.research_returns=1", "vendors.quality_sensitivity=8",
          "vendors.open_weights=false")),
    ),
    "depth": Fork(  # payouts draw cheap AI producers to short or to long formats
        "dwell_mean", 0.0, ("falls", "rises"),
        ((*CHEAP, "platforms.short_video.payout=0.9", "platforms.video_library.payout=0.1"),
         (*CHEAP, "platforms.short_video.payout=0.1", "platforms.video_library.payout=0.9")),
        apart=True,
    ),
}  # fmt: skip

NULLS = ("no_ai", "null_more_humans", "null_cost")  # time alone, volume alone, cost and volume alone
COUNTS = {"": "–", "all": "no", "part": "beyond the nulls", "fails": "yes"}  # the first that a null shows decides
NULLED = ("P1", "P2", "P3", "P7", "thesis")


@dataclass(frozen=True)
class Study:
    """What a command runs; `command` is the line that produces the same again."""

    command: str
    world: str
    replications: int
    seed: int
    workers: int | None

    def run(self, a: str, b: str | None = None, *overrides: str) -> Comparison:
        """Run one or two arms in the world of the study."""
        return compare(
            a,
            b,
            self.seed,
            self.replications,
            overrides=(f"world={self.world}", *overrides),
            workers=self.workers,
            progress=_report,
        )

    @property
    def weeks_before(self) -> int:
        """Weeks before release in the world of the study."""
        return compose("no_ai", (f"world={self.world}",)).settings.time.burn_in_weeks


def _report(done: int, total: int) -> None:
    if done == total or done % 50 == 0:
        print(f"\r{done} of {total} weeks", end="\n" if done == total else "", file=sys.stderr, flush=True)


def number(value: float | None, sign: str = "") -> str:
    """Write a number to three digits, large ones in full; a dash where there is none."""
    if value is None or np.isnan(value):
        return "–"
    return f"{value:{sign},.0f}" if abs(value) >= 1000 else f"{value:{sign}.3g}"


def band(low: float | None, high: float | None, sign: str = "") -> str:
    """Write an interval; a dash where there is none."""
    if low is None or high is None or np.isnan(low):
        return "–"
    return f"[{number(low, sign)}, {number(high, sign)}]"


def verdict(mean: float, low: float, high: float) -> str:
    """Say whether a mean lies in a range, near it, or out of it."""
    if low <= mean <= high:
        return "in"
    gap = max(low - mean, mean - high)
    return "near" if gap <= NEAR * (high - low) else "out"


def targets(study: Study) -> dict[str, str]:
    """Score the world without AI, at the end of burn-in, against the published market facts."""
    weeks = study.weeks_before
    runs = study.run("no_ai", None, f"time.weeks={weeks}").arms["no_ai"]
    rows = []
    for key, name, low, high in TARGETS:
        values = np.array([np.nanmean(run.outcomes[name].to_numpy(float)[-LAST_WEEKS:]) for run in runs])
        mean, (bottom, top) = float(values.mean()), quantiles(values, (0.05, 0.95))
        score = verdict(mean, low, high)
        rows.append((key, f"`{name}`", f"{low:g} to {high:g}", number(mean), band(bottom, top), score))
    head = ("target", "outcome", "range", "mean", "90 % of replications", "score")
    return {"targets": f"{_source(study)}\n\n{table(head, rows)}"}


def slope(frame: pd.DataFrame, name: str, start: int) -> float:
    """Least-squares slope a year of an outcome from week `start` on; NaN with fewer than three values."""
    tail = frame[frame["week"] >= start]
    known = tail[name].notna().to_numpy()
    if known.sum() < 3:
        return float("nan")
    years = tail["week"].to_numpy(float)[known] / YEAR
    return float(np.polyfit(years, tail[name].to_numpy(float)[known], 1)[0])


def drift(study: Study) -> dict[str, str]:
    """Look for trends without AI after burn-in, in every headline outcome that a world without AI has."""
    runs, start = study.run("no_ai").arms["no_ai"], study.weeks_before
    rows = []
    for outcome in HEADLINES:
        tails = [run.outcomes.loc[run.outcomes["week"] >= start, outcome.name] for run in runs]
        values = np.concatenate([tail.dropna().to_numpy(float) for tail in tails])
        if not values.any():
            continue  # AI's own outcomes are 0 or null
        level = max(abs(float(values.mean())), SMALLEST_LEVEL)
        mean, low, high = interval([slope(run.outcomes, outcome.name, start) / level for run in runs])
        if mean is None:
            continue
        clear = effect_of(low, high) in ("up", "down")
        said = "drifts" if clear and abs(mean) * HORIZON > TOLERANCE else "small" if clear else "none seen"
        span = "–" if low is None else f"[{low:+.2%}, {high:+.2%}]"
        rows.append((f"`{outcome.name}`", number(values.mean()), f"{mean:+.2%}", span, f"{mean * HORIZON:+.1%}", said))
    head = ("outcome", "mean level", "slope a year", "95 % interval", f"in {HORIZON} years", "drift")
    return {"drift": f"{_source(study)}\n\n{table(head, rows)}"}


def _difference(row: dict[str, Any], effect: str | None) -> str:
    """Write a paired difference with its interval, or that there is no clear one; why not where it is not told."""
    if row["difference"] is None:
        return "not judged" if "without_ai" in row["reasons"] else "–"
    span = band(row["difference_low"], row["difference_high"], "+")
    return f"no clear effect {span}" if effect == "no clear effect" else f"{number(row['difference'], '+')} {span}"


def _level(row: dict[str, Any]) -> str:
    """Write a level: its mean, or where no difference is told a typical replication with its interval."""
    if "without_ai" not in row["reasons"] or row["low"] is None:
        return number(row["mean"])
    return f"{number(row['typical'])} {band(row['low'], row['high'])}"


def replications(study: Study) -> dict[str, str]:
    """Compare the baseline with the paired world without AI, and say what pairing saved."""
    summary = summarise(study.run("baseline", "no_ai"))
    rows, gains, ratios = [], [], []
    for outcome in HEADLINES:
        row = summary[outcome.name]
        rows.append(
            (
                outcome.prediction,
                f"`{outcome.name}`",
                _level(row),
                number(row["against"]),
                _difference(row, row["effect"]),
                number(row["correlation"]),
            )
        )
        if row["run_ratio"] is not None:
            ratios.append(row["run_ratio"])
            gains.append((f"`{outcome.name}`", number(row["correlation"]), number(row["run_ratio"])))
    head = ("", "outcome", "with AI (AI's own: typical replication [95 %])", "without", "difference [95 %]",
            "correlation of arms")  # fmt: skip
    pairing = "No outcome varies in both arms over five pairs or more."
    if gains:
        pairing = (
            f"Median over {len(ratios)} headline outcomes that vary in both arms: {number(float(np.median(ratios)))} "
            f"independent runs give the band of one pair; for {sum(r > 1 for r in ratios)} of them pairing helps.\n\n"
            + table(("outcome", "correlation of arms", "independent runs for a pair"), gains)
        )
    return {
        "replications": f"{_source(study)}\n\n{table(head, rows)}",
        "pairing": f"{_source(study)}\n\n{pairing}",
    }


def late(runs: Sequence[RunResult], name: str) -> np.ndarray:
    """Mean of an outcome over the last three years per replication, shape (replications,)."""
    return np.array([np.nanmean(run.outcomes[name].to_numpy(float)[-REGION_WEEKS:]) for run in runs])


def held_against(
    runs: Sequence[RunResult], without: Sequence[RunResult], name: str, mark: float
) -> tuple[Interval, Effect | None]:
    """Judge the last three years as the report judges the last one: a typical replication by a mark, or pairs.

    What is held against a mark is AI's own, of which the arm without it has none, or a state of the arm itself.
    """
    values, outcome = late(runs, name), OUTCOMES[name]
    if mark:
        found = interval_of(values, outcome)
        return found, side_of(found, mark)
    change = paired_interval(values, late(without, name), outcome)
    return change, change.effect


def told(found: Interval, mark: float = 0.0) -> str:
    """Write an interval less a mark: its centre, its ends, and how many replications it leaves out."""
    if found.typical is None or found.low is None or found.high is None:
        text = "–" if found.mean is None else number(found.mean - mark, "+")
    else:
        text = f"{number(found.typical - mark, '+')} {band(found.low - mark, found.high - mark, '+')}"
    out = found.zeros + found.ones
    return text + (f", {out} of {found.n} at exactly 0 or 1" if out else "")


def regions(study: Study) -> dict[str, str]:
    """Show each prediction in two regions where it comes out opposite."""
    pairs = {name: study.run("baseline", "no_ai", *overrides) for name, overrides in SETS.items()}
    rows = []
    for key, region in REGIONS.items():
        for name in region.sets:
            arms = pairs[name].arms
            found, effect = held_against(arms["baseline"], arms["no_ai"], region.outcome, region.mark)
            said = {"up": "yes", "down": "no", None: "–"}.get(effect, "no clear effect")
            what = f"`{region.outcome}`" + (f" less {region.mark:g}" if region.mark else "")
            rows.append((key, name, what, told(found, region.mark), f"{region.claim}: {said}"))
    head = ("", "region", "against `no_ai`, or a mark", "difference [95 %]", "reading")
    sets = "\n".join(f"- {name}: " + ", ".join(f"`{text}`" for text in texts) for name, texts in SETS.items())
    return {"regions": f"{_source(study)}\n\n{table(head, rows)}\n\n{sets}"}


def levers(study: Study) -> dict[str, str]:
    """Test what each policy lever was expected to do, in pairs with the same world without it."""
    runs = _policy_runs(study)
    rows, reasons = [], []
    for name, expected in policy.EXPECTATIONS.items():
        with_, without = runs[policy.overrides(name, expected)], runs[policy.overrides("", expected)]
        for what, effect in (("aim", expected.aim), ("side", expected.side)):
            other = levels(without, effect.outcome)
            change = paired_interval(levels(with_, effect.outcome), other, OUTCOMES[effect.outcome])
            low, high = change.low, change.high
            rows.append(
                (
                    f"`{name}`",
                    what,
                    f"`{effect.outcome}`",
                    "up" if effect.sign > 0 else "down",
                    number(interval(other)[0]),
                    f"{number(change.mean, '+')} {band(low, high, '+')}",
                    policy.read(effect, low, high),
                )
            )
        reasons.append(f"- `{name}`: {expected.aim.reason} {expected.side.reason}")
    head = ("lever", "", "outcome", "expected", "without", "difference [95 %]", "reading")
    why = "The reasons, as written before:\n\n" + "\n".join(reasons)
    return {"levers": f"{_source(study)}\n\n{table(head, rows)}\n\n{why}"}


def _policy_runs(study: Study) -> dict[tuple[str, ...], list[RunResult]]:
    """Run the world with each lever, and each world without, once; by what selects them."""
    chosen = dict.fromkeys(
        policy.overrides(with_, expected) for name, expected in policy.EXPECTATIONS.items() for with_ in ("", name)
    )
    cases = [
        prepare(replace(compose("baseline", (f"world={study.world}", *texts)), name=str(k)))
        for k, texts in enumerate(chosen)
    ]
    done = run_arms(cases, study.seed, study.replications, workers=study.workers, progress=_report)
    return dict(zip(chosen, done.arms.values(), strict=True))


def signs(study: Study) -> dict[str, str]:
    """Show both answers to each open question: one world has the settings for all the one answers, one for the other.

    The questions' settings may share a world where they bear on parts that hardly touch one another.
    """
    pairs = {}
    for keys in ([k for k, fork in FORKS.items() if not fork.apart], *([k] for k, fork in FORKS.items() if fork.apart)):
        for side in (0, 1):
            texts = [text for key in keys for text in FORKS[key].settings[side]]
            pairs |= dict.fromkeys([(key, side) for key in keys], study.run("baseline", "no_ai", *texts).arms)
    rows = []
    for key, fork in FORKS.items():
        for side, texts in enumerate(fork.settings):
            arms = pairs[key, side]
            found, effect = held_against(arms["baseline"], arms["no_ai"], fork.outcome, fork.mark)
            values = late(arms["baseline"], fork.outcome)
            against = np.full(values.size, fork.mark) if fork.mark else late(arms["no_ai"], fork.outcome)
            gap = gaps_between(values, against)
            alike = f"{max((gap > 0).sum(), (gap < 0).sum())} of {len(gap)}"
            what = f"`{fork.outcome}`" + (f" less {fork.mark:g}" if fork.mark else "")
            said = {"down": fork.answers[0], "up": fork.answers[1], None: "–"}.get(effect, "no clear effect")
            made = ", ".join(f"`{text}`" for text in texts)
            rows.append((key, made, what, told(found, fork.mark), alike, said))
    head = ("", "settings", "against `no_ai`, or a mark", "difference [95 %]", "runs alike in sign", "reading")
    return {"signs": f"{_source(study)}\n\n{table(head, rows)}"}


def before(runs: Sequence[RunResult], name: str, weeks: int) -> np.ndarray:
    """Mean of an outcome over the last half year before week `weeks` per replication; NaN where there is no value."""
    rows = [run.outcomes[name].to_numpy(float)[:weeks][-YEAR // 2 :] for run in runs]
    return np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in rows])


@dataclass(frozen=True)
class Found:
    """What a world shows of an outcome: differences by replication, in words, and which way they go."""

    gaps: np.ndarray
    text: str
    effect: Effect | None


def effects(runs: Sequence[RunResult], without: Sequence[RunResult], name: str) -> Found:
    """Last year's mean less that of the paired world without AI, or where that has none, less the claim's yardstick."""
    values, other, yardstick = levels(runs, name), levels(without, name), YARDSTICK.get(name)
    if yardstick is None or not np.isnan(other).all():
        return paired(values, other, name)
    if isinstance(yardstick, str):
        return paired(values, levels(runs, yardstick), name)
    found = interval_of(values, OUTCOMES[name])
    gaps = gaps_between(values, np.full(values.size, yardstick))
    return Found(gaps, told(found, yardstick), side_of(found, yardstick))


def paired(values: np.ndarray, other: np.ndarray, name: str) -> Found:
    """Paired differences of an outcome, as the report tells them; 0 where there is none in any pair."""
    gaps, change = gaps_between(values, other), paired_interval(values, other, OUTCOMES[name])
    nothing = change.n > 0 and not np.nan_to_num(gaps).any()
    return Found(gaps, "0" if nothing else told(change), change.effect)


def reproduction(full: Found, null: Found) -> str:
    """Say how much of the full model's effect a null shows.

    Parameters
    ----------
    full, null : effects of the full model and of the null, replications in the same order.

    Returns
    -------
    str
        "" where the full model has no clear effect, or too few values; "fails" where the null has none of the same
        sign; "all" where it has and is not clearly smaller; "part" where it is.
    """
    if full.effect not in ("up", "down"):
        return ""
    if null.effect != full.effect:
        return "fails"
    return "part" if effect_of_gaps(gaps_between(full.gaps, null.gaps)) == full.effect else "all"


def nulls(study: Study) -> dict[str, str]:
    """Run the nulls beside the full model and say for which effects each suffices.

    Attention is random in `null_cost` before release too, so its effect is against its own world without AI.
    """
    arms = study.run("baseline", "no_ai").arms | study.run("null_more_humans", "null_cost").arms
    without, rows = dict.fromkeys(arms, arms["no_ai"]), []
    without["null_cost"] = study.run("null_cost", None, "technology=none").arms["null_cost"]
    for outcome in HEADLINES:
        if outcome.prediction not in NULLED:
            continue
        name = outcome.name
        found = {arm: effects(arms[arm], without[arm], name) for arm in ("baseline", *NULLS[1:])}
        found["no_ai"] = paired(levels(arms["no_ai"], name), before(arms["no_ai"], name, study.weeks_before), name)
        said = {arm: reproduction(found["baseline"], values) for arm, values in found.items() if arm != "baseline"}
        cells = [f"{found[arm].text}{said[arm] and f': {said[arm]}'}" for arm in NULLS]
        counts = next(word for mark, word in COUNTS.items() if mark in said.values())
        if counts == "yes" and not any(np.nan_to_num(found[arm].gaps).any() for arm in NULLS):
            counts = "by definition"
        rows.append((outcome.prediction, f"`{name}`", found["baseline"].text, *cells, counts))
    head = ("", "outcome", "`baseline`", *(f"`{arm}`" for arm in NULLS), "counts")
    return {"nulls": f"{_source(study)}\n\n{table(head, rows)}"}


def _source(study: Study) -> str:
    runs = "one replication" if study.replications == 1 else f"{study.replications} replications"
    return f"`{study.command}` (world {study.world}, {runs}, seed {study.seed}):"


def fill(page: str, name: str, text: str) -> str:
    """Put a text into the page's block of that name.

    Raises
    ------
    ValueError : the page has no such block.
    """
    block = re.compile(rf"(<!-- results: {re.escape(name)} -->\n).*?(<!-- end -->)", re.S)
    if not block.search(page):
        raise ValueError(f"docs/model.md has no block <!-- results: {name} -->")
    return block.sub(lambda match: f"{match[1]}{text}\n{match[2]}", page, count=1)


COMMANDS: dict[str, tuple[Callable[[Study], dict[str, str]], str, int]] = {  # with its usual world and replications
    "targets": (targets, "standard", 5),
    "drift": (drift, "standard", 5),
    "replications": (replications, "classroom", 10),
    "regions": (regions, "classroom", 12),
    "levers": (levers, "classroom", 12),
    "signs": (signs, "classroom", 12),
    "nulls": (nulls, "classroom", 5),
}


def main(arguments: Sequence[str]) -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=COMMANDS)
    parser.add_argument("--world", help="default: standard for targets and drift, classroom for the others")
    parser.add_argument("--replications", type=int, help="default: 5; 10 replications, 12 regions, levers and signs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="processes; default: as many as cores allow")
    parser.add_argument("--write", action="store_true", help="fill docs/model.md in place")
    given = parser.parse_args(arguments)
    command, world, count = COMMANDS[given.name]
    count, world = given.replications or count, given.world or world
    line = f"python docs/results.py {given.name} --world {world} --replications {count} --seed {given.seed}"
    blocks = command(Study(line, world, count, given.seed, given.workers))
    print("\n\n".join(blocks.values()))
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        for name, text in blocks.items():
            page = fill(page, name, text)
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
