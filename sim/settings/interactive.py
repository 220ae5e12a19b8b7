"""Interactive AI: the time that it gets, and the questions that it answers."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import param


@dataclass(frozen=True)
class Interactive:
    """Interactive AI as a way to spend time: who takes it up, and how much of their time it gets."""

    opening: int = param(
        39, "weeks", 0, 520, "",
        label="Opening of interactive AI", label_zh="互动式AI开放时间",
        description="Weeks after release from which the public at large can take up interactive AI.",
        source=A + "; China's Interim Measures took force nine months after release (I28)",
    )
    rate: float = param(
        0.0013, "1/week", 0.0, 0.02, "",
        label="Taking up interactive AI", label_zh="互动式AI采用率",
        description="Weekly hazard of taking it up without peers who use it.", source="fitted to users in C8",
    )
    peer_rate: float = param(
        0.021, "1/week", 0.0, 0.1, "",
        label="Peers and interactive AI", label_zh="同伴对互动式AI采用的作用",
        description="Further weekly hazard where all the people that someone follows use it.",
        source="fitted to users in C8",
    )
    keenness_sd: float = param(
        0.5, "log", 0.0, 2.0, "",
        label="Spread of keenness on interactive AI", label_zh="互动式AI热衷程度离散度",
        description="Log standard deviation over people of the hazard of taking it up.", source=A,
    )
    capability_pull: float = param(
        0.2, "1", 0.0, 3.0, "",
        label="Capability and interactive AI", label_zh="能力对互动式AI采用的作用",
        description="Increase in the log hazard of taking up interactive AI from zero to full capability.", source=A,
    )
    drop_rate: float = param(
        0.001, "1/week", 0.0, 0.05, "",
        label="Dropping interactive AI", label_zh="互动式AI弃用率",
        description="Weekly hazard with which someone of mean keenness drops it at zero capability.", source=A,
    )
    appetite_mean: float = param(
        -6.1, "log-odds", -10.0, 0.0, "",
        label="Time for interactive AI", label_zh="互动式AI用时中位数",
        description="Log-odds of the part of the attention budget that the median user gives to it.",
        source="fitted to time on AI apps in C8",
    )
    appetite_sd: float = param(
        1.8, "log-odds", 1.5, 2.8, "",
        label="Spread of time for interactive AI", label_zh="互动式AI用时离散度",
        description="Standard deviation of these log-odds over users.",
        source=A + "; an intense minority of users (I26, second-hand)",
    )
    paying_share: float = param(
        0.05, "1", 0.0, 1.0, "",
        label="Users who subscribe", label_zh="互动式AI付费用户比例",
        description="Share of the users of interactive AI who pay for it.", source=A,
    )


@dataclass(frozen=True)
class Questions:
    """Queries, the channels that may answer them, and what answers and pages live on."""

    queries: float = param(
        5.0, "queries/week", 2.0, 10.0, "",
        label="Queries per person", label_zh="人均每周提问数",
        description="Mean number of questions to which a consumer seeks an answer in a week.", source=A,
    )
    fresh_share: float = param(
        0.15, "1", 0.0, 1.0, "",
        label="Questions on fresh topics", label_zh="新话题提问占比",
        description="Share of questions that only content younger than about half a year can answer.", source=A,
    )
    half_answers: float = param(
        0.5, "1", 0.05, 5.0, "",
        label="Answers that cover half", label_zh="答案存量半覆盖点",
        description="Stock of public answers, over that before release, at which half of all questions are covered.",
        source=A,
    )
    half_pages: float = param(
        0.5, "1", 0.05, 5.0, "",
        label="Pages that cover half", label_zh="机构页面半覆盖点",
        description=(
            "Stock of publishers' pages, over that before release, at which half of what pages can answer is covered."
        ),
        source=A,
    )
    offers: float = param(
        1.2, "answers/question", 0.02, 10.0, "",
        label="Answers offered", label_zh="每个公开提问的回答供给",
        description="Answers that people are ready to give per public question before release.", source=A,
    )
    reads_exponent: float = param(
        0.5, "1", 0.0, 2.0, "uniform",
        label="Readers draw answers", label_zh="阅读量对回答供给的弹性",
        description="Elasticity of the answers offered to how much public answers are read.", source=A,
    )
    activity: float = param(
        0.0, "1", 0.0, 1.0, "",
        label="Attraction of active forums", label_zh="提问活跃度的吸引力",
        description="Utility of asking in public per unit of log questions asked there, relative to before release.",
        source=A,
    )
    forum_access: float = param(
        2.0, "utility", 0.0, 6.0, "",
        label="Cost of asking in public", label_zh="公开提问的门槛",
        description="Utility lost by asking in a forum: it takes an account and a written question.", source=A,
    )
    chatbot_access: float = param(
        0.3, "utility", 0.0, 50.0, "",
        label="Cost of asking a chatbot", label_zh="向聊天机器人提问的门槛",
        description="Utility lost by asking a chatbot, for those who use interactive AI.", source=A,
    )
    chatbot_slope: float = param(
        6.0, "1", 1.0, 20.0, "",
        label="Chatbots and difficulty", label_zh="聊天机器人对难度的敏感度",
        description="Log-odds of a chatbot's right answer per unit of capability above a question's difficulty.",
        source=A,
    )
    retrieval: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Retrieval by chatbots", label_zh="聊天机器人检索比例",
        description="Share of what search covers at present that a chatbot finds in addition to its training corpus.",
        source=A,
    )
    learning: float = param(
        0.05, "1/query", 0.001, 0.5, "",
        label="Learning about channels", label_zh="渠道成效学习速度",
        description="Step of a channel's believed success per query put to it.", source=A,
    )
    click_rate: float = param(
        0.19, "1", 0.01, 1.0, "",
        label="Clicks per search", label_zh="搜索点击率",
        description="Probability that a search with results leads to a click where no summary is shown.",
        source="15 % of all searches without a summary: Pew 2025 (I25, second-hand)",
    )
    summary_suffices: float = param(
        0.47, "1", 0.35, 0.55, "",
        label="Summaries that suffice", label_zh="摘要即可满足的比例",
        description="Probability that a summary above the results replaces a click.",
        source="8 % instead of 15 % of searches: Pew 2025 (I25, second-hand)",
    )
    referral_reliance: float = param(
        0.3, "1", 0.0, 0.9, "",
        label="Publishers' reliance on referrals", label_zh="机构对导流的依赖",
        description="Share of publishers' pages before release that referrals pay for.", source=A,
    )
    click_value: float = param(
        0.0015, "hours' wage/click", 0.0, 0.1, "",
        label="Value of a referral", label_zh="单次导流价值",
        description="Advertising revenue per click through to a publisher.", source=A,
    )
