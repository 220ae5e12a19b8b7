"""Questions that people take to one channel (search, forum, chatbot, own knowledge) after another."""

from __future__ import annotations

import numpy as np

from sim.base.tables import F8
from sim.kernels.elementary import compiled


@compiled()
def follow_questions(weight: F8, mood: F8, odds: F8, success: F8) -> F8:
    """Number of queries that each channel gets when people try one channel after another until they are answered.

    At each attempt a channel is drawn by its odds among those not tried yet. What remains unanswered goes on to the
    next.

    Parameters
    ----------
    weight : queries that a question stands for, by type and asker, shape (2, n).
    mood : uniform numbers that choose the channel, shape (attempts, 2, n).
    odds : of each channel at a first and at later attempts, 0 where it is closed, shape (2, channels, n).
    success : probability that a channel answers, shape (channels, 2, n).

    Returns
    -------
    Queries at first and at later attempts, by channel, type and asker, shape (2, channels, 2, n).
    """
    made = np.zeros((2, *success.shape))
    channels = len(success)
    total = np.empty(channels)  # cumulative odds of the channels not tried yet
    tried = np.empty(channels, np.bool_)
    for kind in range(weight.shape[0]):
        for i in range(weight.shape[1]):
            left = weight[kind, i]
            tried[:] = False
            for attempt in range(len(mood)):
                turn, odds_so_far, chosen = min(attempt, 1), 0.0, 0
                for c in range(channels):
                    odds_so_far += 0.0 if tried[c] else odds[turn, c, i]
                    total[c] = odds_so_far
                while chosen < channels and total[chosen] <= mood[attempt, kind, i] * odds_so_far:
                    chosen += 1
                if chosen == channels:
                    break  # all were tried
                made[turn, chosen, kind, i] += left
                left *= 1.0 - success[chosen, kind, i]
                tried[chosen] = True
    return made
