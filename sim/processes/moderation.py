"""Moderation after publication: flags and fact checks at every tick; strikes, bans and reach once a week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.agents.moderators import fade_strikes, find_banned, flag_odds, show_marks, take_flags
from sim.base.codes import CREATOR, ERROR, FALSE, GENERATED
from sim.base.tables import I8, U8
from sim.kernels.attention import Events
from sim.kernels.columns import read

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

REACH_AGE, REACH_SPAN = 4, 13  # full weeks after that of publication when reach is read, and weeks it is averaged over


class Mature(NamedTuple):
    """Items that turn four weeks old, as they are after the days; canons, corpora and cohorts take them in now."""

    rows: I8  # of `Items`, shape (n,)
    card: npt.NDArray[Any]  # (n,) of `CARD`
    uid: U8
    views: I8


def check_facts(model: ContentEcosystem, events: Events) -> None:
    """Let this tick's users flag items, and fact checks that are ready mark them from the next tick on."""
    coverage = model.levers["fact_check"]
    if coverage <= 0:
        return
    settings, items, people = model.settings, model.items.columns, model.consumers.columns
    rows = np.arange(*model.turn(model.tick))
    rows = rows[events.listing[rows] >= 0]
    item = model.listings.columns.item[events.listing[rows]]
    asked = items.ready[item] < 0
    rows, item = rows[asked], item[asked]
    odds = flag_odds(items.card["accuracy"][item], read(people.discernment[rows]), settings)
    flagged = item[model.streams["flags"].uniform(model.tick, people.uid[rows]) < odds]
    checked = np.zeros(len(items.uid), np.bool_)
    checked[flagged] = model.streams["fact_check"].uniform(0, items.uid[flagged]) < coverage
    delay = round(settings.moderation.check_days * settings.time.ticks_per_day)
    take_flags(items, flagged, model.tick, checked, delay, settings)
    show_marks(items, model.tick + 1)


def moderate_accounts(model: ContentEcosystem) -> None:
    """Ban accounts with too many strikes and take down what they listed; note how far items have come by four weeks."""
    producers = model.producers.columns
    model.banned = find_banned(producers, model.producers.n, model.settings)
    if model.banned.size:
        _close_accounts(model, model.banned)
    fade_strikes(producers, model.settings)
    model.mature = _find_mature(model)
    _note_reach(model)


def _close_accounts(model: ContentEcosystem, rows: I8) -> None:
    """End accounts: an AI producer opens another one; a creator's place falls empty."""
    producers, creators = model.producers.columns, model.creators.columns
    producers.active[rows], producers.uses_ai[rows], producers.strikes[rows] = 0, 0, 0.0
    creators.generation[rows[producers.kind[rows] == CREATOR]] += 1
    listings = model.listings.columns
    listed = np.flatnonzero(listings.item >= 0)
    gone = np.zeros(model.producers.capacity, np.bool_)
    gone[rows] = True
    theirs = listed[gone[model.items.columns.card["producer"][listings.item[listed]]]]
    listings.ends[theirs] = np.minimum(listings.ends[theirs], model.tick)


def _find_mature(model: ContentEcosystem) -> Mature:
    items = model.items.columns
    rows = ((items.alive > 0) & (items.week == model.week - REACH_AGE)).nonzero()[0]
    return Mature(rows, items.card.take(rows), items.uid[rows], items.views[rows])


def _note_reach(model: ContentEcosystem) -> None:
    """Distinct users of the items that have just turned four weeks, by origin and truth; the removed reach nobody.

    An item is used once by a consumer at most, so that uses are users.
    """
    rows, card, *_ = model.mature
    right = (card["accuracy"] != ERROR).nonzero()[0]  # errors are neither true nor lies
    code = (2 * (card["origin"] == GENERATED) + (card["accuracy"] >= FALSE))[right]
    reach, born = model.reach[model.week % REACH_SPAN], model.week - REACH_AGE
    reach[..., 0] = np.bincount(code, model.items.columns.uses[rows[right]], minlength=4).reshape(2, 2)
    reach[..., 1] = np.bincount(code, minlength=4).reshape(2, 2)
    if born >= 0:
        reach[..., 1] += model.blocked[born % len(model.blocked)]
