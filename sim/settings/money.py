"""Flows of money; the unit is the median junior hourly wage."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import param


@dataclass(frozen=True)
class Money:
    """Flows of money; the unit is the median junior hourly wage."""

    advertising: float = param(
        0.15, "hours' wage/(consumer week)", 0.01, 5.0, "",
        label="Advertising budget", label_zh="广告预算",
        description="Advertisers' weekly budget per consumer before release.",
        source=A + "; order of online advertising per user over the median wage",
    )
    advertising_elasticity: float = param(
        0.5, "1", 0.0, 0.95, "",
        label="Elasticity of advertising", label_zh="广告预算弹性",
        description="Percent by which the budget grows when brand-safe seconds grow by one percent after release.",
        source=A + "; below one, as advertisers share a budget that the economy sets",
    )
    minute_worth: float = param(
        0.004, "hours' wage/min", 0.0001, 0.05, "",
        label="Value of a minute", label_zh="每分钟支付意愿",
        description="What a minute on a subscribed platform is worth to a user on average.",
        source=A + "; a quarter of the wage",
    )
    licence: float = param(
        0.65, "1", 0.0, 0.95, "",
        label="Licence fees", label_zh="版权授权费比例",
        description="Part of subscription revenue that platforms pay to producers for their works, by seconds.",
        source=A + "; order of the revenue shares of music and film streaming",
    )
    promotion: float = param(
        0.02, "1", 0.0, 0.3, "",
        label="Bids for slots", label_zh="推广支出比例",
        description="Part of recent income that producers bid for slots for their new items.", source=A,
    )
    slots: float = param(
        0.02, "1", 0.0, 0.3, "",
        label="Slots for sale", label_zh="可售推广位",
        description="Share of a platform's weekly exposures that is sold for bids as test exposures.", source=A,
    )
    payout_step: float = param(
        0.03, "1/year", 0.0, 0.2, "",
        label="Step of bargaining", label_zh="年度分成谈判幅度",
        description="Largest change of a platform's payout in a year's bargaining.", source=A,
    )
    studio_margin: float = param(
        0.1, "1", 0.0, 0.5, "",
        label="Studios' margin", label_zh="机构利润率",
        description="Part of a studio's income that it plans to keep after wages.", source=A,
    )
    levy_rate: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Rate of the automation levy", label_zh="自动化征费率",
        description="Part of an automated hour's pay that the levy takes at full strength.",
        source=A + "; cf. the robot tax of Guerreiro, Rebelo & Teles 2022, REStud 89:279",
    )
    fund: float = param(
        0.02, "hours' wage/(consumer week)", 0.0, 1.0, "",
        label="Industry fund", label_zh="产业基金规模",
        description="Weekly grants at full strength, half to studios and half to creators.", source=A,
    )
    training_grant: float = param(
        15.0, "hours' wage/week", 0.0, 40.0, "",
        label="Training grant", label_zh="再培训津贴",
        description="Paid to a worker in training at full strength of the retraining subsidy.", source=A,
    )
