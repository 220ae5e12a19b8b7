"""Consumers: who they are and what they decide week by week (their daily choices are a kernel)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.base.clock import MONTH
from sim.base.randomness import Stream, Streams, derive
from sim.base.records import Consumers
from sim.base.tables import DIMS, F4, F8, I8, U1, U2, U4, U8, Population, blocks, some
from sim.culture.detection import d_prime_of_accuracy, update_prevalence
from sim.kernels.columns import PARTS, SHORT, STEPS, read, write
from sim.kernels.graphs import count_held, drop_followed, sum_held
from sim.kernels.sessions import MIN_TRUST
from sim.settings import Settings
from sim.settings.needs import NEEDS, of_needs

SETTLING_ROUNDS = 12  # in each of which half of the consumers swap a platform, before the world opens
UNSEEN = 1e-3  # share of AI in the feed that people believe in before they hear of it: assumption
LOWEST_ACCURACY, HIGHEST_ACCURACY = 0.5, 0.95  # at spotting AI: a guess at worst: assumption
OBSCURE = 0.01  # share of users that a platform without any is chosen as if it had: assumption
MIN_NEWS, MAX_NEWS = 1e-4, 0.999  # bounds of the reported share of AI, so that its log-odds are finite
MIN_MEMORY = 3  # items, so that the mean of the three nearest is one
MEMORY_DAYS = 24  # days, at an item a day, over which novelty to the viewer is felt


COMPACT: dict[str, npt.DTypeLike] = {
    **dict.fromkeys(("taste", "expertise", "stance", "news", "d_prime", "discernment", "platform_taste"), STEPS),
    **dict.fromkeys(("affinity", "needs"), PARTS),
    **dict.fromkeys(("seconds", "activity", "talk", "prevalence", "habit", "old_habit", "pleasure"), SHORT),
    **dict.fromkeys(("satiation", "memory", "satisfaction", "trust"), SHORT),
    "seen": np.uint16,
}  # how a compact world holds columns


def _shares(log_weights: F8) -> F4:
    """Cumulative shares along the last axis from log weights (softmax, then cumulative sum)."""
    weight = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return np.asarray(np.cumsum(weight / weight.sum(axis=-1, keepdims=True), axis=-1), np.float32)


def posting_rates(silent_share: float, spread: float, mean: float, zero: F8, z: F8) -> F8:
    """Posts per day of each person, shape (n,): zero for `silent_share` of people, log-normal for the rest.

    The mean over all people is `mean`; `zero` and `z` are uniform and normal numbers, shape (n,).
    """
    rate = np.exp(spread * z - spread**2 / 2) * mean / max(1.0 - silent_share, 1e-9)
    return np.where(zero < silent_share, 0.0, rate)


def memory_slots(settings: Settings) -> int:
    """Number of items that a consumer remembers: those of 24 days, one per session; 1 for a running mean."""
    return max(MIN_MEMORY, round(MEMORY_DAYS / session_days(settings))) if settings.world.memory == "items" else 1


def seen_slots(settings: Settings, longest_days: float) -> int:
    """Number of used items that a consumer must remember, so that none is used twice within an item's lifetime."""
    return int(np.ceil(longest_days / session_days(settings))) + 2


def sort_people(settings: Settings) -> tuple[I8, I8]:
    """Sort people into the rows of the table of consumers, by the tick at which their sessions come: their turn.

    The sessions of a tick are then neighbours in memory. A person's turn follows from the uid alone.

    Returns
    -------
    person : int64 (n,), number of the person in each row.
    turns : int64 (period + 1,), first row of each turn; the last entry is n.
    """
    n, period = settings.world.consumers, session_period(settings)
    turn = (derive("consumer", 0, np.arange(n)) % np.uint64(period)).astype(np.int64)
    person = np.argsort(turn, kind="stable")
    return person, np.searchsorted(turn[person], np.arange(period + 1))


def create_consumers(
    settings: Settings,
    streams: Streams,
    pull: F8,
    seen: int,
    person: I8,
    minutes: F4 | None,
    age: U2 | None,
    installed: U1 | None,
) -> Population[Consumers]:
    """Draw the consumers of a world.

    Parameters
    ----------
    pull : fit of each platform to each need, shape (needs, platforms).
    person : the person in each row, shape (n,).
    seen : slots to remember used items.
    minutes, age, installed : a user's own columns (n,), (n,), (n, platforms); drawn where None.
    """
    n, k, world = settings.world.consumers, len(settings.platforms), settings.world
    axes = {
        "dims": DIMS, "genres": world.genres, "needs": len(NEEDS), "platforms": k, "follows": world.follows,
        "memory": memory_slots(settings), "seen": seen, "month": MONTH, "halves": 2,
    }  # fmt: skip
    held = dict(COMPACT) if world.columns == "compact" else {}
    if age is None or age.max() <= np.iinfo(np.uint8).max:  # hardly anybody tells more groups apart
        held["age"] = np.uint8
    table = Population(Consumers, n, axes, held)
    table.n = n
    for rows in blocks(n):
        _draw_consumers(
            some(table.columns, rows),
            settings,
            streams,
            pull,
            person[rows],
            None if minutes is None else minutes[rows],
            None if age is None else age[rows],
            None if installed is None else installed[rows],
        )
    return table


def _draw_consumers(
    people: Consumers,
    settings: Settings,
    streams: Streams,
    pull: F8,
    person: I8,
    minutes: F4 | None,
    age: U2 | None,
    installed: U1 | None,
) -> None:
    """Draw the traits of some rows of consumers; parameters as in `create_consumers`."""
    a, k = settings.attention, len(settings.platforms)
    uid = people.uid[:] = derive("consumer", 0, person)
    draw = streams["consumers"]

    def put(name: str, values: Any) -> None:
        write(people, name, values, uid, streams["rounding"])

    drawn = np.exp(a.minutes_sd * draw.normal(0, uid) - a.minutes_sd**2 / 2) * a.minutes
    seconds = np.minimum(drawn if minutes is None else minutes, 10_080) * 60 / 7 * session_days(settings)
    put("seconds", seconds.astype(np.int32))
    if age is not None:
        people.age[:] = age
    put("taste", draw.normals(0, uid, DIMS, 10))
    put("affinity", _shares(a.affinity_sd * draw.normals(0, uid, settings.world.genres, 20)))
    mix = np.log(np.maximum(of_needs(a.needs), 1e-9))
    put("needs", _shares(mix + a.need_sd * draw.normals(0, uid, len(NEEDS), 40)))
    put("expertise", z := draw.normal(0, uid, 50))
    put("stance", a.stance_mean + a.stance_sd * draw.normal(0, uid, 51))
    people.creed[:] = draw.uniform(0, uid, 52) < 0.5
    put("prevalence", UNSEEN)
    put("news", settings.culture.news_noise * draw.normal(0, uid, 53))
    accuracy = settings.culture.detection_accuracy + settings.culture.detection_training * z
    put("d_prime", d_prime_of_accuracy(np.clip(accuracy, LOWEST_ACCURACY, HIGHEST_ACCURACY)))
    put("discernment", np.maximum(settings.trust.discernment + settings.trust.literacy_sd * z, 0.0))
    put("habit", np.clip(a.habit_start + a.habit_sd * draw.normal(0, uid, 54), 0.0, 1.0))
    people.old_habit[:] = people.habit  # as it is held: in the same storage type
    put("platform_taste", a.platform_taste_sd * draw.normals(0, uid, k, 60))
    put("trust", first_trust(settings))
    put(
        "activity",
        posting_rates(
            settings.spread.silent_share,
            settings.spread.activity_sd,
            settings.spread.posts / (7 * MONTH),
            draw.uniform(0, uid, 55),
            draw.normal(0, uid, 56),
        ),
    )
    if installed is None:
        suited = read(people.platform_taste) + mean_fit(read(people.needs), pull)
        installed = _first_installs(settings, streams, uid, suited)
    people.installed[:] = installed


def first_trust(settings: Settings) -> float:
    """Trust in platforms at the start: the share of human items that are true."""
    least = float(MIN_TRUST)
    right = (1.0 - settings.trust.human_error) * (1.0 - settings.trust.human_falsehood)
    return min(max(right, least), 1.0 - least)


def users_by_platform(people: Consumers) -> I8:
    """Number of people who have each platform in use, shape (K,)."""
    users: I8 = count_held(people.installed)
    return users


def share_of_users(people: Consumers) -> F8:
    """Share of people who have each platform in use, shape (K,)."""
    return users_by_platform(people) / len(people.installed)


def held_trust(people: Consumers) -> tuple[F8, I8]:
    """Sum of trust over the users of each platform, and the number of users, each of shape (K,)."""
    k = people.trust.shape[1]
    total, users = np.zeros(k), np.zeros(k, np.int64)
    sum_held(people.trust, people.installed, total, users)
    return total, users


def mean_trust(people: Consumers, axis: int) -> F8:
    """Mean trust in platforms in use, per platform over its users (axis 0) or per consumer (axis 1)."""
    if axis == 1:
        held = people.installed > 0
        mine = np.where(held, read(people.trust), 0.0).sum(axis=1)
        return np.asarray(mine / np.maximum(held.sum(axis=1), 1), np.float64)
    total, users = held_trust(people)
    return np.asarray(total / np.maximum(users, 1))


def open_month(people: Consumers) -> None:
    """Begin a month: reset the counts of items chosen and of shallow ones, and record everybody's depth habit."""
    people.n_used[:], people.n_shallow[:] = 0, 0
    people.old_habit[:] = people.habit  # as it is held: in the same storage type


def forget_producers(people: Consumers, rows: I8) -> None:
    """End all follows of the producers in `rows`, whose places go to others."""
    if rows.size:
        gone = np.zeros(int(rows.max()) + 1, np.uint8)
        gone[rows] = 1
        drop_followed(people.follows, people.n_follows, gone)


def came_back(visited: U4, platform: int) -> tuple[U4, U4]:
    """Who visited a platform in the first and in the second half of its experiment; two arrays of 0 or 1, (n,)."""
    first, second = (visited >> np.uint32(platform) & np.uint32(1)).T
    return first, second


def mean_fit(needs: F4, pull: F8) -> F8:
    """Log of the mean exponential fit of each platform to a consumer's needs, shape (n, K).

    Parameters
    ----------
    needs : cumulative shares of needs, shape (n, needs).
    pull : fit of each platform to each need, shape (needs, K).
    """
    parts = needs.astype(np.float64)
    parts[:, 1:] -= needs[:, :-1]
    return np.asarray(np.log(parts @ np.exp(pull)))


def _first_installs(settings: Settings, streams: Streams, uid: U8, taste: F8) -> U1:
    """Install the platforms that suit each consumer best, about as many as people use; at least one that is open."""
    k = len(settings.platforms)
    draw = streams["installs"]
    count = np.minimum(1 + draw.poisson(0, uid, settings.attention.multi_homing - 1.0), k)
    gumbel = draw.gumbel(0, uid[:, None], 1 + np.arange(k)[None, :])
    rank = np.argsort(np.argsort(-(taste + gumbel), axis=1), axis=1)
    return np.asarray(rank < count[:, None], np.uint8)


def session_days(settings: Settings) -> float:
    """Days that one simulated session stands for."""
    return session_period(settings) / settings.time.ticks_per_day


def session_period(settings: Settings) -> int:
    """Ticks between two sessions of a consumer."""
    return max(1, round(settings.time.ticks_per_day / settings.world.sessions_per_day))


def swap_platforms(
    people: Consumers, pull: F8, is_open: U1, settings: Settings, draw: Stream, step: int, chance: float
) -> None:
    """Let each consumer, with probability `chance`, replace one installed platform by another.

    The one dropped is the least satisfying, with noise; the one installed is drawn by taste and, concavely, by its
    users.

    Parameters
    ----------
    pull : fit of each platform to each need, shape (needs, K).
    step : keys the draws.
    """
    n, k = people.installed.shape
    moving = np.flatnonzero(draw.uniform(step, people.uid[:n]) < chance)
    if moving.size == 0 or k < 2:
        return
    reach = settings.attention.install_concavity * np.log(share_of_users(people) + OBSCURE)
    for part in blocks(moving.size):
        _swap_rows(people, moving[part], pull, is_open, reach, settings, draw, step)


def _swap_rows(
    people: Consumers, moving: I8, pull: F8, is_open: U1, reach: F8, settings: Settings, draw: Stream, step: int
) -> None:
    """Replace one platform of each consumer in `moving`; `reach` is the utility from a platform's size, shape (K,)."""
    k = people.installed.shape[1]
    mine = people.installed[moving] > 0
    gumbel = draw.gumbel(step, people.uid[moving][:, None], 1 + np.arange(2 * k)[None, :])
    suited = read(people.platform_taste[moving]) + mean_fit(read(people.needs[moving]), pull)
    worth = suited + settings.attention.satisfaction_weight * read(people.satisfaction[moving])
    trust = read(people.trust[moving])
    worth = worth + settings.trust.weight * (trust - trust.mean(axis=1, keepdims=True))
    drop = np.where(mine, -worth + gumbel[:, :k], -np.inf).argmax(axis=1)
    gain = np.where(~mine & (is_open > 0), suited + reach + gumbel[:, k:], -np.inf)
    able = np.isfinite(gain).any(axis=1) & mine.any(axis=1)
    people.installed[moving[able], drop[able]] = 0
    people.installed[moving[able], gain.argmax(axis=1)[able]] = 1


def fade_satisfaction(people: Consumers, half_life: float, rounding: Stream, week: int) -> None:
    """Let satisfaction with platforms fade by one week.

    Otherwise those who stay away after a bad time would never learn better.
    """
    kept = np.float32(2.0 ** (-1.0 / half_life))
    for rows in blocks(len(people.uid)):
        mine = some(people, rows)
        write(mine, "satisfaction", kept * read(mine.satisfaction), mine.uid, rounding, week)


def settle_installs(people: Consumers, pull: F8, is_open: U1, settings: Settings, draw: Stream) -> None:
    """Let consumers swap platforms until each platform has its long-run number of users."""
    for step in range(SETTLING_ROUNDS):
        swap_platforms(people, pull, is_open, settings, draw, step, 0.5)


def hear_news(people: Consumers, reported: float, rate: float, rounding: Stream, week: int) -> None:
    """Move consumers' believed share of AI towards the reported share, shifted by the slant of each one's news."""
    odds = np.log(max(reported, MIN_NEWS) / (1.0 - min(reported, MAX_NEWS)))
    for rows in blocks(len(people.uid)):
        mine = some(people, rows)
        heard = 1.0 / (1.0 + np.exp(-(odds + read(mine.news))))
        belief = update_prevalence(read(mine.prevalence), heard, rate=rate)
        write(mine, "prevalence", belief, mine.uid, rounding, week)
