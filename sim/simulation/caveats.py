"""What a reader of a run's numbers should know: a lever never acts, AI plays no part, a bound was touched."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sim.base.bounds import BOUNDS
from sim.base.clock import first_averaged
from sim.settings.levers import LEVERS
from sim.settings.overrides import parse_override
from sim.settings.scenario import metadata, names, settings_of, start_date
from sim.simulation.cases import Case
from sim.simulation.results import RunResult

if TYPE_CHECKING:
    from sim.settings import Lever, Settings

SHORT = 0.25  # part of the averaged weeks; a lever that acts for less hardly shows in their mean
PARTS = ("ai_supply_share", "assisted_share", "interactive_time_share")  # what AI does alone, with people, and for them


@dataclass(frozen=True)
class Caveat:
    """A line that warns, in English and Chinese."""

    text: str
    text_zh: str


def caveats_of(cases: Sequence[Case]) -> list[Caveat]:
    """Warn of what a run's settings foretell: a lever that never acts, AI that is not released, and the like."""
    arms = {case.name: case.scenario.settings for case in cases}
    found = [*_about_ai(arms), *_about_levers(arms), *_about_people(cases)]
    for settings in arms.values():
        found += _about_platforms(settings)
    if len(cases) == 2:
        found += _in_both_arms(cases)
    return list(dict.fromkeys(found))  # what holds for both arms is said once


def findings_of(cases: Sequence[Case], results: Mapping[str, Sequence[RunResult]]) -> list[Caveat]:
    """Warn of what only the results show: AI makes nothing by itself or plays no part, or a bound was touched."""
    without: dict[tuple[int, int], list[str]] = {}
    idle: dict[tuple[int, int], list[str]] = {}
    for case in cases:
        settings, runs = case.scenario.settings, results[case.name]
        since = settings.time.weeks - settings.time.burn_in_weeks
        if not settings.technology.released or since <= 0 or not all(_is_nil(run, PARTS[0]) for run in runs):
            continue
        world = (since, settings.world.consumers)
        if all(_is_nil(run, name) for run in runs for name in PARTS):
            without.setdefault(world, []).append(case.name)
        elif settings.technology.autonomous:
            idle.setdefault(world, []).append(case.name)
    return [
        *(_without_part(arms, *world) for world, arms in without.items()),
        *(_idle(arms, *world) for world, arms in idle.items()),
        *(caveat for case in cases for caveat in _at_bounds(case, results[case.name])),
    ]


def _at_bounds(case: Case, runs: Sequence[RunResult]) -> Iterator[Caveat]:
    """Warn of bounds that an arm's runs touched from release on (in all weeks, if they end before), and how often."""
    time = case.scenario.settings.time
    first = time.burn_in_weeks if time.burn_in_weeks < time.weeks else 0
    looked, touched = 0, Counter[str]()
    for run in runs:
        if "bounds" in run.exhibits:
            bounds, weeks = run.exhibits["bounds"], run.outcomes.loc[run.outcomes["week"] >= first, "at_bound"]
            looked += weeks.count()
            touched.update(bounds.loc[bounds["week"] >= first, "bound"])
    for name, times in sorted(touched.items()):
        bound, part = BOUNDS[name], f"{times / looked:.0%}"
        yield Caveat(
            f"{bound.text} in {part} of the weeks of {case.name} that were looked at ({times:,} of {looked:,}); what "
            "follows is the bound's doing",
            f"{case.name}中{bound.text_zh}，占所查各周的{part}（{looked:,}周中的{times:,}周），相应结果由该界限决定",
        )


def _without_part(arms: list[str], since: int, people: int) -> Caveat:
    """Warn that AI, though released, plays no part in some arms.

    Parameters
    ----------
    since : weeks from release to the end of the run.
    people : consumers in each of these arms.
    """
    return Caveat(
        f"AI plays no part in {' and '.join(arms)}: nothing is made by it or with it in {weeks_of(since)} from release "
        f"on, in a world of {people:,} people",
        f"AI在{'与'.join(arms)}中没有任何作用：发布后{since}周内，没有内容由AI或借助AI制作，共{people:,}人",
    )


def _idle(arms: list[str], since: int, people: int) -> Caveat:
    """Warn that AI, though released, makes no item by itself in some arms; `since` as in `_without_part`."""
    return Caveat(
        f"AI makes no item by itself in {' and '.join(arms)}, so its shares of new items, attention and payouts "
        f"are 0; the run ends {weeks_of(since)} after release, in a world of {people:,} people",
        f"AI在{'与'.join(arms)}中没有独立制作任何内容，因此其在新内容、注意力与分成中的占比均为0；"
        f"模拟在发布后{since}周结束，共{people:,}人",
    )


def described(caveats: Iterable[Caveat]) -> list[dict[str, str]]:
    """Turn caveats into entries of a manifest."""
    return [asdict(caveat) for caveat in caveats]


def _is_nil(run: RunResult, name: str) -> bool:
    """Whether an outcome is 0 or has no value in all weeks."""
    return name not in run.outcomes or not run.outcomes[name].fillna(0.0).any()


def weeks_of(count: int) -> str:
    """Write a number of weeks."""
    return f"{count} week" if count == 1 else f"{count} weeks"


def _about_ai(arms: Mapping[str, Settings]) -> Iterator[Caveat]:
    """Warn where no arm has AI, or one ends before its release."""
    if not any(settings.technology.released for settings in arms.values()):
        named = " and ".join(arms)
        yield Caveat(
            f"AI plays no part in {named}: technology.released is false",
            f"AI在{'与'.join(arms)}中没有任何作用：technology.released为false",
        )
    for settings in arms.values():
        time = settings.time
        if settings.technology.released and time.weeks <= time.burn_in_weeks:
            yield Caveat(
                f"AI plays no part: the run ends after {weeks_of(time.weeks)}, before AI is released "
                f"(after time.burn_in_weeks, {time.burn_in_weeks})",
                f"AI没有任何作用：模拟在{time.weeks}周后结束，早于AI发布（time.burn_in_weeks，即{time.burn_in_weeks}周之后）",
            )


def _about_levers(arms: Mapping[str, Settings]) -> Iterator[Caveat]:
    """Warn of levers that have strength 0, act late or never, or act on AI where none exists.

    Where two arms share a lever on AI and one of them has AI, nothing is said: that the lever changes nothing in the
    other is then part of the comparison.
    """
    with_ai = {name for settings in arms.values() if settings.technology.released for name in settings.policy}
    for arm, settings in arms.items():
        for name, lever in settings.policy.items():
            if lever.strength == 0.0:
                yield Caveat(f"{name} has strength 0: it changes nothing", f"{_zh(name)}强度为0：不产生任何影响")
            elif (late := _lateness(name, lever, settings)) is not None:
                yield late
            elif name in LEVERS and LEVERS[name].of_ai and name not in with_ai:
                yield Caveat(
                    f"{name} changes nothing in {arm}, where no AI exists",
                    f"{_zh(name)}在{arm}中不产生任何影响，因为其中没有AI",
                )


def _lateness(name: str, lever: Lever, settings: Settings) -> Caveat | None:
    """Warn of a lever that starts after the last week, or in the last few."""
    weeks = settings.time.weeks
    acts = weeks - (datetime.date.fromisoformat(lever.start) - start_date(settings)).days // 7
    averaged = weeks - first_averaged(weeks, settings.time.burn_in_weeks)
    if acts <= 0:
        return Caveat(
            f"{name} starts on {lever.start}, after the last week (of {_last_monday(settings)}): it never acts",
            f"{_zh(name)}自{lever.start}起生效，晚于最后一周（{_last_monday(settings)}起）：从未生效",
        )
    if acts < SHORT * averaged:
        return Caveat(
            f"{name} acts only in the last {weeks_of(acts)} of the {averaged} that are averaged (from {lever.start})",
            f"{_zh(name)}仅在取平均的{averaged}周中的最后{acts}周生效（自{lever.start}起）",
        )
    return None


def _about_platforms(settings: Settings) -> Iterator[Caveat]:
    """Warn of platforms and answer layers that open after the last week."""
    last = _last_monday(settings) + datetime.timedelta(days=6)
    late: list[tuple[str, str, str]] = []
    for name, platform in settings.platforms.items():
        label = metadata("platforms", name)["label_zh"] if name in names("platforms") else name
        if platform.opens > last.isoformat():
            late.append((name, label, platform.opens))
        elif platform.answer_layer > 0 and platform.answer_layer_opens > last.isoformat():
            late.append((f"the answer layer of {name}", f"{label}的答案层", platform.answer_layer_opens))
    if late:
        monday = _last_monday(settings)
        yield Caveat(
            f"never open, as the last week is that of {monday}: {', '.join(f'{one} ({day})' for one, _, day in late)}",
            f"最后一周为{monday}起，以下从未开放：{'、'.join(f'{label}（{day}）' for _, label, day in late)}",
        )


def _about_people(cases: Sequence[Case]) -> Iterator[Caveat]:
    """Warn of a number of people that was set beside data, which already fix it."""
    for case in cases:
        people = case.scenario.settings.world.consumers
        for text in case.scenario.overrides if case.inputs else ():
            key, asked = parse_override(text)
            if key == "world.consumers" and asked != people:
                yield Caveat(
                    f"world.consumers={asked} does nothing: the data have {people:,} people",
                    f"world.consumers={asked}不起作用：数据中有{people:,}人",
                )


def _in_both_arms(cases: Sequence[Case]) -> Iterator[Caveat]:
    """Warn of levers that a user put into both arms, so that the arms' difference does not show their effect."""
    first, second = (case.scenario for case in cases)
    shared = [
        name
        for name, lever in first.settings.policy.items()
        if second.settings.policy.get(name) == lever and lever.strength > 0 and name not in _own(first.name)
    ]
    if shared:
        named = ",".join(shared)
        yield Caveat(
            f"policy=[{named}] is in both arms, so their difference is not its effect; --with {named} puts it into "
            "the first arm only",
            f"policy=[{named}]同时用于两个情景，因此二者之差不是其影响；--with {named}只用于第一个情景",
        )


def _own(scenario: str) -> Collection[str]:
    """List the policies that a packaged scenario selects."""
    chosen: Iterable[tuple[str, object]] = settings_of("scenario", scenario) if scenario in names("scenario") else ()
    return [name for group, selected in chosen if group == "policy" and isinstance(selected, list) for name in selected]


def _last_monday(settings: Settings) -> datetime.date:
    """Return the Monday of a run's last week."""
    return start_date(settings) + datetime.timedelta(weeks=settings.time.weeks - 1)


def _zh(name: str) -> str:
    """Return a lever's name in Chinese."""
    return metadata("policy", name)["label_zh"] if name in names("policy") else name
