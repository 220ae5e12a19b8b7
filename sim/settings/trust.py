"""Accuracy, trust and moderation: what is wrong or false, who notices, and what platforms do about it."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import param


@dataclass(frozen=True)
class Trust:
    """Error, falsehood, recognition, and trust in platforms."""

    human_error: float = param(
        0.05, "1", 0.0, 0.2, "uniform",
        label="Honest error of humans", label_zh="人类无意差错率",
        description="Share of human items that are wrong by mistake in what matters.",
        source="half of news stories have a factual error, 0 to 29 % of posts on most topics of health (I41, "
        "second-hand); share of items that claim facts: assumption",
    )
    ai_error: float = param(
        0.1, "1", 0.0, 0.5, "uniform",
        label="Honest error of AI at release", label_zh="发布时AI差错率",
        description="Share of generated items that are wrong by mistake in what matters.",
        source="42 % of facts in biographies unsupported in 2023 (I42, second-hand); share of items that claim facts: "
        "assumption",
    )
    ai_error_floor: float = param(
        0.05, "1", 0.0, 0.2, "uniform",
        label="Honest error of AI in the long run", label_zh="AI长期差错率",
        description=(
            "Share of generated items that are still wrong by mistake in the end; whether that is less often than of"
            " humans' is open."
        ),
        source="major errors in 20 % of answers on news in 2025; 5 % of facts unsupported at best in 2024 (I42, "
        "second-hand); share of items that claim facts: assumption",
    )
    ai_error_decay: float = param(
        0.7, "factor/year", 0.3, 1.0, "",
        label="Decay of AI's error", label_zh="AI差错率年衰减",
        description="Factor by which AI's error rate comes nearer to its long run in a year.", source=A,
    )
    human_falsehood: float = param(
        0.02, "1", 0.0, 0.2, "",
        label="Falsehood by humans", label_zh="人类造假率",
        description="Share of human items that are false by intent.", source=A,
    )
    draft_budget: float = param(
        3.0, "drafts", 0.0, 15.0, "",
        label="Value of an item in drafts", label_zh="单条可试草稿数",
        description="Drafts beyond the first that the value of an item would pay for if none were verified.", source=A,
    )
    verification: float = param(
        1.0, "drafts", 0.0, 4.0, "uniform",
        label="Cost of verification", label_zh="核实成本",
        description="Cost of verifying a draft over the cost of writing it; those who publish falsehood save it.",
        source=A,
    )
    discernment: float = param(
        0.5, "d-prime", 0.0, 1.5, "uniform",
        label="Discernment", label_zh="真伪辨别力",
        description="Sensitivity with which a viewer of mean expertise tells false items from true ones.", source=A,
    )
    literacy_sd: float = param(
        0.4, "d-prime", 0.0, 1.0, "",
        label="Spread of media literacy", label_zh="媒介素养离散度",
        description="Discernment gained per standard deviation of expertise.", source=A,
    )
    rate: float = param(
        0.01, "1/exposure", 0.003, 0.03, "loguniform",
        label="Speed of trust", label_zh="信任更新速度",
        description=(
            "Step of trust per exposure towards the accuracy of the item, as the viewer judges it or as it turns out."
        ),
        source=A,
    )
    checked: float = param(
        0.05, "1", 0.0, 0.5, "",
        label="Items whose truth comes out", label_zh="真伪被证实的比例",
        description="Share of items whose viewers learn whether they are true, by check, confirmation or experience.",
        source=A,
    )
    weight: float = param(
        4.0, "1", 0.0, 12.0, "uniform",
        label="Trust in platform choice", label_zh="信任对平台选择的权重",
        description="Coefficient of trust in the choice of a platform.", source=A,
    )
    share_weight: float = param(
        1.0, "1", 0.0, 3.0, "",
        label="Trust in sharing", label_zh="信任对分享的权重",
        description="Log-odds of sharing per unit of trust above 0.6.", source=A,
    )
    share_doubt: float = param(
        1.0, "log-odds", 0.0, 3.0, "",
        label="Doubt in sharing", label_zh="怀疑对分享的抑制",
        description="Log-odds of sharing lost when the item is judged false.",
        source=A + "; order of Martel & Rand 2024 (I11)",
    )


@dataclass(frozen=True)
class Moderation:
    """What platforms find, check, label and ban."""

    vigilance: float = param(
        1.0, "1", 0.0, 2.0, "",
        label="Vigilance", label_zh="审核力度",
        description="Factor on every platform's removal of falsehood.", source=A,
    )
    false_removal: float = param(
        0.001, "1", 0.0, 0.05, "",
        label="Human items removed as spam", label_zh="人类内容误删率",
        description="Share of creators' items that spam rules remove by mistake.", source=A,
    )
    strikes: float = param(
        7.5, "strikes", 0.5, 20.0, "",
        label="Strikes before a ban", label_zh="封号违规次数",
        description=(
            "Strikes above which an account is banned; each removed item is one, and they fade: at 2.5 three at once"
            " suffice."
        ),
        source="form: strikes of the large video platforms; size: assumption",
    )
    strike_weeks: float = param(
        13.0, "weeks", 1.0, 104.0, "",
        label="Life of a strike", label_zh="违规记录留存周数",
        description="Time constant with which strikes fade.",
        source="90 days: YouTube's rules (second-hand); exponential form: assumption",
    )
    detector: float = param(
        2.5, "d-prime", 0.0, 6.0, "",
        label="Detector of AI", label_zh="AI检测器灵敏度",
        description=(
            "Sensitivity with which a detector tells generated items of mean human craft from human ones; falls with"
            " craft."
        ),
        source=A,
    )
    false_detection: float = param(
        0.01, "1", 0.001, 0.2, "",
        label="False positives of detectors", label_zh="检测器误报率",
        description="Share of human items that a detector calls AI's.", source=A,
    )
    label_doubt: float = param(
        0.15, "log-odds", 0.0, 1.0, "",
        label="Effect of AI's label", label_zh="AI标识效应",
        description=(
            "Decrease in the log-odds of belief and of sharing by the label where hardly any other item carries it."
        ),
        source="Altay & Gilardi 2024, PNAS Nexus 3:pgae403 (I10, second-hand)",
    )
    flag_rate: float = param(
        0.05, "1/use", 0.0, 0.5, "",
        label="Flags", label_zh="举报率",
        description="Probability that a user flags a true item; higher for false ones, as far as users can tell them.",
        source=A,
    )
    flag_threshold: int = param(
        1, "flags", 1, 3, "",
        label="Flags for a check", label_zh="触发核查的举报数",
        description="Flags that make an item a candidate for a fact check.", source=A,
    )
    check_days: float = param(
        3.0, "days", 0.0, 28.0, "",
        label="Delay of a fact check", label_zh="核查延迟",
        description="Days from the flag to the mark that a checked item carries.", source=A,
    )
    check_belief: float = param(
        0.28, "1", 0.0, 1.0, "",
        label="Fact check and belief", label_zh="核查标记对相信的作用",
        description="Share of belief in a refuted item, and of disbelief in a confirmed one, that the mark removes.",
        source="refuted: Martel & Rand 2024, Nature Human Behaviour 8:1957 (I11); confirmed: assumption",
    )
    check_sharing: float = param(
        0.75, "1", 0.0, 1.0, "",
        label="Fact check and sharing", label_zh="核查标记后的分享比例",
        description="Sharing of a refuted item over that of the same item without a mark.",
        source="Martel & Rand 2024, Nature Human Behaviour 8:1957 (I11)",
    )
    review_power: float = param(
        0.8, "1", 0.0, 1.0, "",
        label="Power of review", label_zh="人工审核检出率",
        description="Share of inaccurate items that review before publication finds.", source=A,
    )
    review_days: float = param(
        1.0, "days", 0.0, 14.0, "",
        label="Delay by review", label_zh="审核延迟",
        description="Days by which review before publication delays an item.", source=A,
    )
    review_minutes: float = param(
        3.0, "min/item", 0.0, 60.0, "",
        label="Minutes of review", label_zh="单条审核分钟",
        description="Paid minutes that the review of an item takes.", source=A,
    )
