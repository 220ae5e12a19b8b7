"""What generative AI can do and costs, and the vendors that sell it."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import choice, param


@dataclass(frozen=True)
class Technology:
    """What generative AI can do and what it costs, as dated curves."""

    released: bool = choice(
        True,
        label="Generative AI exists", label_zh="存在生成式AI",
        description="Whether generative AI is ever released; without it there are no vendors and no AI producers.",
    )
    autonomous: bool = choice(
        True,
        label="AI may produce alone", label_zh="允许AI自主生产",
        description="Whether AI producers may publish without a human author.",
    )
    autonomy_lead: float = param(
        0.0, "weeks", -260.0, 260.0, "",
        label="Lead of autonomy", label_zh="自主阶段提前周数",
        description="How much earlier than observed AI reaches the capability to produce alone.",
        source="structural choice",
    )
    takeoff_years: float = param(
        2.0, "years", 0.5, 5.0, "uniform",
        label="Midpoint of capability", label_zh="能力曲线半程",
        description="Years after release at which capability is midway between its start and its ceiling.", source=A,
    )
    growth_years: float = param(
        0.8, "years", 0.2, 2.0, "",
        label="Steepness of capability", label_zh="能力曲线陡度",
        description="Time scale of the logistic curve of capability.", source=A,
    )
    craft_start: float = param(
        -1.0, "sd of human craft", -3.0, 0.0, "",
        label="AI craft before take-off", label_zh="AI初始工艺",
        description="Mean craft of generated items at zero capability.",
        source=A + "; below human titles at first: Zhang et al. 2024, arXiv:2412.18337 (I8)",
    )
    craft_ceiling: float = param(
        0.5, "sd of human craft", -1.0, 2.0, "uniform",
        label="Ceiling of AI craft", label_zh="AI工艺上限",
        description="Mean craft of generated items at full capability.",
        source="Chakrabarty et al. 2025, arXiv:2510.13939 (I7)",
    )
    craft_sd: float = param(
        0.5, "sd of human craft", 0.0, 1.0, "",
        label="Spread of AI craft", label_zh="AI工艺离散度",
        description="Standard deviation of craft over generated items.", source=A,
    )
    emotion_gap: float = param(
        0.3, "sd", 0.0, 1.0, "uniform",
        label="Emotion gap", label_zh="情感差距",
        description="How far generated items lie below human ones in emotion.", source=A,
    )
    autonomy_text: float = param(
        0.10, "capability", 0.0, 1.0, "",
        label="Capability for text", label_zh="文本自主所需能力",
        description="Capability (0 to 1) at which AI can produce text alone.",
        source=A + "; dated by the first content farms in spring 2023",
    )
    autonomy_image: float = param(
        0.12, "capability", 0.0, 1.0, "",
        label="Capability for images", label_zh="图像自主所需能力",
        description="Capability at which AI can produce images alone.", source=A,
    )
    autonomy_audio: float = param(
        0.30, "capability", 0.0, 1.0, "",
        label="Capability for audio", label_zh="音频自主所需能力",
        description="Capability at which AI can produce audio alone.", source=A,
    )
    autonomy_video: float = param(
        0.60, "capability", 0.0, 1.0, "",
        label="Capability for video", label_zh="视频自主所需能力",
        description="Capability at which AI can produce video alone.", source=A,
    )
    autonomy_immersive: float = param(
        0.85, "capability", 0.0, 1.0, "",
        label="Capability for immersive items", label_zh="沉浸式内容自主所需能力",
        description="Capability at which AI can produce for immersive platforms alone.", source=A,
    )
    price_decay: float = param(
        0.1, "factor/year", 0.02, 0.3, "loguniform",
        label="Price decay of a fixed capability", label_zh="同等能力的价格衰减",
        description="Factor by which the marginal cost of the same output falls in a year.",
        source="a16z LLMflation 2024; Epoch 2025 (I1)",
    )
    item_price: float = param(
        0.05, "hours' wage/item", 0.001, 1.0, "",
        label="Model fee per item at release", label_zh="发布时单条模型费",
        description="Fee of a monopolist for the drafts of one text item; a third of it is marginal cost.",
        source="0.03 dollars a page by API, 1.18 by a writing tool, 1 to 10 drafts, at 22 an hour (I38, second-hand)",
    )
    fee_image: float = param(
        2.0, "text's fee", 0.3, 20.0, "",
        label="Fee of images", label_zh="图像模型费倍数",
        description="Model fee of an image item over that of a text item.",
        source="price lists of 2022 to 2026 (I38, in part second-hand)",
    )
    fee_audio: float = param(
        4.0, "text's fee", 2.0, 100.0, "",
        label="Fee of audio", label_zh="音频模型费倍数",
        description="Model fee of an audio item over that of a text item.",
        source="price lists of 2022 to 2026 (I38, in part second-hand)",
    )
    fee_video: float = param(
        10.0, "text's fee", 5.0, 1_000.0, "",
        label="Fee of video", label_zh="视频模型费倍数",
        description="Model fee of a video item over that of a text item.",
        source="price lists of 2022 to 2026 (I38, in part second-hand)",
    )
    fee_immersive: float = param(
        100.0, "text's fee", 0.1, 1_000.0, "",
        label="Fee of immersive items", label_zh="沉浸式内容模型费倍数",
        description="Model fee of an immersive item, whatever its genre, over that of a text item.", source=A,
    )


@dataclass(frozen=True)
class VendorRules:
    """Vendors of models: how they compete, what they sell, and what they train on."""

    giants: int = param(
        2, "firms", 1, 4, "",
        label="Giants", label_zh="巨头厂商数",
        description="Vendors that stand at the frontier from the release on.", source=A,
    )
    independents: int = param(
        2, "firms", 0, 4, "",
        label="Independent vendors", label_zh="独立厂商数",
        description="Followers at the release; more may enter.", source=A,
    )
    platform_owned: int = param(
        1, "firms", 0, 1, "",
        label="Platform-owned vendor", label_zh="平台自有厂商数",
        description="Followers owned by the platform that is largest at the release.", source=A,
    )
    open_weights: bool = choice(
        True,
        label="Open weights", label_zh="开源模型",
        description="Whether a model with open weights is published, which anyone may run.",
    )
    open_delay: int = param(
        34, "weeks", 0, 260, "",
        label="Delay of open weights", label_zh="开源模型推迟周数",
        description="Weeks after the release until open weights are published.",
        source=A + "; about the publication of Llama 2, July 2023",
    )
    open_gap: float = param(
        0.15, "capability", 0.0, 0.5, "",
        label="Gap of open weights", label_zh="开源模型能力差",
        description="Capability by which open weights trail the best model.", source=A,
    )
    follower_gap: float = param(
        0.08, "capability", 0.0, 0.5, "",
        label="Gap of a newcomer", label_zh="新进厂商能力差",
        description="Capability by which followers and entrants trail the best model when they start.", source=A,
    )
    catch_up: float = param(
        0.015, "1/week", 0.0, 0.2, "",
        label="Catching up", label_zh="追赶速度",
        description="Part of its gap to the frontier that a follower with average research closes in a week.", source=A,
    )
    research_share: float = param(
        0.3, "1", 0.0, 0.8, "",
        label="Research budget", label_zh="研发投入比例",
        description="Part of a vendor's margin over computing that goes to research.", source=A,
    )
    research_returns: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Returns to research", label_zh="研发回报",
        description="Elasticity of a follower's catching up to its research over the vendors' mean.", source=A,
    )
    price_sensitivity: float = param(
        2.0, "1", 0.0, 5.0, "",
        label="Price sensitivity", label_zh="价格敏感度",
        description="Coefficient of log price in the choice of a vendor.", source=A,
    )
    quality_sensitivity: float = param(
        3.0, "1", 0.0, 20.0, "",
        label="Quality sensitivity", label_zh="质量敏感度",
        description="Coefficient of capability in the choice of a vendor.", source=A,
    )
    switching: float = param(
        0.08, "1/week", 0.001, 1.0, "",
        label="Switching", label_zh="客户更换速度",
        description="Share of all customers who reconsider their vendor in a week.", source=A,
    )
    price_adjustment: float = param(
        0.05, "1/week", 0.0, 1.0, "",
        label="Adjustment of prices", label_zh="调价速度",
        description="Part of the log distance to its target price that a vendor closes in a week.", source=A,
    )
    fixed_cost: float = param(
        0.03, "hours' wage/(1,000 consumers week)", 0.003, 0.6, "loguniform",
        label="Fixed cost of a vendor", label_zh="厂商固定成本",
        description="Weekly cost of a vendor whatever it sells; open weights have none.", source=A,
    )
    entry_rate: float = param(
        0.03, "1/week", 0.0, 0.2, "",
        label="Entry of vendors", label_zh="厂商进入率",
        description=(
            "Weekly hazard of an entry per multiple of the fixed cost by which expected profit exceeds that cost."
        ),
        source=A,
    )
    own_preference: float = param(
        1.0, "log-odds", 0.0, 4.0, "",
        label="Preference for a platform's own model", label_zh="自有模型偏向",
        description=(
            "Increase in the log-odds that an item for a platform is made with the vendor which the platform owns."
        ),
        source=A,
    )
    subscription: float = param(
        0.15, "hours' wage/(seat week)", 0.01, 1.0, "",
        label="Price of a model subscription", label_zh="模型订阅价格",
        description="Price of a seat at a monopolist; it stays flat, since use grows as prices per item fall.",
        source=A + "; about 20 dollars per month over the junior wage; flat prices at the frontier: Epoch 2025 (I1)",
    )
    tool_budget: float = param(
        0.1, "1", 0.0, 0.5, "",
        label="Budget for tools", label_zh="工具预算比例",
        description="Largest share of their income that creators and studios spend on subscriptions.", source=A,
    )
    custom_fee: float = param(
        0.05, "hours' wage/week", 0.001, 100.0, "",
        label="Fee of a tuned model", label_zh="定制模型费",
        description="Contract fee of a model tuned for a studio, at a monopolist.", source=A,
    )
    custom_gain: float = param(
        0.1, "capability", 0.0, 0.5, "",
        label="Gain of a tuned model", label_zh="定制模型能力增益",
        description="Capability that a model tuned for a studio adds there.", source=A,
    )
    licensed_share: float = param(
        0.2, "1", 0.0, 1.0, "",
        label="Studios that license", label_zh="授权机构比例",
        description=(
            "Share of studios that license their works for training; among creators the share is a quarter of this."
        ),
        source=A,
    )
    licence_rate: float = param(
        0.03, "1", 0.0, 0.2, "",
        label="Rate of data licences", label_zh="数据授权费率",
        description="Fee for a data licence over what platforms pay the licensor.",
        source="1 to 5 % of a large publisher's revenue: published deals 2023-25 (I23, second-hand)",
    )
    withheld_share: float = param(
        0.0, "1", 0.0, 1.0, "",
        label="Works withheld from training", label_zh="拒绝训练作品比例",
        description="Share of unlicensed human works that vendors may not use for training.", source=A,
    )
    filtered_share: float = param(
        0.0, "1", 0.0, 1.0, "",
        label="Generated works filtered out", label_zh="合成内容过滤比例",
        description="Share of generated works that vendors recognise and leave out of training.", source=A,
    )
    synthetic_part: float = param(
        0.1, "1", 0.0, 0.9, "",
        label="Synthetic training data", label_zh="合成训练数据比例",
        description="Part of a corpus's new works that vendors make with their own models for training.", source=A,
    )
