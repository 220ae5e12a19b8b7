"""How items travel: platforms' traffic pools, people's posts and shares."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import param


@dataclass(frozen=True)
class Pools:
    """Traffic pools: how a platform tests new items and promotes them."""

    explore: float = param(
        0.8, "1", 0.1, 1.0, "",
        label="Use of test slots", label_zh="测试流量利用率",
        description="Part of the exploration slots that test budgets may claim.", source=A,
    )
    test_low: float = param(
        4.0, "exposures", 1.0, 10.0, "",
        label="Smallest test", label_zh="最小测试曝光",
        description="Fewest test exposures of a new item.", source=A,
    )
    test_high: float = param(
        20.0, "exposures", 10.0, 200.0, "",
        label="Largest test", label_zh="最大测试曝光",
        description="Most test exposures of a new item.", source=A,
    )
    growth: float = param(
        4.0, "1", 2.0, 8.0, "",
        label="Growth of stages", label_zh="流量池逐级倍数",
        description="Factor between the exposures of successive stages.",
        source="form: Jamieson & Talwalkar 2016, AISTATS; size: assumption",
    )
    stages: int = param(
        6, "stages", 2, 8, "",
        label="Stages", label_zh="流量池级数",
        description="Stages of a traffic pool; items in the upper half of them are trending.", source=A,
    )
    promoted: float = param(
        0.25, "1", 0.15, 0.4, "",
        label="Promoted share", label_zh="晋级比例",
        description="Share of a stage's items that is promoted to the next.", source=A,
    )
    shrinkage: float = param(
        20.0, "exposures", 5.0, 60.0, "",
        label="Pseudo-count of scores", label_zh="评分伪计数",
        description="Exposures at the platform's mean engagement that an item's score starts from (a pseudo-count).",
        source=A,
    )


@dataclass(frozen=True)
class Spread:
    """Posting, sharing and the social graph."""

    silent_share: float = param(
        0.4, "1", 0.2, 0.6, "",
        label="People who never post", label_zh="从不发帖者比例",
        description="Share of consumers whose rate of posting is zero.", source="Pew 2019-2024 (C4, second-hand)",
    )
    activity_sd: float = param(
        1.8, "log", 1.2, 2.2, "",
        label="Spread of activity", label_zh="活跃度离散度",
        description="Log standard deviation of rates of posting among those who post, and among creators.", source=A,
    )
    activity_gift: float = param(
        0.2, "1", 0.0, 0.7, "",
        label="Active creators are better", label_zh="活跃度与天赋相关",
        description="Correlation of a creator's activity with the gift for appeal.", source=A,
    )
    posts: float = param(
        8.0, "posts/4 weeks", 1.0, 30.0, "",
        label="Posts per person", label_zh="人均发帖数",
        description="Mean number of posts (items, shares, replies) in four weeks.", source=A,
    )
    friends: float = param(
        12.0, "people", 2.0, 50.0, "",
        label="Friends followed", label_zh="人均关注好友数",
        description="Mean number of people a consumer follows on the generated social graph.", source=A,
    )
    clustering: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Triadic closure", label_zh="三元闭包概率",
        description="Probability that a new tie closes a triangle.",
        source="form: Holme & Kim 2002, Phys. Rev. E 65:026107; size: assumption",
    )
    share_base: float = param(
        -1.0, "log-odds", -4.0, 2.0, "",
        label="Sharing at par", label_zh="分享基准",
        description="Log-odds that a post shares the item just used.", source=A,
    )
    share_pleasure: float = param(
        0.5, "1", 0.0, 2.0, "",
        label="Pleasure and sharing", label_zh="满意对分享的作用",
        description="Log-odds of sharing per unit of utility above what the viewer is used to.", source=A,
    )
    share_emotion: float = param(
        0.4, "1/sd", 0.0, 1.0, "",
        label="Emotion and sharing", label_zh="情感对分享的作用",
        description="Log-odds of sharing per standard deviation of emotion.",
        source="form: Berger & Milkman 2012, J. Marketing Res. 49:192; size: assumption",
    )
    share_days: float = param(
        3.0, "days", 1.0, 14.0, "",
        label="Life of a share", label_zh="分享留存天数",
        description="Days for which friends can still meet a share.", source=A,
    )
