"""The calendar: how many weeks a year, half-year, quarter and month have, and which week a date falls in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

YEAR, HALF_YEAR, QUARTER, MONTH = 52, 26, 13, 4  # weeks
WEEKS_PER_YEAR = 52.18  # of the solar year, for rates and trends that are given by year
WEEKS_PER_MONTH = WEEKS_PER_YEAR / 12
LONG_AGO = -(10**6)  # the week of no date: before all weeks


@dataclass(frozen=True)
class Calendar:
    """Weeks of a run, counted from 0, and the dates of their Mondays.

    Attributes
    ----------
    release : ISO date of AI's release; it falls in week `burn_in_weeks`.
    ticks_per_day : ticks into which a day is parted.
    """

    release: str
    burn_in_weeks: int
    ticks_per_day: int

    @property
    def ticks_per_week(self) -> int:
        """Ticks in a week."""
        return 7 * self.ticks_per_day

    @property
    def first_monday(self) -> dt.date:
        """Monday of week 0."""
        release = dt.date.fromisoformat(self.release)
        return release - dt.timedelta(days=release.weekday(), weeks=self.burn_in_weeks)

    def week_of(self, date: str) -> int:
        """Week in which an ISO date falls; no date ("") is before all weeks."""
        return (dt.date.fromisoformat(date) - self.first_monday).days // 7 if date else LONG_AGO


LAST_WEEKS = YEAR  # of a run, over which its outcomes are averaged into one number


def first_averaged(weeks: int, burn_in: int) -> int:
    """First of the weeks over which a run's outcomes are averaged: its last 52, none of them before release.

    Parameters
    ----------
    weeks, burn_in : of the run, and before its release. One that ends before release is averaged over its last 52.
    """
    return max(weeks - LAST_WEEKS, burn_in if burn_in < weeks else 0)
