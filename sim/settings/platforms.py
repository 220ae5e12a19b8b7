"""Platforms: what each is, what immersive ones need, and how platforms experiment and enter."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass, field

from sim.settings.needs import Fit
from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import choice, param


@dataclass(frozen=True)
class PlatformRules:
    """One platform: its governance type as properties. Nothing here is a stance on AI."""

    kind: str = choice(
        "",
        label="Governance type", label_zh="治理类型",
        description=(
            "Name of its type, which keys its random draws and does nothing else (empty: the platform's own name)."
        ),
    )
    open_to: str = choice(
        "everyone", ("everyone", "studios", "ai"),
        label="Who may publish", label_zh="谁可发布",
        description="Who may publish: everyone, studios alone, or AI producers and creators who work with AI.",
    )
    questions: str = choice(
        "none", ("none", "search", "forum"),
        label="Channel of questions", label_zh="提问渠道",
        description="How it answers people's questions: not at all, by a search, or as a forum where others answer.",
    )
    pages: bool = choice(
        False, label="Pages that search leads to", label_zh="搜索可达页面",
        description=(
            "Whether searches find answers on its items' pages; clicks on them bring studios with items there"
            " advertising."
        ),
    )
    immersive: bool = choice(
        False, label="Immersive", label_zh="沉浸式",
        description="Whether its items are immersive: costly to make, used with a headset, worth more in company.",
    )
    fit: Fit = field(default_factory=Fit)
    followed: float = param(
        0.2, "weight", 0.0, 1.0, "",
        label="Slots for followed producers", label_zh="关注内容占比",
        description="Weight of followed producers in the feed.", source=A,
    )
    friends: float = param(
        0.1, "weight", 0.0, 1.0, "",
        label="Slots for friends' shares", label_zh="好友分享占比",
        description="Weight of friends' shares in the feed.", source=A,
    )
    interest: float = param(
        0.4, "weight", 0.0, 1.0, "",
        label="Slots by interest", label_zh="兴趣推荐占比",
        description="Weight of items in the genres that the viewer likes.", source=A,
    )
    trending: float = param(
        0.1, "weight", 0.0, 1.0, "",
        label="Slots for trending items", label_zh="热门占比",
        description="Weight of items in the top stage of the traffic pool.", source=A,
    )
    exploration: float = param(
        0.2, "weight", 0.01, 1.0, "",
        label="Slots for new items", label_zh="新内容测试占比",
        description="Weight of items still under test.", source=A,
    )
    query: float = param(
        0.0, "weight", 0.0, 1.0, "",
        label="Slots by query", label_zh="搜索结果占比",
        description="Weight of items found by a query: near the viewer's ideal point, whatever their popularity.",
        source=A,
    )
    theta: float = param(
        2.0, "1", 0.0, 6.0, "",
        label="Popularity exponent", label_zh="热度指数",
        description="Exponent of an item's engagement over the platform's mean in its serving weight.", source=A,
    )
    freshness: float = param(
        4.0, "days", 0.1, 180.0, "",
        label="Freshness", label_zh="新鲜度半衰期",
        description="Days in which an item's serving weight halves.",
        source="half-lives: Graffius series (C11, second-hand)",
    )
    quality_weight: float = param(
        0.0, "1", 0.0, 3.0, "",
        label="Quality in ranking", label_zh="排序中的质量权重",
        description="Weight of craft and of the account's authority in serving (0: expected minutes alone).",
        source="governance type: " + A, role="lever",
    )
    payout: float = param(
        0.3, "1", 0.0, 0.9, "",
        label="Payout", label_zh="分成比例",
        description=(
            "Share of advertising revenue paid to producers, in proportion to seconds, until it is renegotiated."
        ),
        source="55 % long video, 45 % of the pool for short video: YouTube terms (I15, second-hand)",
    )
    subscription: float = param(
        0.0, "hours' wage/week", 0.0, 2.0, "",
        label="Platform subscription price", label_zh="平台订阅价格",
        description="Price of a week's subscription (0: nothing is sold).", source=A,
    )
    subscription_pays: str = choice(
        "studios", ("studios", "creators", "producers"),
        label="Who is paid from subscriptions", label_zh="订阅收入付给谁",
        description=(
            "Who is paid the producers' part of subscriptions (money.licence), by the seconds that their items are"
            " used: studios, creators, or all producers."
        ),
    )
    ad_load: float = param(
        1.0, "1", 0.0, 3.0, "",
        label="Ad load", label_zh="广告负荷",
        description="Advertising per minute, which users dislike, relative to the mean platform.", source=A,
    )
    ad_price: float = param(
        1.0, "1", 0.05, 10.0, "",
        label="Worth of a minute to advertisers", label_zh="每分钟广告价值",
        description="What advertisers pay for a minute of use at equal ad load, over that of a video library.",
        source="presets: revenue per thousand views and per hour of use (I15, I43, second-hand)",
    )
    moderation: float = param(
        0.1, "1", 0.0, 1.0, "",
        label="Removal of falsehood", label_zh="虚假内容拦截率",
        description="Share of inaccurate items removed before anyone sees them.", source=A,
    )
    detection: float = param(
        0.0, "1", 0.0, 1.0, "",
        label="Use of a detector", label_zh="AI检测覆盖率",
        description=(
            "Share of items first published here that a detector of AI checks; what it takes for AI's is labelled."
        ),
        source="governance type: " + A, role="lever",
    )
    depth_bias: float = param(
        0.0, "depth", -0.5, 0.5, "",
        label="Depth of the format", label_zh="形式深度偏移",
        description="How much deeper and longer items are made for this platform.", source=A,
    )
    answer_layer: float = param(
        0.0, "1", 0.0, 1.0, "",
        label="Answer layer", label_zh="答案层占比",
        description="On a search platform, share of informational queries answered by a summary above the results.",
        source=A, role="lever",
    )
    answer_layer_opens: str = choice(
        "", label="Opening of the answer layer", label_zh="答案层开放日期",
        description="ISO date from which summaries are shown (empty: from the release of generative AI).",
    )
    shows_counts: bool = choice(
        True, label="Shows counts", label_zh="显示使用次数",
        description="Whether viewers see how often an item was used."
    )
    opens: str = choice(
        "", label="Opening", label_zh="开放日期",
        description="ISO date from which the platform is open, or may enter (empty: from the start).",
    )
    entry_cost: float = param(
        0.0, "hours' wage/consumer", 0.0, 10.0, "",
        label="Fixed cost of entry", label_zh="进入固定成本",
        description="Fixed cost of entry, which expected profit must exceed (0: the platform opens at its date).",
        source=A,
    )


@dataclass(frozen=True)
class Immersive:
    """Immersive media: costly items, a device, and a platform that is worth more the more people are there."""

    multiple: float = param(
        40.0, "ordinary items", 1.0, 500.0, "",
        label="Work of an immersive item", label_zh="单条沉浸式内容的工作量倍数",
        description="Work that an immersive item takes without AI, over an ordinary item by the same maker.", source=A,
    )
    automatable: float = param(
        0.9, "1", 0.0, 0.99, "",
        label="Automatable immersive work", label_zh="沉浸式制作可自动化上限",
        description="Part of that work that AI takes over at full capability; the rest stays human.", source=A,
    )
    network: float = param(
        2.0, "utility", 0.0, 8.0, "uniform",
        label="Network value of immersive media", label_zh="沉浸式媒体网络价值",
        description="Utility of an immersive platform that everybody uses over one that nobody uses.", source=A,
    )
    headset: float = param(
        2.0, "utility", 0.0, 8.0, "",
        label="Burden of the headset", label_zh="头显门槛",
        description=(
            "Utility lost by installing an immersive platform when it opens: the price and trouble of the device."
        ),
        source=A,
    )
    headset_decay: float = param(
        0.85, "factor/year", 0.3, 1.0, "",
        label="Decay of the headset's burden", label_zh="头显门槛年衰减",
        description="Factor by which that loss shrinks per year from the platform's opening date on.", source=A,
    )


@dataclass(frozen=True)
class Strategy:
    """What platforms try out and when new ones enter."""

    step: float = param(
        0.1, "1", 0.0, 5.0, "",
        label="Step of platforms' experiments", label_zh="平台实验步长",
        description="Step of the log weight of interest in the feed along the measured slope of the objective.",
        source="form: Spall 1992, IEEE Trans. Automatic Control 37:332; size: assumption",
    )
    perturbation: float = param(
        0.3, "log", 0.05, 1.0, "",
        label="Size of platforms' experiments", label_zh="平台实验幅度",
        description="Log factor by which the weight is raised for one half of the users and lowered for the other.",
        source=A,
    )
    weeks: int = param(
        8, "weeks", 2, 52, "",
        label="Length of platforms' experiments", label_zh="平台实验时长",
        description="Weeks after which a platform compares the two halves and moves its weight.", source=A,
    )
    retention: float = param(
        1.0, "1", 0.0, 5.0, "",
        label="Weight of users who return", label_zh="用户回访权重",
        description="Weight of the share of users who come back, against relative revenue, in the objective.", source=A,
    )
    entry_horizon: float = param(
        104.0, "weeks", 4.0, 520.0, "",
        label="Horizon of entrants", label_zh="新平台预期期限",
        description="Weeks of profit that an entrant sets against its fixed cost.", source=A,
    )
    entry_doubt: float = param(
        0.5, "log", 0.0, 2.0, "",
        label="Doubt about entry costs", label_zh="进入成本不确定性",
        description="Log standard deviation of an entrant's fixed cost.", source=A,
    )
