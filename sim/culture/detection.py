"""Signal detection of AI: how likely a viewer calls an item AI's, and how much AI it believes there is."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from sim.base.tables import F8


def d_prime_of_accuracy(accuracy: Any) -> Any:
    """Sensitivity d' of an unbiased judge who is right with probability `accuracy`: 2 Phi^-1 (Green & Swets 1966)."""
    return 2.0 * special.ndtri(accuracy)


def call_probability(ai_share: Any, d_prime: Any, prevalence: Any) -> F8:
    """Probability that a viewer calls an item AI.

    Parameters
    ----------
    ai_share : AI's share of the work in the item, 0 (human) to 1 (generated).
    d_prime : sensitivity in standard deviations.
    prevalence : the viewer's believed share of AI items, 0 to 1.

    Notes
    -----
    The criterion Phi^-1(1 - prevalence) + prevalence d' makes such calls about as frequent as the believed share.
    """
    criterion = special.ndtri(1.0 - np.asarray(prevalence, np.float64)) + prevalence * np.asarray(d_prime)
    return np.asarray(special.ndtr(d_prime * np.asarray(ai_share) - criterion))


def update_prevalence(belief: Any, news: Any, *, rate: float) -> Any:
    """Move a believed share of AI towards the share in the news by a fraction `rate`.

    It never moves towards the viewer's own calls, which would reinforce themselves.
    """
    return belief + rate * (news - belief)
