"""Technology: what AI can do and what it costs this week, and what models are trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.vendors import WEEKS_PER_YEAR, autonomy_needs, capability_at, fee_factors, use_shares
from sim.tables import F8, I8

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

NEIGHBOURS = 32  # exemplars near a seed that an imitation may blend


@dataclass(frozen=True)
class Frontier:
    """This week's technology. V vendors, G genres."""

    capability: F8  # (V,) 0 to 1
    shares: F8  # (V,) of use
    prices: F8  # (V,) relative to the first
    fee: F8  # (G,) the first vendor's fee of an item in hours' wage
    alone: F8  # (G,) 1 where AI can produce alone
    error: float  # honest error of generated items
    craft: F8  # (V,) mean craft of generated items
    immersive_fee: float = 0.0  # the first vendor's fee of an immersive item, of any genre
    immersive_alone: float = 0.0  # 1 where AI can produce for immersive platforms alone

    @property
    def mean_fee(self) -> F8:
        """Fee of an item at the mean vendor, per genre, shape (G,)."""
        return self.fee * self.mean_price

    @property
    def mean_price(self) -> float:
        """Price at the mean vendor over the first's."""
        return float(self.shares @ self.prices) if len(self.shares) else 1.0

    def fee_of(self, genre: I8, vendor: I8) -> F8:
        """Fee of items of these genres at these vendors in hours' wage, shape (n,)."""
        return self.fee[genre] * self.prices[vendor]

    @property
    def level(self) -> float:
        """Capability that the mean user meets."""
        return float((self.capability * self.shares).sum()) if len(self.shares) else 0.0


def advance_technology(model: ContentEcosystem) -> None:
    """Move along the dated curves; train on the corpora when it is time."""
    technology = model.settings.technology
    genres = model.settings.world.genres
    years = model.weeks_since_release / WEEKS_PER_YEAR
    if not model.vendors or years < 0:
        none, zero = np.zeros(0), np.zeros(genres)
        model.frontier = Frontier(none, none, np.ones(1), zero, zero, 0.0, none)
        return
    best = capability_at(years, technology)
    capability = np.maximum(best - np.array([v.gap for v in model.vendors]), 0.0)
    prices = np.array([v.relative_price for v in model.vendors])
    shares = use_shares(model.vendors, best, technology)
    text_fee = technology.item_price * technology.price_decay**years
    fee = text_fee * fee_factors(genres, technology)
    earlier = capability_at(years + technology.autonomy_lead / WEEKS_PER_YEAR, technology)
    alone = (earlier >= autonomy_needs(genres, technology)) & technology.autonomous
    craft = technology.craft_start + (technology.craft_ceiling - technology.craft_start) * capability
    error = model.settings.trust.ai_error * model.settings.trust.ai_error_decay**years
    immersive = float(technology.autonomous and earlier >= technology.autonomy_immersive)
    model.frontier = Frontier(
        capability, shares, prices, fee, alone.astype(np.float64), error, craft,
        text_fee * technology.fee_immersive, immersive,
    )  # fmt: skip
    if model.weeks_since_release % model.settings.culture.retrain_weeks == 0:
        for corpus in model.corpora:
            corpus.retrain(familiarity=model.settings.culture.ai_familiarity, neighbours=NEIGHBOURS)
