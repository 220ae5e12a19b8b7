"""Creators: consumers who publish. Their effort, their use of AI, and when they stop."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from sim.agents.consumers import forget_producers
from sim.agents.producers import Producers, draw_humans
from sim.base.averages import averaging_weeks
from sim.base.clock import QUARTER, WEEKS_PER_MONTH, YEAR
from sim.base.codes import CREATOR
from sim.base.randomness import Streams, derive
from sim.base.records import Consumers
from sim.base.tables import F4, F8, I4, I8, U1, Column, Population
from sim.kernels.columns import read
from sim.settings import Settings

MIN_EFFORT, MAX_EFFORT = 0.1, 10.0  # bounds of recent uses over usual ones: assumption
MAX_LOG_OUTPUT = 6.0  # largest log output over the typical creator's, so that nobody dominates: assumption
MAX_LOG_ODDS = 10.0  # bound of the log factor on the hazard of adoption
SETTLING_STEPS, SETTLING_WEEKS = 40, 13.0  # steps, and weeks per step, of turnover before the world opens
MAX_VACANT = 0.5  # largest chance that a place is empty at first


class Creators(NamedTuple):
    """One row per creator's place; row r is row r of the producers."""

    consumer: Annotated[I4, Column("i4", "row", "the consumer who creates")]
    generation: Annotated[I4, Column("i4", "1", "how many held the place before")]
    rate: Annotated[F4, Column("f4", "items/week", "output at par")]
    motive: Annotated[F4, Column("f4", "sd", "intrinsic motive")]
    aversion: Annotated[F4, Column("f4", "log uses", "gain that AI must bring to be welcome")]
    uses: Annotated[F8, Column("f8", "uses/week", "13-week mean of uses")]
    usual_uses: Annotated[F8, Column("f8", "uses/week", "52-week mean of uses")]
    income: Annotated[F8, Column("f8", "hours' wage/week", "13-week mean of payouts, fees and grants")]


class Posters(NamedTuple):
    """Consumers as those who may become creators, drawn in proportion to how much they post.

    They are in the order of their number, so that who is drawn does not depend on how rows are sorted.
    """

    row: I4  # (n,) of each among consumers
    activity: F8  # (n,) cumulative rate of posting


def list_posters(people: Consumers, person: I8) -> Posters:
    """List consumers by their number with cumulative activity; `person` is the number of each row, shape (n,)."""
    row = np.argsort(person).astype(np.int32)
    return Posters(row, np.cumsum(read(people.activity[row]).astype(np.float64) + 1e-6))


def seat_creators(
    table: Population[Creators],
    producers: Producers,
    people: Consumers,
    posters: Posters,
    rows: I8,
    output: float,
    settings: Settings,
    streams: Streams,
) -> None:
    """Fill some creators' places with consumers, drawn in proportion to activity, and draw their traits.

    `rows` are the places; `output` is the mean output of newcomers in items per week.
    """
    creators = table.columns
    ordinal = creators.generation[rows].astype(np.int64)
    seat = derive("seat", rows, ordinal)
    draw = streams["seats"]
    total = posters.activity[-1]
    chosen = np.searchsorted(posters.activity, draw.uniform(0, seat) * total)
    creators.consumer[rows] = posters.row[np.minimum(chosen, len(posters.row) - 1)]
    producers.uid[rows] = uid = derive("creator", people.uid[creators.consumer[rows]], rows * 4096 + ordinal)
    producers.kind[rows], producers.active[rows], producers.uses_ai[rows] = CREATOR, 1, 0
    producers.ai_share[rows] = settings.culture.assist_share
    producers.genre[rows] = _home_genres(read(people.affinity[creators.consumer[rows]]), draw.uniform(0, uid, 1))
    draw_humans(producers, rows, settings, streams, 0.0)
    producers.followers[rows], producers.authority[rows], producers.recent["platforms"][rows] = 0, 0.0, 0
    producers.income[rows] = 0.0
    producers.strikes[rows] = 0.0
    if ordinal.any():
        forget_producers(people, rows)
    mean_appeal = producers.mean_appeal[rows] / max(settings.attention.producer_sd, 1e-9)
    rho, spread = settings.spread.activity_gift, settings.spread.activity_sd
    own = draw.normals(0, uid, 3, 2)
    z = rho * mean_appeal + np.sqrt(1.0 - rho**2) * own[:, 0]
    creators.rate[rows] = output * np.exp(np.minimum(spread * z, MAX_LOG_OUTPUT) - spread**2 / 2)
    creators.motive[rows] = own[:, 1]
    creators.aversion[rows] = settings.creators.aversion_sd * own[:, 2]
    creators.uses[rows] = creators.usual_uses[rows] = creators.income[rows] = 0.0


def settle_creators(
    table: Population[Creators],
    producers: Producers,
    people: Consumers,
    posters: Posters,
    settings: Settings,
    streams: Streams,
) -> float:
    """Fill all places and simulate ten years of turnover, so that the mix of creators is that of the long run.

    Otherwise the productive, who earn more and quit less, would grow in number for years. Until there are uses, a
    creator is taken to earn in proportion to output and to the exponential of its mean appeal.

    Returns the mean output of newcomers in items per week, such that together they make the items the world asks for.
    """
    creators, world, entry = table.columns, settings.world, settings.creators.entry_rate
    n = len(creators.rate)
    rows, active = np.arange(n), producers.active[:n]
    for step in range(SETTLING_STEPS + 1):
        seat_creators(table, producers, people, posters, rows, 1.0, settings, streams)
        creators.income[:] = creators.rate * np.exp(producers.mean_appeal[:n])
        hazard = quit_hazard(creators, float(creators.income.mean()), settings)
        u = streams["quit"].uniform(step, producers.uid[:n], 1)
        if step < SETTLING_STEPS:
            rows = np.flatnonzero(u < 1.0 - np.exp(-SETTLING_WEEKS * hazard))
            creators.generation[rows] += 1
    # In the long run some places wait for a successor; where none ever comes, all are taken at first.
    vacant = u < np.minimum(hazard / (hazard + entry) if entry > 0 else 0.0, MAX_VACANT)
    if not vacant.all():
        active[vacant] = 0
        creators.generation[vacant] += 1
    creators.income[:] = 0.0
    start = world.new_items * (1.0 - settings.studios.item_share) / float((creators.rate * active).sum())
    creators.rate[:] *= start
    return start


def _home_genres(affinity: F4, u: F8) -> I8:
    """Draw each creator's home genre by uniform numbers u from cumulative shares of interest, shape (n, genres)."""
    return np.asarray(np.minimum((affinity <= u[:, None]).sum(axis=1), affinity.shape[1] - 1), np.int64)


def plan_output(creators: Creators, producers: Producers, settings: Settings) -> F8:
    """Expected number of items of each creator this week, shape (n,); effort rises with recent over usual uses."""
    n = len(creators.rate)
    ratio = (creators.uses + 1.0) / (creators.usual_uses + 1.0)
    effort = ratio.clip(MIN_EFFORT, MAX_EFFORT) ** settings.creators.effort
    gain = 1.0 + settings.creators.time_saving * producers.uses_ai[:n]
    return np.asarray(creators.rate * effort * gain * producers.active[:n], np.float64)


def learn_results(creators: Creators, uses: I8, income: F8, week: int) -> None:
    """Update the running means of uses and income by the week's uses and payouts, each of shape (n,)."""
    for column, value, weeks in (
        (creators.uses, uses, QUARTER), (creators.usual_uses, uses, YEAR), (creators.income, income, QUARTER)
    ):  # fmt: skip
        column += (value - column) / averaging_weeks(week, weeks)


def quit_hazard(creators: Creators, reference: float, settings: Settings) -> F8:
    """Weekly hazard of quitting, shape (n,): lower with intrinsic motive and with income relative to `reference`.

    `reference` is the mean income before release.
    """
    c = settings.creators
    income = creators.income / reference if reference > 0 else np.zeros_like(creators.income)
    return np.asarray(c.quit_rate * np.exp(-c.motive * creators.motive - c.income_keeps * np.log1p(income)))


def decide_adoption(
    creators: Creators, producers: Producers, gain: F8, peers: F8, price: float, settings: Settings, u: F8
) -> U1:
    """Decide for each creator whether it uses AI from now on, shape (n,), by social learning (Young 2009).

    Adoption can be reversed.

    Parameters
    ----------
    gain : difference in log uses between users of AI and others in the creator's genre, shape (n,).
    peers : share of users of AI there, shape (n,).
    price : model fee of an item over the creators' mean payout per item, capped.
    u : uniform numbers, shape (n,).
    """
    c, n = settings.creators, len(creators.rate)
    worth = gain - price - creators.aversion
    weekly = c.adoption_rate / WEEKS_PER_MONTH
    using = producers.uses_ai[:n] > 0
    pull = np.where(using, -c.adoption_gain, c.adoption_gain) * worth
    pull += c.adoption_peers * np.where(using, 1.0 - peers, peers)
    changes = u < 1.0 - np.exp(-weekly * np.exp(pull.clip(-MAX_LOG_ODDS, MAX_LOG_ODDS)))
    return np.asarray((using ^ changes) * producers.active[:n], np.uint8)
