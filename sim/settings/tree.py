"""The tree of settings that a scenario fills, and the registry of all its parameters."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.settings.attention import Attention
from sim.settings.circulation import Pools, Spread
from sim.settings.culture import Culture
from sim.settings.interactive import Interactive, Questions
from sim.settings.levers import FullStrength, Lever
from sim.settings.money import Money
from sim.settings.parameter import Parameter, parameters_of
from sim.settings.platforms import Immersive, PlatformRules, Strategy
from sim.settings.producers import CreatorRules, FarmRules, StudioRules
from sim.settings.technology import Technology, VendorRules
from sim.settings.trust import Moderation, Trust
from sim.settings.work import Commissions, Labour
from sim.settings.world import Input, Time, WorldSize


@dataclass(frozen=True)
class Settings:
    """A whole scenario's parameters."""

    world: WorldSize = field(default_factory=WorldSize)
    time: Time = field(default_factory=Time)
    input: Input = field(default_factory=Input)
    culture: Culture = field(default_factory=Culture)
    technology: Technology = field(default_factory=Technology)
    vendors: VendorRules = field(default_factory=VendorRules)
    attention: Attention = field(default_factory=Attention)
    pools: Pools = field(default_factory=Pools)
    spread: Spread = field(default_factory=Spread)
    trust: Trust = field(default_factory=Trust)
    creators: CreatorRules = field(default_factory=CreatorRules)
    studios: StudioRules = field(default_factory=StudioRules)
    farms: FarmRules = field(default_factory=FarmRules)
    moderation: Moderation = field(default_factory=Moderation)
    money: Money = field(default_factory=Money)
    labour: Labour = field(default_factory=Labour)
    commissions: Commissions = field(default_factory=Commissions)
    interactive: Interactive = field(default_factory=Interactive)
    questions: Questions = field(default_factory=Questions)
    immersive: Immersive = field(default_factory=Immersive)
    strategy: Strategy = field(default_factory=Strategy)
    full_strength: FullStrength = field(default_factory=FullStrength)
    platforms: Mapping[str, PlatformRules] = field(default_factory=dict)
    policy: Mapping[str, Lever] = field(default_factory=dict)


@functools.cache
def registry() -> Mapping[str, Parameter]:
    """Every parameter by its path."""
    return {parameter.path: parameter for parameter in parameters_of(Settings)}


def starred(path: str) -> str:
    """Name a path as the registry does: `platforms.forum.opens` is `platforms.*.opens`."""
    return re.sub(r"^(platforms|policy)\.[^.]+\.", r"\1.*.", path)
