"""Every parameter, once: default, unit, range, prior, role, label in English and Chinese, description and source.

A scenario is a tree of these frozen dataclasses, `Settings`; each group of parameters has its class, in the file of its
topic. Command-line help, documentation tables, validation messages and sweep ranges are read from here. "I9" and the
like name rows of `docs/evidence.md`; *assumption* marks a value that no source fixes. A parameter with a prior is an
uncertainty; one without is a constant or a structural choice.
"""

from sim.settings.attention import Attention
from sim.settings.circulation import Pools, Spread
from sim.settings.culture import Culture
from sim.settings.interactive import Interactive, Questions
from sim.settings.levers import FullStrength, Lever
from sim.settings.money import Money
from sim.settings.parameter import Info, Parameter, parameters_of
from sim.settings.platforms import Immersive, PlatformRules, Strategy
from sim.settings.producers import CreatorRules, FarmRules, StudioRules
from sim.settings.technology import Technology, VendorRules
from sim.settings.tree import Settings, registry, starred
from sim.settings.trust import Moderation, Trust
from sim.settings.work import Commissions, Labour
from sim.settings.world import Input, Time, WorldSize

__all__ = [
    "Attention",
    "Commissions",
    "CreatorRules",
    "Culture",
    "FarmRules",
    "FullStrength",
    "Immersive",
    "Info",
    "Input",
    "Interactive",
    "Labour",
    "Lever",
    "Moderation",
    "Money",
    "Parameter",
    "PlatformRules",
    "Pools",
    "Questions",
    "Settings",
    "Spread",
    "Strategy",
    "StudioRules",
    "Technology",
    "Time",
    "Trust",
    "VendorRules",
    "WorldSize",
    "parameters_of",
    "registry",
    "starred",
]
