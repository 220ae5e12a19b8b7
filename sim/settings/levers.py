"""Levers of policy: a row for each, what each does at full strength, and the strengths of all in a week.

A lever is a row of `Levers`; its start and strength come from the file of its name in `scenarios/policy`. What it does
at full strength is a parameter with a range, in `FullStrength` or where the row says.
"""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import choice, param


@dataclass(frozen=True)
class Lever:
    """What a scenario sets of a lever: when it starts, and how strong it is."""

    start: str = choice(
        "2025-09-01", label="Start", label_zh="开始日期",
        description="ISO date from which the lever holds.", source="each policy file names its source", role="lever",
    )
    strength: float = param(
        1.0, "1", 0.0, 1.0, "",
        label="Strength", label_zh="强度",
        description="Share of cases that the lever reaches: 0 changes nothing, 1 is full compliance.",
        source="each policy file names its source", role="lever",
    )


@dataclass(frozen=True)
class FullStrength:
    """What levers do at full strength, where no other parameter says it."""

    labelling: float = param(
        1.0, "1", 0.0, 1.0, "",
        label="Items labelled under full enforcement", label_zh="全面执行时标识比例",
        description="Share of generated items whose makers label them at full strength.", source=A,
    )
    watermark: float = param(
        1.0, "1", 0.0, 1.0, "",
        label="Watermarks that can be read", label_zh="水印可读比例",
        description="Share of generated items whose watermark can still be read at full strength.", source=A,
    )
    ai_exclusion: float = param(
        1.0, "1", 0.0, 1.0, "",
        label="Labelled items left out", label_zh="被排除的标识内容比例",
        description="Share of items labelled as AI's that get no recommendation at full strength.", source=A,
    )
    upload_cap: float = param(
        0.9, "1", 0.0, 0.99, "",
        label="Uploads that the cap forbids", label_zh="上传上限削减比例",
        description="Part of an AI producer's items that a full upload cap forbids.", source=A,
    )
    quality_ranking: float = param(
        1.0, "1", 0.0, 4.0, "",
        label="Weight of quality that is added", label_zh="质量排序附加权重",
        description="Added to every platform's weight of quality in ranking at full strength.", source=A,
    )
    data_rights_withheld: float = param(
        0.7, "1", 0.0, 1.0, "",
        label="Works withheld under data rights", label_zh="数据权利下拒绝训练比例",
        description="Share of unlicensed works open to training that full data rights withhold.",
        source=A,
    )
    data_rights_licensed: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Licences under data rights", label_zh="数据权利下新增授权比例",
        description="Share of studios without a licence that license their works under full data rights.", source=A,
    )
    data_platform_licensed: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Licences on the data platform", label_zh="数据平台新增授权比例",
        description="Share of studios without a licence that license their works to a full national data platform.",
        source=A,
    )
    data_platform_speed: float = param(
        0.5, "1", 0.0, 5.0, "",
        label="Catching up by the data platform", label_zh="数据平台追赶加速",
        description="Relative increase in the speed at which followers catch up by a full national data platform.",
        source=A,
    )
    synthetic_data_market: float = param(
        0.5, "1", 0.0, 0.95, "",
        label="Synthetic data bought", label_zh="购入合成数据比例",
        description="Part of what is not synthetic in new training data that a full market replaces.", source=A,
    )
    computing_subsidy: float = param(
        0.5, "1", 0.0, 0.95, "",
        label="Computing cost borne by the state", label_zh="公共承担算力成本比例",
        description="Part of the computing cost of independents and open weights that full public computing bears.",
        source=A,
    )
    computing_speed: float = param(
        1.0, "1", 0.0, 5.0, "",
        label="Catching up by public computing", label_zh="公共算力追赶加速",
        description="Relative increase in the speed at which independents catch up by full public computing.", source=A,
    )
    computing_gap: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Gap of open weights closed", label_zh="公共算力缩小开源差距比例",
        description="Part of open weights' gap to the best model that full public computing closes.", source=A,
    )
    integration_cap: float = param(
        1.0, "1", 0.0, 1.0, "",
        label="Preference that the cap removes", label_zh="一体化限制消除的偏向比例",
        description="Part of platforms' preference for their own vendor that a full cap on integration removes.",
        source=A,
    )


@dataclass(frozen=True)
class LeverRow:
    """What is declared of a lever.

    Attributes
    ----------
    full : paths of the parameters that say what it does at full strength.
    acts : modules that read its strength.
    of_ai : whether it changes nothing in a world without AI.
    """

    label: str
    label_zh: str
    description: str
    description_zh: str
    full: tuple[str, ...]
    acts: tuple[str, ...]
    of_ai: bool


def lever(
    label: str, label_zh: str, *, does: str, does_zh: str, full: tuple[str, ...], acts: tuple[str, ...], of_ai: bool
) -> float:
    """Declare a lever; its strength in a week is a number, 0 where it is not in force."""
    row = LeverRow(
        label=label, label_zh=label_zh, description=does, description_zh=does_zh, full=full, acts=acts, of_ai=of_ai
    )
    return field(default=0.0, metadata={"lever": row})


@dataclass(frozen=True, kw_only=True, slots=True)
class Levers:
    """Strength of every lever in force in a week, 0 to 1."""

    labelling: float = lever(
        "Explicit AI label", "显式AI标识",
        does="Generated items carry a visible label, so viewers need not guess.",
        does_zh="生成内容带可见标识，观众无需猜测。",
        full=("full_strength.labelling", "moderation.label_doubt"),
        acts=("processes.publication",), of_ai=True,
    )
    watermark: float = lever(
        "Watermark", "隐式水印",
        does="Generated items carry a watermark that platforms read and turn into a label.",
        does_zh="生成内容带有平台可读取的隐式水印，平台据此加标识。",
        full=("full_strength.watermark", "moderation.label_doubt"),
        acts=("processes.publication",), of_ai=True,
    )
    ai_exclusion: float = lever(
        "AI left out of recommendation", "推荐中排除AI内容",
        does="Items that are declared or found to be AI's get no recommendation; follows, friends and search still "
        "lead to them.",
        does_zh="被声明或检测为AI的内容不再获得推荐；关注、好友与搜索仍可到达。",
        full=("full_strength.ai_exclusion",),
        acts=("processes.publication",), of_ai=True,
    )
    fact_check: float = lever(
        "Fact checks", "事实核查",
        does="Items that users flag are checked within days; the mark says whether they are right.",
        does_zh="被用户举报的内容在数日内得到核查，标记说明真伪。",
        full=("moderation.check_days", "moderation.check_belief", "moderation.check_sharing"),
        acts=("processes.moderation",), of_ai=False,
    )
    content_review: float = lever(
        "Review before publication", "先审后发",
        does="Items are reviewed before publication, at the platforms' cost and with a delay.",
        does_zh="内容先审后发，由平台承担成本并有延迟。",
        full=("moderation.review_power", "moderation.review_days", "moderation.review_minutes"),
        acts=("processes.publication", "processes.production"), of_ai=False,
    )
    upload_cap: float = lever(
        "Upload cap", "上传上限",
        does="AI producers may upload fewer items.",
        does_zh="限制AI账号上传量。",
        full=("full_strength.upload_cap",),
        acts=("agents.farms",), of_ai=True,
    )
    quality_ranking: float = lever(
        "Quality in ranking", "质量排序",
        does="All platforms give craft and authority of the account more weight in ranking.",
        does_zh="所有平台在排序中提高工艺与账号权威的权重。",
        full=("full_strength.quality_ranking",),
        acts=("processes.attention",), of_ai=False,
    )
    data_rights: float = lever(
        "Data rights and licence fee", "数据权利与授权费",
        does="Authors may keep their works out of training or license them.",
        does_zh="作者可拒绝其作品用于训练，或授权收费。",
        full=("full_strength.data_rights_withheld", "full_strength.data_rights_licensed"),
        acts=("agents.vendors",), of_ai=True,
    )
    synthetic_data_market: float = lever(
        "Market for synthetic data", "合成数据市场",
        does="Vendors can buy synthetic data in place of works.",
        does_zh="厂商可购买合成数据以替代作品。",
        full=("full_strength.synthetic_data_market",),
        acts=("agents.vendors",), of_ai=True,
    )
    public_computing: float = lever(
        "Public computing", "公共算力",
        does="The state bears a part of computing costs of independents and open weights, which catch up faster.",
        does_zh="国家承担独立厂商与开源模型部分算力成本，使其追赶更快。",
        full=("full_strength.computing_subsidy", "full_strength.computing_speed", "full_strength.computing_gap"),
        acts=("agents.vendors",), of_ai=True,
    )
    national_data_platform: float = lever(
        "National data platform", "国家数据平台",
        does="Licensed data are pooled for all vendors: more studios license, and followers catch up faster.",
        does_zh="授权数据汇集并向所有厂商开放：更多机构授权，追随者追赶更快。",
        full=("full_strength.data_platform_licensed", "full_strength.data_platform_speed"),
        acts=("agents.vendors",), of_ai=True,
    )
    integration_cap: float = lever(
        "Cap on vertical integration", "限制纵向一体化",
        does="A platform may not favour the vendor that it owns.",
        does_zh="平台不得偏向自有的AI厂商。",
        full=("full_strength.integration_cap",),
        acts=("agents.vendors",), of_ai=True,
    )
    automation_levy: float = lever(
        "Levy on automation", "自动化征费",
        does="Studios pay a part of the wages that AI saves them to the public purse.",
        does_zh="机构须将AI节省的部分工资上缴财政。",
        full=("money.levy_rate",),
        acts=("processes.payment.regulator", "processes.adaptation"), of_ai=True,
    )
    industry_fund: float = lever(
        "Industry fund", "产业基金",
        does="A public fund pays grants to studios and creators, half to each; taxes make up what levies do not "
        "bring in.",
        does_zh="公共基金向机构和创作者各发放一半补贴，征费不足部分由税收补足。",
        full=("money.fund",),
        acts=("processes.payment.regulator",), of_ai=False,
    )
    retraining_subsidy: float = lever(
        "Retraining subsidy", "再培训补贴",
        does="Workers in training are paid a grant; more take up training and more of them succeed.",
        does_zh="向参训劳动者发放津贴，参训率与成功率随之提高。",
        full=("money.training_grant", "labour.subsidised_rate", "labour.subsidised_success"),
        acts=("processes.payment.regulator", "processes.labour"), of_ai=False,
    )
    self_regulation: float = lever(
        "Ethics self-regulation", "伦理自律",
        does="A voluntary code: AI producers' accounts that keep it declare their items and have more scruples about "
        "falsehood.",
        does_zh="自愿公约：遵守公约的AI账号会声明其内容，并对虚假内容有更多顾虑。",
        full=("farms.compliance", "farms.code_scruple"),
        acts=("processes.publication", "processes.production"), of_ai=True,
    )


LEVERS: Mapping[str, LeverRow] = {item.name: item.metadata["lever"] for item in fields(Levers)}
