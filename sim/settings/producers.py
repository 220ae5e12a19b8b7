"""Who makes items: creators, studios and AI producers."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import choice, param


@dataclass(frozen=True)
class CreatorRules:
    """UGC creators: effort, depth, platforms, adoption of AI, leaving."""

    effort: float = param(
        0.3, "1", 0.0, 0.8, "uniform",
        label="Effort follows uses", label_zh="产量对使用次数的弹性",
        description=(
            "Elasticity of a creator's output to its uses of the last 13 weeks over those of the last year, and to what"
            " items of the genre's creators are used over what they were used at release."
        ),
        source=A,
    )
    return_weight: float = param(
        1.0, "1", 0.0, 3.0, "",
        label="Returns in the choice of platform and depth", label_zh="收益对平台与深度选择的权重",
        description="Coefficient of the learned log return in a maker's choice of platform and depth.", source=A,
    )
    second_platform: float = param(
        0.4, "1", 0.0, 1.0, "",
        label="Posting to a second platform", label_zh="多平台发布概率",
        description="Probability that an item is also listed on a second platform.", source=A,
    )
    quit_rate: float = param(
        0.006, "1/week", 0.0, 0.05, "",
        label="Quitting", label_zh="退出率",
        description="Weekly hazard of a creator without motive or income.", source="weak evidence (I19, second-hand)",
    )
    entry_rate: float = param(
        0.06, "1/week", 0.0, 1.0, "",
        label="Starting", label_zh="补位率",
        description="Weekly hazard that a consumer takes the place of a creator who quit.", source=A,
    )
    motive: float = param(
        0.8, "1", 0.0, 2.0, "",
        label="Motive keeps creators", label_zh="内在动机的留存作用",
        description="Decrease in the log hazard of quitting per standard deviation of intrinsic motive.", source=A,
    )
    income_keeps: float = param(
        0.3, "1", 0.0, 1.0, "",
        label="Income keeps creators", label_zh="收入的留存作用",
        description=(
            "Decrease in the log hazard of quitting per unit of log(hope + income over its mean before release); hope"
            " is 1, and after release what the genre's creators earn over what they earned."
        ),
        source=A,
    )
    adoption_rate: float = param(
        0.02, "1/month", 0.001, 0.1, "loguniform",
        label="Trying AI unprompted", label_zh="自发采用率",
        description="Monthly hazard of taking up AI without gain, price or peers.", source=A,
    )
    adoption_gain: float = param(
        3.0, "1", 0.0, 6.0, "",
        label="Gains and adoption", label_zh="收益对采用的作用",
        description=(
            "Coefficient of the gain in log uses that creators see adopters make, net of their aversion to AI."
        ),
        source="form: Young 2009, AER 99:1899; size: assumption",
    )
    adoption_peers: float = param(
        3.0, "1", 0.0, 6.0, "",
        label="Peers and adoption", label_zh="同侪对采用的作用",
        description="Coefficient of the share of adopters among creators of the same genre.",
        source="form: Young 2009, AER 99:1899; size: assumption",
    )
    aversion_sd: float = param(
        0.5, "log uses", 0.0, 2.0, "",
        label="Spread of aversion to adopting", label_zh="采用反感离散度",
        description="Standard deviation over creators of the gain that AI must bring to be welcome.", source=A,
    )
    depth_mean: float = param(
        0.45, "depth", 0.0, 1.0, "",
        label="Depth of creators' items", label_zh="创作者内容平均深度",
        description="Mean depth that creators like to work at.", source=A,
    )
    depth_sd: float = param(
        0.2, "depth", 0.0, 0.5, "",
        label="Spread of depth over creators", label_zh="创作者间内容深度离散度",
        description="Standard deviation of that depth over creators.", source=A,
    )
    depth_range: float = param(
        0.15, "depth", 0.05, 0.5, "",
        label="Spread of depth over a maker's items", label_zh="同一生产者内容深度离散度",
        description=(
            "Standard deviation of depth over the items of one maker where all depths pay alike; the wider, the further"
            " returns and costs move it."
        ),
        source=A,
    )
    length_cost: float = param(
        0.5, "1", 0.2, 1.0, "uniform",
        label="Length and people's work", label_zh="人工随时长的弹性",
        description="Elasticity of the hours that an item takes people to its length; a longer one leaves fewer.",
        source=A,
    )
    craft_luck: float = param(
        0.5, "sd", 0.0, 1.0, "",
        label="Luck in craft", label_zh="工艺偶然性",
        description="Standard deviation of craft over a human's items.", source=A,
    )
    time_saving: float = param(
        0.25, "1", 0.0, 0.5, "uniform",
        label="Rise of output with AI", label_zh="AI带来的产量增幅",
        description="Part by which taking up AI raises a creator's output.",
        source="Zhou & Lee 2024, PNAS Nexus 3(3) pgae052 (I4)",
    )


@dataclass(frozen=True)
class StudioRules:
    """PGC studios: staged projects with lead times."""

    item_share: float = param(
        0.15, "1", 0.01, 0.9, "",
        label="Studios' share of new items", label_zh="机构内容占比",
        description="Share of the first weeks' new items that studios publish.", source=A,
    )
    craft: float = param(
        1.0, "sd of human craft", 0.0, 3.0, "",
        label="Studios' craft", label_zh="机构工艺优势",
        description="Mean craft of studios above creators.", source=A,
    )
    hours_plan: float = param(
        4.0, "hours/item", 0.0, 100.0, "",
        label="Planning hours", label_zh="策划工时",
        description="Staff hours of an item's planning stage without AI.", source=A,
    )
    hours_create: float = param(
        12.0, "hours/item", 1.0, 100.0, "",
        label="Creation hours", label_zh="创作工时",
        description="Staff hours of an item's creation stage without AI.", source=A,
    )
    hours_edit: float = param(
        8.0, "hours/item", 0.0, 100.0, "",
        label="Editing hours", label_zh="编辑工时",
        description="Staff hours of an item's editing stage without AI.", source=A,
    )
    cap_plan: float = param(
        0.5, "1", 0.0, 0.95, "",
        label="Automatable planning", label_zh="策划可自动化上限",
        description="Part of planning hours that AI can take over at full capability and use.", source=A,
    )
    cap_create: float = param(
        0.75, "1", 0.0, 0.95, "",
        label="Automatable creation", label_zh="创作可自动化上限",
        description="Part of creation hours that AI can take over.", source=A,
    )
    cap_edit: float = param(
        0.6, "1", 0.0, 0.95, "",
        label="Automatable editing", label_zh="编辑可自动化上限",
        description="Part of editing hours that AI can take over.", source=A,
    )
    reorganisation: float = param(
        104.0, "weeks", 26.0, 208.0, "loguniform",
        label="Reorganisation lag", label_zh="重组时滞",
        description="Time constant with which AI's possible savings are realised in a studio.",
        source="savings of 3 to 15 % in two years: Humlum & Vestergaard 2025 (I3, second-hand)",
    )
    intensity: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Intensity of AI use", label_zh="AI使用强度",
        description="Intensity towards which a studio moves when AI pays.",
        source=A + "; 9 % saved in two years at a lag of 104 weeks",
    )
    lead_weeks: int = param(
        6, "weeks", 1, 26, "",
        label="Lead time", label_zh="制作周期",
        description="Weeks from a project's start to its publication.", source=A,
    )
    least_pay: float = param(
        0.3, "1", 0.0, 1.0, "",
        label="Minimum pay", label_zh="最低薪酬比例",
        description="Minimum hourly pay over that of the first year; a studio that cannot earn it runs out of cash.",
        source=A + "; form: rent sharing, Card et al. 2018, J Labor Econ 36:S13",
    )
    staffing_weeks: float = param(
        26.0, "weeks", 4.0, 208.0, "",
        label="Lag of staffing", label_zh="人员调整时滞",
        description="Time constant with which staff adjusts to what income can pay for.", source=A,
    )
    insolvency_weeks: int = param(
        26, "weeks", 1, 104, "",
        label="Patience of creditors", label_zh="破产宽限期",
        description="Weeks without cash after which a studio closes.", source=A,
    )
    founding: float = param(
        0.05, "1/week", 0.0, 0.5, "",
        label="Founding", label_zh="新机构成立率",
        description="Weekly hazard that a new studio takes the place of a closed one where margins are as usual.",
        source=A,
    )


@dataclass(frozen=True)
class FarmRules:
    """AIGC producers: accounts that publish generated items for a margin."""

    law: str = choice(
        "ai", ("ai", "human"),
        label="Law of AI producers' items", label_zh="AI账号内容规律",
        description=(
            "Whether AI producers' items follow AI's law or, as a null model, the human one, and then count as human."
        ),
    )
    parity: str = choice(
        "item", ("item", "producer"),
        label="Parity of appeal", label_zh="吸引力对等方式",
        description=(
            "AI producers' gift follows the law of human creators at release, each weighed by items posted or alike."
        ),
    )
    gift_lasting: float = param(
        0.0, "1", 0.0, 1.0, "",
        label="Part of an AI producer's gift that lasts", label_zh="AI账号天赋的持久部分",
        description="Part of the variance of gifts that lasts as long as an account; the rest is new with every item.",
        source=A + "; who prompts alike gets alike: 0 leaves no account with luck for life",
    )
    entry: str = choice(
        "pooled", ("pooled", "own"),
        label="What AI producers enter on", label_zh="AI账号进入依据",
        description=(
            "Whether AI producers expect what the records of a cell, its platform and all platforms say together, or"
            " what the cell's last items earned, and where there were none, what humans earn."
        ),
    )
    pooling: float = param(
        200.0, "items", 50.0, 1_000.0, "",
        label="Items that outweigh the platform's record", label_zh="单元记录与平台记录的权衡条数",
        description=(
            "Items after which a cell's own record of what AI earns counts as much as that of its platform: squared"
            " coefficient of variation of an item's pay over that of cells (0.3)."
        ),
        source="form: empirical Bayes, Efron & Morris 1975, J Am Stat Assoc 70:311; size: assumption",
    )
    pioneers: float = param(
        0.08, "1", 0.005, 0.3, "",
        label="Entry without a model", label_zh="先行进入强度",
        description=(
            "Weight of what others publish in a cell, over that of AI producers there, in the number of entrants that"
            " a profit draws."
        ),
        source="innovation over imitation, 0.03 : 0.38, mean of 213: Sultan, Farley & Lehmann 1990, J Mark Res 27:70",
    )
    growth: float = param(
        0.15, "1/week", 0.02, 0.3, "",
        label="Speed of entry", label_zh="进入速度",
        description="Largest weekly growth of the number of AI producers.", source=A,
    )
    smoothing: float = param(
        4.0, "weeks", 2.0, 26.0, "",
        label="Smoothing of margins", label_zh="利润平滑期",
        description="Time constant of the mean margin by which AI producers enter or leave.", source=A,
    )
    items: float = param(
        14.0, "items/week", 1.0, 200.0, "",
        label="Items per AI producer", label_zh="单账号周产量",
        description="Items that an AI producer publishes per week.", source=A,
    )
    human_minutes: float = param(
        5.0, "min/item", 0.5, 60.0, "loguniform",
        label="Human minutes per item", label_zh="单条人工分钟",
        description="Human work per generated text; its cost does not fall.",
        source=(
            "between none, where all is automatic, and 17 for a page by professionals, Noy & Zhang 2023; others"
            " second-hand (I36)"
        ),
    )
    minutes_image: float = param(
        1.0, "text's minutes", 0.2, 4.0, "",
        label="Human minutes of images", label_zh="图像人工倍数",
        description="Human work per generated image over that of a text.",
        source="dozens to hundreds a day and operator: 404 Media 2024 (I36, in part second-hand)",
    )
    minutes_audio: float = param(
        1.2, "text's minutes", 0.5, 6.0, "",
        label="Human minutes of audio", label_zh="音频人工倍数",
        description="Human work per generated audio item over that of a text.",
        source="6 minutes an episode: The Hollywood Reporter 2025 (I36, second-hand)",
    )
    minutes_video: float = param(
        8.0, "text's minutes", 2.0, 18.0, "",
        label="Human minutes of video", label_zh="视频人工倍数",
        description="Human work per generated video over that of a text.",
        source="20 to 90 minutes a clip: makers' reports of 2026 (I36, second-hand)",
    )
    account_cost: float = param(
        0.02, "hours' wage/item", 0.001, 0.2, "loguniform",
        label="Account cost per item", label_zh="单条账号成本",
        description="Cost per item of keeping an account that is never banned; it does not fall.",
        source=(
            "0.1 to 5 dollars a verified account, 5 to 60 a month to keep it, at 22 dollars an hour: Dek et al. 2025,"
            " Science (I37, in part second-hand), hosting and tools assumed"
        ),
    )
    length_cost: float = param(
        0.5, "1", 0.0, 1.0, "uniform",
        label="Length and AI's cost", label_zh="AI成本随时长的弹性",
        description=(
            "Elasticity of the model fee and the human minutes of an item to its length; those of the usual human item"
            " before release are the fee and minutes in the registry."
        ),
        source=A,
    )
    ban_items: float = param(
        32.0, "items", 0.0, 200.0, "",
        label="Loss with a banned account", label_zh="封号损失",
        description="Cost of an account in place of a banned one, over the cost of an item.",
        source=A + "; from a dollar, bare, to months of income, with an audience (I37, second-hand)",
    )
    scruple: float = param(
        0.5, "payoffs", 0.001, 5.0, "loguniform",
        label="Scruple of AI producers", label_zh="AI生产者的道德顾虑",
        description="Gain from falsehood, in payoffs of a true item, that the median AI producer forgoes.", source=A,
    )
    scruple_sd: float = param(
        1.0, "log", 0.0, 2.0, "",
        label="Spread of scruples", label_zh="道德顾虑离散度",
        description="Log standard deviation of scruples over AI producers.", source=A,
    )
    impersonation: float = param(
        0.2, "1", 0.0, 1.0, "",
        label="Accounts that impersonate", label_zh="冒充他人的账号比例",
        description=(
            "Share of AI producers' accounts whose false items pose as those of a human producer with followers."
        ),
        source=A,
    )
    removal: float = param(
        0.05, "1", 0.0, 0.5, "",
        label="Removal", label_zh="删除率",
        description="Share of AI producers' items that spam rules remove before anyone sees them.", source=A,
    )
    compliance: float = param(
        0.3, "1", 0.0, 1.0, "",
        label="Accounts that keep a voluntary code", label_zh="遵守自律公约的账号比例",
        description="Share of AI producers' accounts that keep a code of ethics at full strength; nothing enforces it.",
        source="voluntary codes bind a part: King & Lenox 2000, Acad Manage J 43:698; size: assumption",
    )
    code_scruple: float = param(
        1.0, "payoffs", 0.0, 5.0, "",
        label="Scruple that a code adds", label_zh="自律公约增加的道德顾虑",
        description=(
            "Further gain from falsehood, in payoffs of a true item, that an account which keeps the code forgoes."
        ),
        source=A,
    )
