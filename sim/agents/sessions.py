"""The constants of sessions, and arrays for what happens in them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from sim.agents.consumers import MEMORY_DAYS, first_trust, session_days
from sim.base.clock import HALF_YEAR, QUARTER, WEEKS_PER_YEAR
from sim.kernels.sessions import Events, Rules
from sim.settings import Settings

DAYS_PER_YEAR = 7.0 * WEEKS_PER_YEAR


def session_rules(settings: Settings) -> Rules:
    """Constants of a session from the settings; daily rates become rates per session, which may stand for days."""
    a, s, t = settings.attention, settings.spread, settings.trust
    days = session_days(settings)

    over_days = partial(chance_over, days=days)
    kept = 2.0 ** (-1.0 / a.satiation_days)  # of satiation, after a day
    rules = Rules(
        dot_product=a.taste == "dot_product",
        exact=a.recall == "exact",
        beta_taste=a.beta_taste / a.taste_length**2,
        craft_base=a.beta_craft * a.craft_base,
        craft_expertise=a.beta_craft * a.craft_expertise,
        beta_emotion=a.beta_emotion,
        novelty_amplitude=a.novelty_amplitude,
        novelty_peak=float(np.log(a.novelty_peak)),
        novelty_width=a.novelty_width,
        beta_follow=a.beta_follow,
        beta_popularity=a.beta_popularity,
        beta_effort=a.beta_effort,
        satiation=a.satiation * kept * (1.0 - kept**days) / (1.0 - kept),  # of a use a day
        satiation_kept=kept**days,
        deep_base=a.deep_base,
        deep_habit=a.deep_habit,
        deep_pleasure=a.deep_pleasure,
        habit_step=over_days(a.habit_rate),
        skim=a.skim,
        short=a.short_seconds,
        stretch=float(np.log(a.long_seconds / a.short_seconds)),
        pleasure_step=adaptation_step(7.0 * HALF_YEAR, days),
        pleasure_settled=adaptation_step(7.0 * HALF_YEAR, days),
        follow_rate=over_days(a.follow_rate),
        unfollow_rate=over_days(a.unfollow_rate),
        satisfaction_weight=a.satisfaction_weight,
        satisfaction_step=over_days(a.satisfaction_rate),
        trust_weight=t.weight,
        trust_start=first_trust(settings),
        trust_step=over_days(t.rate),
        checked_step=-float(np.log(1.0 - t.rate)) * t.checked * days,
        marked_step=-float(np.log(1.0 - t.rate)) * days,
        mark_belief=settings.moderation.check_belief,
        mark_sharing=settings.moderation.check_sharing,
        label=settings.moderation.label_doubt,
        memory_step=over_days(1.0 / MEMORY_DAYS),
        nest=a.nest_scale,
        off_screen=a.off_screen,
        query_candidates=a.query_candidates,
        share_base=s.share_base,
        share_pleasure=s.share_pleasure,
        share_emotion=s.share_emotion,
        share_trust=t.share_weight,
        share_doubt=t.share_doubt,
        share_ticks=s.share_days * settings.time.ticks_per_day,
        days=days,
        choice=float(a.choice == "utility"),
        spread=a.spread == "spread",
    )
    return _narrow(rules)


def slow_adaptation(settings: Settings) -> dict[str, Any]:
    """Rules by which people get used to what they meet from release on: over years, as against half a year before.

    So what burn-in sets is the reference, and what gets better or worse for good is felt for years (form: adaptation
    level, Helson 1964). Who has used little by then goes on with a plain average, until it has a quarter's uses.
    """
    days = session_days(settings)
    return {
        "pleasure_step": np.float32(adaptation_step(DAYS_PER_YEAR * settings.attention.adaptation_years, days)),
        "pleasure_settled": np.float32(adaptation_step(7.0 * QUARTER, days)),
    }


def adaptation_step(span: float, days: float) -> float:
    """Step per session of `days` days of a mean with time constant `span`, in days."""
    return 1.0 - float(np.exp(-days / span))


def _narrow(rules: Rules) -> Rules:
    """The same rules with every float in 32 bits, in which the kernels compute."""
    floats: dict[str, Any] = {name: np.float32(x) for name, x in rules._asdict().items() if isinstance(x, float)}
    return rules._replace(**floats)


def chance_over(rate: float, days: float) -> float:
    """Probability (or step) over so many days, given that of one day: 1 - (1 - rate)^days."""
    return float(1.0 - (1.0 - min(rate, 1.0)) ** days)


def empty_events(consumers: int, turn: int, slate: int) -> Events:
    """Allocate the events of one session of each consumer.

    Parameters
    ----------
    turn : how many consumers at most have a session in one tick.
    slate : number of slots.
    """
    n = consumers
    return Events(
        listing=np.full(n, -1, np.int32),
        seconds=np.zeros(n, np.int32),
        uses=np.zeros(n, np.float32),
        deep_seconds=np.zeros(n, np.int32),
        generated_seconds=np.zeros(n, np.int32),
        deep=np.zeros(n, np.uint8),
        utility=np.zeros(n, np.float32),
        judged=np.zeros(n, np.float32),
        slate=np.full((n, slate), -1, np.int32),
        spread=np.zeros((turn, slate, 6), np.float32),
        surplus=np.zeros(n, np.float32),
        calls=np.zeros((n, 4)),
        gained=np.full(n, -1, np.int32),
        lost=np.full(n, -1, np.int32),
        posts=np.zeros(n, np.int32),
        shares=np.zeros(n, np.int8),
        talks=np.zeros(n, np.uint8),
    )


class Room:
    """Holder of the events of a tick: the arrays are allocated at first use and used again at every tick.

    Parameters
    ----------
    consumers, turn, slate : number of consumers, of those who have a session in one tick at most, and of slots.
    """

    def __init__(self, consumers: int, turn: int, slate: int) -> None:
        self._size = consumers, turn, slate
        self._events: Events | None = None

    @property
    def events(self) -> Events:
        """Events of one session of each consumer."""
        if self._events is None:
            self._events = empty_events(*self._size)
        return self._events

    def fresh(self) -> Room:
        """A holder of the same size for another world, with nothing allocated yet."""
        return Room(*self._size)
