"""The calendar: how many weeks a year, half-year, quarter and month have, and which week a date falls in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

YEAR, HALF_YEAR, QUARTER, MONTH = 52, 26, 13, 4  # weeks
WEEKS_PER_YEAR = 52.18  # in a solar year, for rates and trends that are given per year
WEEKS_PER_MONTH = WEEKS_PER_YEAR / 12
LONG_AGO = -(10**6)  # the week of an empty date: before all other weeks


@dataclass(frozen=True)
class Calendar:
    """The calendar of a run: weeks counted from 0, and the dates of their Mondays.

    Attributes
    ----------
    release : ISO date of AI's release; it falls in week `burn_in_weeks`.
    ticks_per_day : number of ticks in a day.
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
        """Number of the week in which an ISO date falls; an empty date gives `LONG_AGO`."""
        return (dt.date.fromisoformat(date) - self.first_monday).days // 7 if date else LONG_AGO


LAST_WEEKS = YEAR  # of a run, over which its outcomes are averaged into one number


def first_averaged(weeks: int, burn_in: int) -> int:
    """Number of the first week of a run's average: its last 52 weeks, but none before the release of AI.

    Parameters
    ----------
    weeks : length of the run.
    burn_in : weeks before release. A run that ends before release is averaged over its last 52 weeks.
    """
    return max(weeks - LAST_WEEKS, burn_in if burn_in < weeks else 0)
