"""Known answers of interactive AI: who takes it up, and what it takes from attention."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.agents.adopters import TALK_BY_NEED, Adopters, create_adopters, take_up_or_drop
from sim.agents.friends import clustered_heavy_tailed, share_of_followed
from sim.agents.vendors import capability_at
from sim.base.clock import WEEKS_PER_YEAR
from sim.base.graphs import from_edges
from sim.base.randomness import Streams
from sim.base.tables import F8
from sim.settings import Settings
from sim.settings.needs import of_needs
from tests.bench import Bench, change, crowd
from tests.worlds import base, differences, opened, patched

PEOPLE = 20_000
PLAIN = {"interactive__keenness_sd": 0.0, "interactive__capability_pull": 0.0, "interactive__drop_rate": 0.0}
EARLY = {
    "time.weeks": 14, "time.burn_in_weeks": 4, "interactive.opening": 2, "interactive.rate": 0.02,
    "interactive.peer_rate": 0.1, "interactive.appetite_mean": -1.0,
}  # fmt: skip


def society(n: int = PEOPLE, **values: Any) -> tuple[Settings, Adopters, Any]:
    """Settings, adopters and their uids."""
    settings = change(Settings(), world__consumers=n, **values)
    people = crowd(settings, np.zeros((4, len(settings.platforms))))
    return settings, create_adopters(people, settings, Streams(1)).columns, people.uid


def users(weeks: int, **values: Any) -> F8:
    """Share of users after each week, everyone following everyone."""
    settings, adopters, uid = society(**values)
    shares = []
    for week in range(weeks):
        peers = np.full(len(uid), adopters.adopted.mean())
        u = Streams(1)["interactive"].uniform(week, uid)
        take_up_or_drop(adopters, peers, 0.5, settings.interactive, u)
        shares.append(float(adopters.adopted.mean()))
    return np.array(shares)


def test_without_peers_and_differences_users_are_one_less_exponential() -> None:
    seen = users(200, interactive__rate=0.01, interactive__peer_rate=0.0, **PLAIN)
    expected = 1.0 - np.exp(-0.01 * np.arange(1, 201))
    assert np.abs(seen - expected).max() < 4 * np.sqrt(0.25 / PEOPLE)


def test_with_peers_who_mix_users_follow_the_logistic_curve() -> None:
    rate, peers = 0.002, 0.03
    seen = users(260, interactive__rate=rate, interactive__peer_rate=peers, **PLAIN)
    fall = np.exp(-(rate + peers) * np.arange(1, 261))
    expected = (1.0 - fall) / (1.0 + peers / rate * fall)
    assert np.abs(seen - expected).max() < 0.025  # chance in the first weeks shifts the curve by half a week


def test_use_that_people_drop_settles_between() -> None:
    values = PLAIN | {"interactive__drop_rate": 0.02}
    seen = users(400, interactive__rate=0.02, interactive__peer_rate=0.0, **values)
    assert seen[-100:].mean() == pytest.approx(0.5, abs=0.01)


def test_the_keen_come_first_and_stay() -> None:
    settings, adopters, uid = society(interactive__keenness_sd=1.0, interactive__drop_rate=0.02)
    for week in range(100):
        u = Streams(1)["interactive"].uniform(week, uid)
        take_up_or_drop(adopters, np.zeros(len(uid)), 0.0, settings.interactive, u)
    keen, used = adopters.keenness > np.median(adopters.keenness), adopters.adopted > 0
    assert adopters.keenness.mean() == pytest.approx(1.0, abs=0.05)
    assert used[keen].mean() > 2 * used[~keen].mean()


def test_peers_are_those_whom_one_follows() -> None:
    graph = from_edges(4, [0, 0, 1, 3], [1, 2, 2, 0])
    shares = share_of_followed(graph, np.array([0, 1, 0, 1], np.uint8))
    assert shares.tolist() == [0.5, 0.0, 0.0, 0.0]


def test_defaults_meet_the_users_of_c8() -> None:
    """15 to 20 % at 25 months after release, 40 to 46 % at 37."""
    settings, adopters, uid = society()
    graph = clustered_heavy_tailed(PEOPLE, settings.spread.friends, settings.spread.clustering, Streams(1)["friends"])
    seen = {}
    for week in range(settings.interactive.opening, 161):
        level = max(capability_at(week / WEEKS_PER_YEAR, settings.technology) - 0.05, 0.0)  # as the mean user meets
        u = Streams(1)["interactive"].uniform(week, uid)
        take_up_or_drop(adopters, share_of_followed(graph, adopters.adopted), level, settings.interactive, u)
        seen[week] = float(adopters.adopted.mean())
    assert 0.15 < seen[108] < 0.20 and 0.40 < seen[160] < 0.46


def test_talk_informs_and_makes_and_is_hardly_company() -> None:
    a = Settings().attention
    weights = of_needs(a.needs)
    talk = TALK_BY_NEED * weights / weights.sum()
    assert talk.sum() == pytest.approx(1.0, abs=0.02)
    assert talk[0] == pytest.approx(0.5, abs=0.02) and talk[2] < 0.02  # I26


def talkers(chance: float, need: int) -> Bench:
    """A crowd of one need, half of whom use interactive AI."""
    bench = Bench(4_000, 40)
    bench.people.needs[:] = np.arange(4) >= need
    bench.people.talk[::2] = chance
    return bench


@pytest.mark.parametrize("need", range(4))
def test_a_session_is_spent_talking_as_often_as_appetite_and_need_say(need: int) -> None:
    bench = talkers(0.2, need)
    events = bench.session()
    talks = events.talks > 0
    assert talks[::2].mean() == pytest.approx(0.2 * TALK_BY_NEED[need], abs=0.03)
    assert not talks[1::2].any()
    assert (events.listing[talks] == -1).all() and (events.slate[talks] == -1).all()
    assert (events.seconds == bench.people.seconds).all()


def test_only_sessions_spent_talking_change() -> None:
    one, other = talkers(0.2, 0), talkers(0.0, 0)
    with_ai, without = one.session(), other.session()
    same = with_ai.talks == 0
    for name in ("listing", "seconds", "uses", "utility", "slate"):
        assert np.array_equal(getattr(with_ai, name)[same], getattr(without, name)[same]), name
    assert (without.listing[~same] >= 0).any()


def test_nothing_changes_before_it_opens_and_something_after() -> None:
    world = patched(base(), EARLY)
    never = patched(world, {"interactive.opening": 500})
    assert differences(opened(world, 6, rng=3), opened(never, 6, rng=3)) == []
    frame = opened(world, 14, rng=3).outcomes()
    assert frame["interactive_time_share"].iloc[:6].eq(0.0).all()
    assert frame["interactive_time_share"].iloc[-3:].gt(0.0).all()


def test_interactive_time_share_is_zero_where_nobody_takes_it_up() -> None:
    off = patched(base(), EARLY | {"interactive.rate": 0.0})  # nobody begins, so nobody has peers who use it
    model = opened(off, 14, rng=3)
    assert model.outcomes()[["interactive_time_share", "interactive_users_share"]].eq(0.0).all().all()
    assert model.world.ai_subscribers == 0.0


def test_time_share_counts_on_screen_seconds_and_subscribers_are_a_share_of_users() -> None:
    model = opened(patched(base(), EARLY), 14, rng=3)
    row, t = model.outcomes().iloc[-1], model.last_week.tallies
    talked, platforms = float(t.interactive_seconds[0]), float(t.platform_seconds.sum())
    assert row["interactive_time_share"] == talked / (talked + platforms)
    assert row["screen_share"] == pytest.approx((talked + platforms) / (talked + platforms + float(t.off_seconds[0])))
    assert row["ai_attention_share"] == pytest.approx(t.origin_seconds[:, 2].sum() / platforms)
    users = row["interactive_users_share"] * model.settings.world.consumers
    assert model.world.ai_subscribers == pytest.approx(model.settings.interactive.paying_share * users)
