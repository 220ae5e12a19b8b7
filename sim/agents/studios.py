"""Studios (PGC): staffed firms with staged projects and lead times. They take up AI, hire and lay off, close, begin.

What an hour of staff is paid differs between firms that share their rents (Card et al. 2018, J Labor Econ 36:S13), and
a firm's size has falling returns, as its managers' attention is one (Lucas 1978, Bell J Econ 9:508).
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from scipy import special

from sim.agents.producers import Producers, Traits, draw_births, draw_humans
from sim.base.clock import YEAR
from sim.base.codes import STUDIO
from sim.base.randomness import Streams, derive
from sim.base.tables import B1, F4, F8, I1, I4, I8, U1, U8, Column, Population
from sim.settings import Settings

STAGES = ("plan", "create", "edit")
SIZE_SD, LAG_SD = 1.0, 0.5  # of log staff hours and log lags between studios: assumption
TUNED_WEEKS = 52  # of a contract for a tuned model: assumption
HOURS_PER_SEAT = 40.0  # of staff who use AI
HALF_WAY_SAVING, SAVING_SCALE = 0.10, 0.05  # midpoint and width of the sigmoid of wanted intensity: assumption
MAX_DOUBT = 50.0  # bound of log-odds, against overflow
RETURNS = 0.5  # elasticity of the wanted size to income over what staff at par costs: assumption
SMALLEST, LARGEST = 0.25, 4.0  # staff over that at par: assumption
INCOME_WEEKS = 26.0  # over which a studio's income is averaged: assumption
FIRST_YEAR = YEAR  # weeks in which the first contracts are made
CONTRACT_WEEKS = 52.0  # lag with which pay then follows what income carries: assumption
VIABLE = 0.01  # lowest pay over the trade's, below which nobody works: assumption
BORN_WITH = 2 + len(Traits._fields)  # numbers that a studio is born with: size, genre, and its traits
MAX_HOPE = 4.0  # largest factor on the usual rate of founding: assumption


class Studios(NamedTuple):
    """One row per place, which studios occupy one after another; a closed studio leaves it to a successor."""

    hours: Annotated[F4, Column("f4", "hours/week", "staff hours; 0 where closed")]
    par: Annotated[F4, Column("f4", "hours/week", "staff hours at which a studio of the place begins")]
    pay: Annotated[F8, Column("f8", "hours' wage/hour", "pay of an hour at the wages of the start")]
    first_pay: Annotated[F8, Column("f8", "hours' wage/hour", "pay at the end of the first year; 0 before")]
    income: Annotated[F8, Column("f8", "hours' wage/week", "26-week mean of income, other costs than wages taken off")]
    insolvent: Annotated[I4, Column("i4", "weeks", "time without cash")]
    opened: Annotated[I4, Column("i4", "week", "week in which it began")]
    generation: Annotated[I4, Column("i4", "1", "how many held the place before")]
    lag: Annotated[F4, Column("f4", "weeks", "reorganisation lag")]
    intensity: Annotated[F4, Column("f4", "share", "intensity of AI use")]
    automated: Annotated[F4, Column("f4", "share", "part of each stage's hours that AI has taken over", ("stages",))]
    tuned: Annotated[U1, Column("u1", "1", "whether it works with a model tuned for it")]
    pipeline: Annotated[I4, Column("i4", "items", "projects under way, by week of publication", ("lead",))]


def stage_hours(settings: Settings) -> F8:
    """Staff hours per item at each stage (plan, create, edit) without AI, shape (3,)."""
    rule = settings.studios
    return np.array([rule.hours_plan, rule.hours_create, rule.hours_edit])


def stage_caps(settings: Settings) -> F8:
    """Share of each stage's hours that AI can automate, shape (3,)."""
    rule = settings.studios
    return np.array([rule.cap_plan, rule.cap_create, rule.cap_edit])


def create_studios(producers: Producers, rows: I8, settings: Settings, streams: Streams) -> Population[Studios]:
    """Create the studios, with staff of log-normal size, and draw their rows among the producers."""
    n = settings.world.studios
    table = Population(Studios, n, {"stages": len(STAGES), "lead": settings.studios.lead_weeks})
    table.n = n
    places = np.arange(n)
    uid = derive("studio", 0, places)
    size = np.exp(SIZE_SD * special.ndtri(_births(0, places, settings, streams)[:, 0]) - SIZE_SD**2 / 2)
    items = settings.world.new_items * settings.studios.item_share / n * size
    studios = table.columns
    studios.par[:] = items * stage_hours(settings).sum()
    seat_studios(studios, producers, places, rows, 0, settings, streams)
    studios.pay[:] = first_pay(settings)
    lead = settings.studios.lead_weeks
    studios.pipeline[:] = streams["studios"].poisson(0, uid[:, None], items[:, None], 10 + np.arange(lead)[None, :])
    return table


def seat_studios(
    studios: Studios, producers: Producers, places: I8, rows: I8, week: int, settings: Settings, streams: Streams
) -> None:
    """Let new studios begin at some places: staff at par, traits drawn anew, no projects.

    `places` are rows of studios, `rows` the corresponding rows of producers.
    """
    generation = studios.generation[places].astype(np.int64)
    uid = producers.uid[rows] = derive("studio", generation, places)
    draw = streams["studios"]
    producers.kind[rows], producers.active[rows], producers.uses_ai[rows] = STUDIO, 1, 0
    born = np.empty((len(places), BORN_WITH))
    for k in np.unique(generation).tolist():
        born[generation == k] = _births(k, places[generation == k], settings, streams)
    producers.genre[rows] = np.minimum(born[:, 1] * settings.world.genres, settings.world.genres - 1)
    traits = Traits(*special.ndtri(born[:, 2:]).T)
    draw_humans(producers, rows, traits, settings, streams, settings.studios.craft)
    producers.followers[rows], producers.authority[rows], producers.recent["platforms"][rows] = 0, 0.0, 0
    producers.income[rows] = 0.0
    studios.lag[places] = settings.studios.reorganisation * np.exp(LAG_SD * draw.normal(0, uid, 2))
    studios.hours[places] = studios.par[places]
    studios.income[places], studios.insolvent[places], studios.opened[places] = 0.0, 0, week
    studios.first_pay[places] = 0.0
    studios.pipeline[places] = 0


def _births(generation: int, places: I8, settings: Settings, streams: Streams) -> F8:
    """Draw the uniform numbers behind size, genre and traits of one generation of studios, shape (n, BORN_WITH)."""
    return draw_births(streams["studio births"], generation, places, BORN_WITH, settings)


def first_pay(settings: Settings) -> float:
    """Pay of a staff hour at the start, in hours' wage.

    It is what studios can pay if they earn their share of advertising by their share of items, less the margin.
    """
    studios, world = settings.studios, settings.world
    hours = world.new_items * studios.item_share * stage_hours(settings).sum()
    income = settings.money.advertising * world.consumers * studios.item_share
    return float(income * (1.0 - settings.money.studio_margin) / max(hours, 1e-9))


def item_hours(studios: Studios, settings: Settings) -> F8:
    """Staff hours that an item of usual length takes at each studio with its present automation, shape (n,)."""
    return np.asarray(((1.0 - studios.automated) * stage_hours(settings)).sum(axis=1), np.float64)


def run_projects(studios: Studios, uid: U8, work: F4, settings: Settings, streams: Streams, week: int) -> I8:
    """Publish the projects that are due and start as many new ones as staff hours allow, drawn from a Poisson law.

    Returns the number of items that each studio publishes this week, shape (n,).

    Parameters
    ----------
    uid : the studios' identities, shape (n,).
    work : of their latest items by their length, over that of the usual item, shape (n,).
    """
    slot = week % studios.pipeline.shape[1]
    done = studios.pipeline[:, slot].astype(np.int64)
    hours = item_hours(studios, settings) * work
    studios.pipeline[:, slot] = streams["projects"].poisson(week, uid, studios.hours / hours)
    return done


def decide_tuning(studios: Studios, uid: U8, capability: float, price: float, settings: Settings, week: int) -> None:
    """Once a year each studio decides whether to contract for a tuned model: if the output gained is worth the fee.

    Parameters
    ----------
    uid : of the studios; it spreads the dates of contracts over the year.
    capability : without tuning.
    price : level of vendors' prices.
    """
    due = (uid + np.uint64(week)) % np.uint64(TUNED_WEEKS) == 0
    if not due.any():
        return
    rule, hours = settings.vendors, stage_hours(settings)
    reach = (hours * stage_caps(settings)).sum() / hours.sum() * min(rule.custom_gain, 1.0 - capability)
    worth = studios.income * reach * studios.intensity / np.maximum(item_hours(studios, settings) / hours.sum(), 0.1)
    studios.tuned[:] = np.where(due, worth > rule.custom_fee * price, studios.tuned)


def buy_seats(studios: Studios, price: float, settings: Settings) -> F8:
    """Number of AI subscriptions for each studio's staff, shape (n,).

    One per 40 hours of staff who use AI, within the budget for tools.
    """
    wanted = studios.hours / HOURS_PER_SEAT * studios.intensity
    budget = settings.vendors.tool_budget * np.maximum(studios.income, 0.0)
    return np.asarray(np.minimum(wanted, budget / price), np.float64)


def reorganise(studios: Studios, capability: float, fee: float, settings: Settings, levy: float = 0.0) -> None:
    """Update how intensely each studio uses AI, and which share of each stage's hours is automated.

    Intensity moves towards what pays, automation towards what use and capability allow. The wanted intensity is a
    sigmoid of the net saving; both move with the studio's lag.

    Parameters
    ----------
    capability : that the mean user meets; tuned models add theirs.
    fee : model fee of an item in hours' wage.
    levy : share of a saved hour's wage that a levy on automated hours takes.
    """
    hours, caps = stage_hours(settings), stage_caps(settings)
    total = hours.sum()
    reached = np.minimum(capability + settings.vendors.custom_gain * studios.tuned, 1.0)
    saving = (hours * caps).sum() / total * reached * (1.0 - levy) - fee / total
    doubt = np.exp(np.minimum((HALF_WAY_SAVING - saving) / SAVING_SCALE, MAX_DOUBT))
    wanted = settings.studios.intensity / (1.0 + doubt) if capability > 0 else 0.0
    studios.intensity[:] += (wanted - studios.intensity) / studios.lag
    target = caps * (reached * studios.intensity)[:, None]
    studios.automated[:] += (target - studios.automated) / studios.lag[:, None]


def automated_hours(studios: Studios, settings: Settings) -> F8:
    """Hours per week that AI saves each studio on the items it makes, shape (n,)."""
    saved = (studios.automated * stage_hours(settings)).sum(axis=1)
    return np.asarray(studios.hours / item_hours(studios, settings) * saved, np.float64)


# The firm


def learn_income(studios: Studios, income: F8, trade_pay: float, week: int, settings: Settings) -> None:
    """Update each studio's mean income by the week's, shape (n,), and let its pay follow what income can carry.

    Firms share rents: an hour is paid what income carries at the usual margin, with the lag of yearly contracts. Pay
    does not fall below a share of that of the first year, nor below a small share of the trade's before release. So
    lost income first shows in cash and staff, then in pay, and a studio that cannot earn the least pay runs out of
    cash. In the first year contracts follow income as it comes in; a new studio has no income before its first projects
    are out.

    Parameters
    ----------
    trade_pay : hours' wage paid per hour in the trade, from `pay_in_trade`.
    """
    age = week - studios.opened
    first = studios.generation == 0
    age = age - np.where(first, 0, settings.studios.lead_weeks)
    span = np.where(first, np.clip(age + 1.0, 1.0, INCOME_WEEKS), INCOME_WEEKS)
    studios.income[:] += np.where(studios.hours > 0, income - studios.income, 0.0) / span
    carried = studios.income * (1.0 - settings.money.studio_margin) / np.maximum(studios.hours, 1e-9)
    contract = np.where(age < FIRST_YEAR, span, CONTRACT_WEEKS)
    earning = (age >= 0) & (studios.hours > 0)
    pay = studios.pay + np.where(earning, (carried - studios.pay) / contract, 0.0)
    studios.pay[:] = np.maximum(pay, _least_pay(studios, trade_pay, settings))
    settled = age == FIRST_YEAR
    studios.first_pay[settled] = studios.pay[settled]


def pay_in_trade(studios: Studios, settings: Settings) -> float:
    """Pay per hour that all studios' income together carries at the usual margin, in hours' wage."""
    hours = max(float(studios.hours.sum()), 1e-9)
    return max(float(studios.income.sum()), 0.0) * (1.0 - settings.money.studio_margin) / hours


def payroll(studios: Studios, wage: F8) -> F8:
    """Wages per week of each studio in hours' wage, shape (n,).

    `wage` is that of its trade over its start, shape (n,).
    """
    return np.asarray(studios.hours * studios.pay * wage, np.float64)


def least_payroll(studios: Studios, wage: F8, trade_pay: float, settings: Settings) -> F8:
    """Lowest weekly wages at which each studio's staff stay when cash is short, in hours' wage, shape (n,)."""
    return np.asarray(studios.hours * _least_pay(studios, trade_pay, settings) * wage, np.float64)


def _least_pay(studios: Studios, trade_pay: float, settings: Settings) -> F8:
    """Lowest pay per hour of each studio, shape (n,), in hours' wage.

    It is a share of what the studio paid at the end of its first year, the parameter `least_pay`, but at least
    the share `VIABLE` of `trade_pay`, the usual pay per hour in studios up to release.
    """
    return np.maximum(settings.studios.least_pay * studios.first_pay, VIABLE * trade_pay)


def adjust_staff(studios: Studios, wage: F8, cash: F8, week: int, settings: Settings) -> None:
    """Move each studio's staff towards the size that its income carries, with a lag.

    Nobody is hired without enough cash, which is four weeks' wages. Income over cost at par gives the wanted size, with
    an elasticity below one (falling returns to size). Studios in their first year keep their size.

    Parameters
    ----------
    wage : wage of each studio's trade over its start, shape (n,).
    cash : hours' wage, shape (n,).
    """
    cost = studios.par * studios.pay * wage
    carried = studios.income * (1.0 - settings.money.studio_margin)
    known = (studios.hours > 0) & (cost > 0) & (week - studios.opened >= FIRST_YEAR + settings.studios.lead_weeks)
    ratio = np.where(known, carried, 0.0) / np.where(known, cost, 1.0)
    wanted = studios.par * np.clip(np.maximum(ratio, 0.0) ** RETURNS, SMALLEST, LARGEST)
    step = (wanted - studios.hours) / settings.studios.staffing_weeks
    broke = cash < 4.0 * payroll(studios, wage)
    studios.hours[:] += np.where(known, np.where(broke, np.minimum(step, 0.0), step), 0.0)


def find_insolvent(studios: Studios, cash: F8, settings: Settings) -> I8:
    """Update the weeks that each studio has been without cash.

    Return the places of those that have been for too long.
    """
    studios.insolvent[:] = np.where((cash < 0.0) & (studios.hours > 0), studios.insolvent + 1, 0)
    return np.flatnonzero(studios.insolvent > settings.studios.insolvency_weeks)


def close_studios(studios: Studios, producers: Producers, places: I8, rows: I8) -> None:
    """Close studios: no staff, no projects, no income; the places are left to successors.

    `rows` are those of the producers.
    """
    studios.hours[places] = 0.0
    studios.pipeline[places] = 0
    studios.insolvent[places] = 0
    studios.income[places] = 0.0
    studios.automated[places] = 0.0
    studios.intensity[places] = 0.0
    studios.generation[places] += 1
    producers.active[rows], producers.uses_ai[rows] = 0, 0


def expect_margin(studios: Studios, wage: F8) -> float | None:
    """Profit margin on wages that a founder expects.

    Studios' total income over total wages, minus 1; None without wages.
    """
    cost = float(payroll(studios, wage).sum())
    return float(studios.income.sum()) / cost - 1.0 if cost > 0.0 else None


def founding_hazard(margin: float | None, settings: Settings) -> float:
    """Weekly hazard that an empty place is taken: the usual one at the usual margin, zero if the margin is gone."""
    usual = settings.money.studio_margin / (1.0 - settings.money.studio_margin)
    if margin is None:
        return settings.studios.founding
    hope = margin / usual if usual > 0.0 else float(margin >= 0.0)
    return settings.studios.founding * min(max(hope, 0.0), MAX_HOPE)


def who_begins(studios: Studios, hazard: float, chance: F8) -> B1:
    """Which empty places get a new studio this week, shape (n,); `chance` are uniform numbers, shape (n,)."""
    return np.asarray((studios.hours == 0.0) & (chance < 1.0 - np.exp(-hazard)), np.bool_)


def follow_the_trade(studios: Studios, places: I8) -> None:
    """Set new studios' use of AI to the mean of the other studios, weighted by staff."""
    weight = studios.hours.astype(np.float64)
    weight[places] = 0.0
    if weight.sum() > 0.0:
        studios.intensity[places] = weight @ studios.intensity / weight.sum()
        studios.automated[places] = weight @ studios.automated / weight.sum()


def studio_rows(settings: Settings) -> I8:
    """Rows of the studios among the producers, shape (studios,)."""
    size = settings.world
    return np.arange(size.creators, size.creators + size.studios)


def studio_wage(genre: I1, wages: F8) -> F8:
    """Wage over its start in the trade of each studio's modality, shape (studios,).

    Parameters
    ----------
    genre : of each studio, shape (studios,).
    wages : by modality, of `agents.workers.wage_index`.
    """
    return wages[genre % len(wages)]
