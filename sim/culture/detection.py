"""Taking items for AI's: how viewers tell them, and how much AI they believe there is."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from sim.base.tables import F8


def d_prime_of_accuracy(accuracy: Any) -> Any:
    """Sensitivity of an unbiased judge who is right with this probability (Green & Swets 1966)."""
    return 2.0 * special.ndtri(accuracy)


def call_probability(ai_share: Any, d_prime: Any, prevalence: Any) -> F8:
    """Probability that a viewer calls an item AI.

    Parameters
    ----------
    ai_share : AI's part in the item, 0 (human) to 1 (generated).
    d_prime : sensitivity in standard deviations.
    prevalence : share of AI items that the viewer believes in, 0 to 1.

    Notes
    -----
    The criterion Phi^-1(1 - prevalence) + prevalence d' makes calls as frequent as the viewer believes AI to be.
    """
    criterion = special.ndtri(1.0 - np.asarray(prevalence, np.float64)) + prevalence * np.asarray(d_prime)
    return np.asarray(special.ndtr(d_prime * np.asarray(ai_share) - criterion))


def update_prevalence(belief: Any, news: Any, *, rate: float) -> Any:
    """Move believed prevalence towards the news (never towards one's own calls: that feeds on itself)."""
    return belief + rate * (news - belief)
