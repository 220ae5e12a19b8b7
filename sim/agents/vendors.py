"""Vendors of models: capability and price as dated curves, and the share of use that each wins."""

from __future__ import annotations

import mesa
import numpy as np

from sim.parameters import Technology
from sim.randomness import derive
from sim.tables import F8

WEEKS_PER_YEAR = 52.18
MODALITIES = ("text", "image", "audio", "video")


def capability_at(years: float, technology: Technology) -> float:
    """Capability of the best model, 0 to 1: a logistic curve after release, 0 before."""
    if years < 0 or not technology.released:
        return 0.0
    return float(1.0 / (1.0 + np.exp(-(years - technology.takeoff_years) / technology.growth_years)))


def modality_of(genre: int) -> int:
    """Modality of a genre: text, image, audio, video, in turn."""
    return genre % len(MODALITIES)


def fee_factors(genres: int, technology: Technology) -> F8:
    """Model fee of an item over that of a text item, per genre, shape (G,)."""
    factor = (1.0, technology.fee_image, technology.fee_audio, technology.fee_video)
    return np.array([factor[modality_of(g)] for g in range(genres)])


def autonomy_needs(genres: int, technology: Technology) -> F8:
    """Capability at which AI can produce alone, per genre, shape (G,)."""
    return np.array([getattr(technology, f"autonomy_{MODALITIES[modality_of(g)]}") for g in range(genres)])


class Vendor(mesa.Agent):
    """One vendor: how far it trails the best model and what it charges relative to it."""

    def __init__(self, model: mesa.Model, key: str, ordinal: int, gap: float, price: float) -> None:
        super().__init__(model)
        self.key, self.gap, self.relative_price = key, gap, price
        self.uid = derive("vendor", 0, ordinal)[0]


def vendor_terms(technology: Technology) -> tuple[tuple[str, float, float], ...]:
    """Name, gap and relative price of each vendor; none where generative AI does not exist."""
    if not technology.released:
        return ()
    return (
        ("first", 0.0, 1.0),
        ("follower", technology.follower_gap, technology.follower_price),
        ("open_weights", technology.open_gap, technology.open_price),
    )


def use_shares(vendors: list[Vendor], capability: float, technology: Technology) -> F8:
    """Share of use of each vendor: logit in capability and log price, shape (V,)."""
    value = np.array(
        [
            technology.quality_sensitivity * max(capability - v.gap, 0.0)
            - technology.price_sensitivity * np.log(v.relative_price)
            for v in vendors
        ]
    )
    weight = np.exp(value - value.max())
    return np.asarray(weight / weight.sum())
