"""Every parameter, once: default, unit, range, prior, role, label in English and Chinese, description and source.

A scenario is a tree of these frozen dataclasses. Command-line help, documentation tables, validation messages and
sweep ranges are read from here. "I9" and the like name rows of `docs/evidence.md`; *assumption* marks a value that no
source fixes. A parameter with a prior is an uncertainty; one without is a constant or a structural choice.
"""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Prior = Literal["", "uniform", "loguniform"]
Role = Literal["uncertainty", "lever", "structure"]


@dataclass(frozen=True)
class Info:
    """A parameter's metadata. `low` and `high` bound a number (both included); `choices` lists the values of a name."""

    unit: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    prior: Prior
    role: Role
    label: str
    label_zh: str
    description: str
    source: str


class Entry(NamedTuple):
    """One row of the registry; `path` is what a user types, `*` standing for the name of a platform or policy."""

    path: str
    type: str
    default: Any
    info: Info


def param(
    value: T,
    unit: str,
    low: float,
    high: float,
    prior: Prior,
    *,
    label: str,
    label_zh: str,
    description: str,
    source: str,
    role: Role | None = None,
) -> T:
    """Declare a number with its range; leaving out any piece of metadata is a type error."""
    role = role or ("uncertainty" if prior else "structure")
    info = Info(unit, low, high, (), prior, role, label, label_zh, description, source)
    return field(default=value, metadata={"info": info})


def choice(
    value: T,
    choices: tuple[str, ...] = (),
    *,
    label: str,
    label_zh: str,
    description: str,
    source: str = "structural choice",
    role: Role = "structure",
) -> T:
    """Declare a name (one of `choices`, or any text or ISO date where there are none) or a yes-or-no switch."""
    info = Info("", None, None, choices, "", role, label, label_zh, description, source)
    return field(default=value, metadata={"info": info})


def entries(kind: type, prefix: str = "") -> Iterator[Entry]:
    """List every parameter of a settings tree, in order of declaration."""
    hints = get_type_hints(kind)
    for item in fields(cast(Any, kind)):
        path, annotation = prefix + item.name, hints[item.name]
        if is_dataclass(annotation):
            yield from entries(cast(type, annotation), path + ".")
        elif get_origin(annotation) is not None:
            yield from entries(get_args(annotation)[1], path + ".*.")
        else:
            yield Entry(path, annotation.__name__, item.default, item.metadata["info"])


A = "assumption"


@dataclass(frozen=True)
class World:
    """How big the simulated society is."""

    consumers: int = param(
        20_000, "people", 10, 10_000_000, "",
        label="Consumers", label_zh="消费者人数",
        description="People who watch, read and share.", source="world size: structural choice",
    )
    creators: int = param(
        1_500, "people", 2, 1_000_000, "",
        label="Creators (UGC)", label_zh="创作者人数（UGC）",
        description="Places for consumers who also publish; some fall empty when creators quit.",
        source="world size: structural choice",
    )
    studios: int = param(
        60, "firms", 1, 10_000, "",
        label="Studios (PGC)", label_zh="专业机构数（PGC）",
        description="Professional producers with staff and lead times.", source="world size: structural choice",
    )
    workers: int = param(
        10_000, "people", 10, 1_000_000, "",
        label="Workers", label_zh="劳动者人数",
        description="People whose trade is making content, in a post or not.", source="world size: structural choice",
    )
    occupations: int = param(
        8, "1", 1, 12, "",
        label="Occupations", label_zh="职业数",
        description="Occupations of the workers, each with juniors, seniors and meta-editors.",
        source="world size: structural choice",
    )
    freelancers: int = param(
        400, "people", 2, 100_000, "",
        label="Freelancers", label_zh="自由职业者人数",
        description="People who sell custom work to clients at the start.", source="world size: structural choice",
    )
    genres: int = param(
        8, "1", 1, 16, "",
        label="Genres", label_zh="内容类型数",
        description="Kinds of content, each with a concept space and a canon of its own.",
        source="world size: structural choice",
    )
    sessions_per_day: float = param(
        1.0, "sessions/day", 0.14, 1.0, "",
        label="Simulated sessions a day", label_zh="每日模拟会话数",
        description="Sessions simulated per consumer and day; each carries its share of the day's seconds.",
        source="structural choice",
    )
    slate: int = param(
        8, "items", 2, 16, "",
        label="Slate", label_zh="候选条数",
        description="Items shown in one session.", source="structural choice",
    )
    new_items: float = param(
        1_200.0, "items/week", 5, 1_000_000, "",
        label="New items a week", label_zh="每周新内容数",
        description="Human items published a week at the start.", source="world size: structural choice",
    )
    memory: str = choice(
        "mean", ("mean", "items"),
        label="Memory of the viewer", label_zh="观众记忆方式",
        description=(
            "Novelty to the viewer is measured against a running mean of what was used, or against the last items."
        ),
    )
    canon: int = param(
        512, "items", 16, 4_096, "",
        label="Canon", label_zh="经典库容量",
        description="Works that a genre remembers, and exemplars that its training corpus holds four times over.",
        source="structural choice",
    )
    follows: int = param(
        16, "producers", 1, 64, "",
        label="Places for follows", label_zh="关注名额",
        description="Producers that a consumer can follow; a new one takes another's place when all are taken.",
        source="structural choice",
    )
    columns: str = choice(
        "full", ("full", "compact"),
        label="Columns of consumers", label_zh="消费者数据精度",
        description=(
            "Numbers of consumers in single precision, or in 8 and 16 bits, rounded at random, for more people in a"
            " machine's memory."
        ),
    )


@dataclass(frozen=True)
class Time:
    """The calendar."""

    weeks: int = param(
        312, "weeks", 1, 1_040, "",
        label="Weeks simulated", label_zh="模拟周数",
        description="All weeks of the run, burn-in included.", source="structural choice",
    )
    burn_in_weeks: int = param(
        52, "weeks", 2, 520, "",
        label="Burn-in", label_zh="预热周数",
        description="Weeks before the release of generative AI.", source="structural choice",
    )
    release: str = choice(
        "2022-11-28",
        label="Release week", label_zh="生成式AI发布周",
        description="A day (ISO date) of the week in which generative AI is released to the public. The run starts "
        "time.burn_in_weeks before it, so that a later release moves the whole run.",
        source="public release of ChatGPT, 2022-11-30",
    )
    ticks_per_day: int = param(
        1, "ticks/day", 1, 4, "",
        label="Ticks a day", label_zh="每日时步数",
        description="Attention and spread run this often a day; pools are settled at each tick.",
        source="structural choice",
    )


@dataclass(frozen=True)
class Input:
    """A user's own data."""

    followers: str = choice(
        "",
        label="Follower network", label_zh="关注网络文件",
        description="Edge list (CSV with follower,followed) or GraphML; its nodes set the number of consumers.",
    )
    population: str = choice(
        "",
        label="Population table", label_zh="人口表文件",
        description="CSV or Parquet with age_group,minutes,platforms (and id); its rows set the number of consumers.",
    )


@dataclass(frozen=True)
class Culture:
    """Concepts, canons, imitation, and how AI is perceived."""

    imagination: float = param(
        0.35, "concept units", 0.2, 0.6, "uniform",
        label="Imagination of the median human", label_zh="人类想象力中位数",
        description="Scale of a human work's step away from its author's home concept.", source=A,
    )
    imagination_sd: float = param(
        0.6, "log", 0.0, 1.0, "",
        label="Spread of imagination", label_zh="想象力离散度",
        description="Log standard deviation of imagination over humans.",
        source=A + "; heterogeneity as in Bellemare-Pepin et al. 2026 (I6)",
    )
    recombination: float = param(
        0.05, "1/item", 0.0, 0.3, "",
        label="Recombination", label_zh="跨类型重组概率",
        description="Probability that a work of median imagination blends in another genre (at most thrice that).",
        source=A,
    )
    canon_memory: float = param(
        26.0, "weeks", 13.0, 104.0, "loguniform",
        label="Memory of the canon", label_zh="经典库记忆时长",
        description="Time constant with which works fade from a genre's canon.", source=A,
    )
    ai_familiarity: float = param(
        2.0, "1", 0.0, 4.0, "uniform",
        label="AI's preference for the familiar", label_zh="AI对熟悉样本的偏好",
        description="Exponent with which novel exemplars are passed over as seeds: 0 draws by attention alone.",
        source=A + "; tail to be placed by Bellemare-Pepin et al. 2026 (I6)",
    )
    ai_temperature: float = param(
        0.5, "local sd", 0.0, 1.0, "uniform",
        label="AI's temperature", label_zh="AI采样温度",
        description="Noise of an imitation in units of the distance between neighbouring exemplars.", source=A,
    )
    corpus_mode: str = choice(
        "accumulate", ("accumulate", "replace", "fixed_size", "frozen"),
        label="Training corpus", label_zh="训练语料更新方式",
        description="Whether new works add to the corpus, replace it, slide through it, or never enter it.",
        source="Gerstgrasser et al. 2024, arXiv:2404.01413; Shumailov et al. 2024 (I24)",
    )
    retrain_weeks: int = param(
        26, "weeks", 4, 104, "",
        label="Weeks between trainings", label_zh="模型重训间隔",
        description="How often vendors train anew on the corpus.", source=A,
    )
    assist_share: float = param(
        0.3, "1", 0.1, 0.6, "uniform",
        label="AI's part in assisted work", label_zh="协作作品中AI的占比",
        description="Weight of the AI's draft in an assisted work's concept, and its share of creation hours.",
        source=A,
    )
    assist_drafts: int = param(
        4, "drafts", 1, 16, "",
        label="Drafts", label_zh="草稿数",
        description="AI drafts among which the author keeps the one nearest the own idea.", source=A,
    )
    assist_gain: float = param(
        0.4, "1", 0.0, 0.8, "uniform",
        label="Levelling by assistance", label_zh="AI辅助的拉平效应",
        description="Share of the gap to the ceiling that AI help closes, times AI's part.",
        source="Noy & Zhang 2023, Science 381:187 (I2); Doshi & Hauser 2024 (I5)",
    )
    assist_ceiling: float = param(
        0.5, "sd of skill", 0.0, 1.5, "",
        label="Ceiling of assistance", label_zh="AI辅助的技能上限",
        description="Skill above which AI help adds no craft at release; it rises with capability.",
        source="Noy & Zhang 2023, Science 381:187 (I2)",
    )
    detection_accuracy: float = param(
        0.55, "1", 0.49, 0.65, "uniform",
        label="Accuracy at spotting AI", label_zh="识别AI的准确率",
        description="Share of correct calls of a viewer of mean expertise on equal shares of human and AI items.",
        source="meta-analysis of 56 papers (I9, read second-hand)",
    )
    detection_training: float = param(
        0.05, "1", 0.0, 0.1, "",
        label="Expertise and spotting AI", label_zh="专业度对识别的提升",
        description="Gain in accuracy for one standard deviation of expertise.",
        source="trained viewers reach 65 % (I9, read second-hand)",
    )
    detection_craft: float = param(
        0.3, "1/sd", 0.0, 1.0, "",
        label="Craft hides AI", label_zh="工艺掩盖AI痕迹",
        description="Fall of log d-prime for one standard deviation of craft.", source=A,
    )
    news_rate: float = param(
        0.05, "1/week", 0.0, 0.3, "",
        label="Speed of beliefs about AI", label_zh="AI占比信念更新速度",
        description="Weekly step of the believed share of AI towards the reported one.", source=A,
    )
    news_noise: float = param(
        0.5, "log-odds", 0.0, 2.0, "",
        label="Noise of beliefs about AI", label_zh="AI占比信念噪声",
        description="Spread over people of the reported share of AI.", source=A,
    )


@dataclass(frozen=True)
class Technology:
    """What generative AI can do and what it costs, as dated curves."""

    released: bool = choice(
        True,
        label="Generative AI exists", label_zh="存在生成式AI",
        description="Without it there is no vendor and no farm.",
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
        label="Half-way of capability", label_zh="能力曲线半程",
        description="Years after release at which capability is half-way between its start and its ceiling.", source=A,
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
        label="Model fee of an item at release", label_zh="发布时单条模型费",
        description="Fee of a monopolist for the drafts of one text item; a third of it is marginal cost.", source=A,
    )
    fee_image: float = param(
        2.0, "text's fee", 0.1, 1_000.0, "",
        label="Fee of images", label_zh="图像模型费倍数",
        description="Model fee of an image item over that of a text item.", source=A,
    )
    fee_audio: float = param(
        4.0, "text's fee", 0.1, 1_000.0, "",
        label="Fee of audio", label_zh="音频模型费倍数",
        description="Model fee of an audio item over that of a text item.", source=A,
    )
    fee_video: float = param(
        10.0, "text's fee", 0.1, 1_000.0, "",
        label="Fee of video", label_zh="视频模型费倍数",
        description="Model fee of a video item over that of a text item.", source=A,
    )
    fee_immersive: float = param(
        100.0, "text's fee", 0.1, 1_000.0, "",
        label="Fee of immersive items", label_zh="沉浸式内容模型费倍数",
        description="Model fee of an immersive item, whatever its genre, over that of a text item.", source=A,
    )


@dataclass(frozen=True)
class Vendors:
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
        description="Part of all customers who choose their vendor anew in a week.", source=A,
    )
    price_adjustment: float = param(
        0.05, "1/week", 0.0, 1.0, "",
        label="Adjustment of prices", label_zh="调价速度",
        description="Part of the log distance to the wanted price that a vendor closes in a week.", source=A,
    )
    fixed_cost: float = param(
        0.03, "hours' wage/(1,000 consumers week)", 0.003, 0.6, "loguniform",
        label="Fixed cost of a vendor", label_zh="厂商固定成本",
        description="What a vendor spends a week whatever it sells, open weights excepted.", source=A,
    )
    entry_rate: float = param(
        0.03, "1/week", 0.0, 0.2, "",
        label="Entry of vendors", label_zh="厂商进入率",
        description="Hazard of an entry for each multiple of the fixed cost that expected profit exceeds it by.",
        source=A,
    )
    own_preference: float = param(
        1.0, "log-odds", 0.0, 4.0, "",
        label="Preference for the own model", label_zh="自有模型偏向",
        description="How much likelier items for a platform are made with the vendor that it owns.", source=A,
    )
    subscription: float = param(
        0.15, "hours' wage/(seat week)", 0.01, 1.0, "",
        label="Price of a model subscription", label_zh="模型订阅价格",
        description="Price of a seat at a monopolist; as more is used while prices fall, it stays flat.",
        source=A + "; about 20 dollars a month over the junior wage; flat prices at the frontier: Epoch 2025 (I1)",
    )
    tool_budget: float = param(
        0.1, "1", 0.0, 0.5, "",
        label="Budget for tools", label_zh="工具预算比例",
        description="Most of their income that creators and studios spend on subscriptions.", source=A,
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
        description="Share of studios that license their works for training; of creators a quarter as many.", source=A,
    )
    licence_rate: float = param(
        0.03, "1", 0.0, 0.2, "",
        label="Rate of data licences", label_zh="数据授权费率",
        description="Data licences over what platforms pay the licensor.",
        source="1 to 5 % of a large publisher's revenue: published deals 2023-25 (I23, second-hand)",
    )
    withheld_share: float = param(
        0.0, "1", 0.0, 1.0, "",
        label="Works withheld", label_zh="拒绝训练作品比例",
        description="Share of human works without a licence that models can't be trained on.", source=A,
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


@dataclass(frozen=True)
class Attention:
    """How consumers choose, use, and form habits."""

    taste: str = choice(
        "ideal_point", ("ideal_point", "dot_product"),
        label="Form of taste", label_zh="口味形式",
        description="Distance to an ideal point, or a dot product (which builds a premium on novelty in).",
    )
    recall: str = choice(
        "sampled", ("sampled", "exact"),
        label="Recall", label_zh="召回方式",
        description="Slates drawn from prepared tables, or by scoring every live item; one law for both.",
    )
    choice: str = choice(
        "utility", ("utility", "random"),
        label="Law of choice", label_zh="选择规律",
        description="Items are served and chosen by what they are worth or, as a null model, at random.",
    )
    beta_taste: float = param(
        3.0, "1", 1.0, 6.0, "uniform",
        label="Weight of taste", label_zh="口味权重",
        description="Utility lost with half the squared distance to the ideal point.", source=A,
    )
    taste_length: float = param(
        4.5, "concept units", 1.0, 10.0, "",
        label="Length of taste", label_zh="口味尺度",
        description="Distance at which taste loses half its weight; about the distance of two random works.", source=A,
    )
    beta_craft: float = param(
        0.5, "1/sd", 0.0, 2.0, "",
        label="Weight of craft", label_zh="工艺权重",
        description="Utility of a standard deviation of craft, before expertise.", source=A,
    )
    craft_base: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Craft seen by anyone", label_zh="普通人感知的工艺",
        description="Part of craft's weight that needs no expertise.",
        source="Chakrabarty et al. 2025, arXiv:2510.13939 (I7)",
    )
    craft_expertise: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Craft seen by experts", label_zh="专家感知的工艺",
        description="Part of craft's weight in proportion to expertise.",
        source="Chakrabarty et al. 2025, arXiv:2510.13939 (I7)",
    )
    beta_emotion: float = param(
        0.3, "1/sd", 0.0, 1.0, "",
        label="Weight of emotion", label_zh="情感权重",
        description="Utility of a standard deviation of emotion.", source=A,
    )
    novelty_amplitude: float = param(
        1.0, "utility", 0.0, 3.0, "uniform",
        label="Taste for novelty", label_zh="求新强度",
        description="Height of the inverted U in novelty to the viewer.",
        source="form: Berlyne 1971, Aesthetics and Psychobiology; size: assumption",
    )
    novelty_peak: float = param(
        1.0, "median novelty", 0.7, 1.7, "uniform",
        label="Preferred novelty", label_zh="最佳新颖度",
        description="Novelty to the viewer that pleases most, in units of its median during burn-in.", source=A,
    )
    novelty_width: float = param(
        0.3, "log", 0.1, 1.0, "",
        label="Width of preferred novelty", label_zh="新颖度容忍宽度",
        description="Log width of the inverted U.", source=A,
    )
    beta_follow: float = param(
        0.5, "utility", 0.0, 2.0, "",
        label="Weight of following", label_zh="关注权重",
        description="Utility of an item by a producer whom the viewer follows.", source=A,
    )
    beta_popularity: float = param(
        0.1, "1", 0.0, 0.3, "",
        label="Weight of displayed counts", label_zh="热度权重",
        description="Utility of log(1 + displayed views), where a platform shows them.",
        source="form: Salganik, Dodds & Watts 2006, Science 311:854; size: assumption",
    )
    beta_effort: float = param(
        0.5, "1", 0.0, 1.5, "",
        label="Weight of effort", label_zh="费力权重",
        description="Utility lost per unit of depth above the viewer's habit.", source=A,
    )
    beta_ads: float = param(
        0.3, "1", 0.0, 1.0, "",
        label="Weight of advertising", label_zh="广告负担权重",
        description="Utility lost with a platform's ad load.", source=A,
    )
    position: float = param(
        0.1, "utility/slot", 0.0, 0.3, "",
        label="Position bias", label_zh="位置偏差",
        description="Utility lost with each place further down the slate.", source=A,
    )
    satiation: float = param(
        0.5, "utility", 0.0, 1.5, "",
        label="Satiation", label_zh="饱和",
        description="Satiation that a use adds in its genre, times its similarity to memory.", source=A,
    )
    satiation_days: float = param(
        1.0, "days", 0.1, 14.0, "",
        label="Half-life of satiation", label_zh="饱和半衰期",
        description="Days in which satiation halves.", source=A,
    )
    stance_mean: float = param(
        0.15, "utility", 0.0, 1.0, "uniform",
        label="Aversion to AI", label_zh="对AI的平均反感",
        description="Utility that the mean viewer loses with an item surely seen as AI's.",
        source="label effect of a few points of 100: Altay & Gilardi 2024, PNAS Nexus 3(10) pgae403 (I10, second-hand)",
    )
    stance_sd: float = param(
        0.3, "utility", 0.0, 1.0, "",
        label="Spread of stances on AI", label_zh="对AI态度的离散度",
        description="Standard deviation over viewers; some welcome AI as a new art.",
        source=A + "; spread of comfort in Reuters Institute 2025 (I12, second-hand)",
    )
    deep_base: float = param(
        0.5, "log-odds", -2.0, 2.0, "",
        label="Deep use at par", label_zh="深度使用基准",
        description="Log-odds of deep use when habit meets depth.", source=A,
    )
    deep_habit: float = param(
        2.0, "log-odds", 1.0, 6.0, "uniform",
        label="Habit and deep use", label_zh="习惯对深度使用的作用",
        description="Log-odds of deep use per unit of habit above an item's depth.", source=A,
    )
    deep_pleasure: float = param(
        0.5, "log-odds", 0.0, 1.5, "",
        label="Pleasure and deep use", label_zh="满意对深度使用的作用",
        description="Log-odds of deep use per unit of utility above its 26-week mean.", source=A,
    )
    habit_rate: float = param(
        0.06, "1/day", 0.0, 0.5, "",
        label="Speed of habit", label_zh="习惯形成速度",
        description="Daily step of the depth habit towards the depth used.", source=A,
    )
    habit_start: float = param(
        0.17, "depth", 0.0, 1.0, "",
        label="Habit at the start", label_zh="初始深度习惯",
        description=(
            "Mean depth habit in the first week; near where the world without AI settles, so that burn-in is short."
        ),
        source=A,
    )
    habit_sd: float = param(
        0.1, "depth", 0.0, 0.5, "",
        label="Spread of habit at the start", label_zh="初始深度习惯离散度",
        description="Standard deviation of the depth habit in the first week.", source=A,
    )
    skim: float = param(
        0.2, "1", 0.05, 0.6, "",
        label="Skimmed part", label_zh="略读比例",
        description="Share of an item's length that skimming uses.", source=A,
    )
    follow_rate: float = param(
        0.03, "1/day", 0.01, 0.3, "",
        label="Following", label_zh="关注概率",
        description="Daily probability of following the producer of what was liked.", source=A,
    )
    unfollow_rate: float = param(
        0.004, "1/day", 0.0, 0.01, "",
        label="Unfollowing", label_zh="取关概率",
        description="Daily probability that a followed producer is dropped.", source=A,
    )
    audience_pull: float = param(
        1.5, "1", 0.0, 2.0, "uniform",
        label="Pull of the audience", label_zh="受众规模吸引力",
        description="Coefficient of log users in the choice of a platform.", source=A,
    )
    satisfaction_rate: float = param(
        0.05, "1/day", 0.0, 0.3, "",
        label="Learning about platforms", label_zh="平台满意度学习速度",
        description="Daily step of the learned satisfaction with a platform in use.", source=A,
    )
    satisfaction_weeks: float = param(
        26.0, "weeks", 4.0, 520.0, "",
        label="Memory of platforms", label_zh="平台满意度记忆半衰期",
        description="Half-life of satisfaction with a platform, in use or not.",
        source="form: forgetting, Erev & Roth 1998, AER 88:848; what it undoes: Denrell & March 2001, Organ Sci "
        "12:523; size: assumption",
    )
    satisfaction_weight: float = param(
        0.5, "1", 0.0, 2.0, "",
        label="Weight of satisfaction", label_zh="满意度权重",
        description="Coefficient of learned satisfaction in the choice of a platform.", source=A,
    )
    platform_taste_sd: float = param(
        0.7, "utility", 0.0, 2.0, "",
        label="Personal taste for platforms", label_zh="平台个人偏好离散度",
        description="Standard deviation over consumers of the lasting taste for each platform.", source=A,
    )
    nest_scale: float = param(
        0.7, "1", 0.2, 1.0, "",
        label="Nest scale", label_zh="嵌套尺度",
        description="Dissimilarity of platforms within the on-screen nest (1: no nest).",
        source="form: McFadden 1978; size: assumption",
    )
    off_screen: float = param(
        -0.2, "utility", -6.0, 6.0, "",
        label="Pull of the off-screen world", label_zh="离屏吸引力",
        description="Utility of spending the session's time away from screens.", source=A,
    )
    install_rate: float = param(
        0.01, "1/week", 0.0, 0.1, "",
        label="Installing", label_zh="安装率",
        description="Weekly probability that a consumer changes one installed platform.", source=A,
    )
    install_concavity: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Concavity of installing", label_zh="安装凹性",
        description="Exponent of a platform's users in its chance to be installed.", source=A,
    )
    multi_homing: float = param(
        2.6, "platforms", 1.0, 5.0, "",
        label="Platforms a consumer uses", label_zh="人均使用平台数",
        description="Mean number of platforms installed.", source="QuestMobile 2025 (I17, second-hand)",
    )
    minutes: float = param(
        800.0, "min/week", 60.0, 5_000.0, "",
        label="Media minutes", label_zh="每周媒体时长",
        description="Mean attention budget, on and off the screen.",
        source="1.9 h a day on five apps: QuestMobile 2025 (I16, second-hand)",
    )
    need_inform: float = param(
        0.25, "1", 0.0, 1.0, "",
        label="Need for information", label_zh="资讯需求占比",
        description="Weight of the need to be informed in sessions.",
        source="needs: Katz, Blumler & Gurevitch 1973, POQ 37:509; size: assumption",
    )
    need_divert: float = param(
        0.45, "1", 0.01, 1.0, "",
        label="Need for diversion", label_zh="娱乐需求占比",
        description="Weight of the need for diversion in sessions.", source=A,
    )
    need_socialise: float = param(
        0.2, "1", 0.0, 1.0, "",
        label="Need for company", label_zh="社交需求占比",
        description="Weight of the need for company in sessions.", source=A,
    )
    need_make: float = param(
        0.1, "1", 0.0, 1.0, "",
        label="Need to make", label_zh="创作需求占比",
        description="Weight of the need to make and learn in sessions.", source=A,
    )
    need_sd: float = param(
        0.5, "log", 0.0, 2.0, "",
        label="Spread of needs", label_zh="需求离散度",
        description="Log spread of the weights of needs over consumers.", source=A,
    )
    affinity_sd: float = param(
        1.2, "log", 0.0, 3.0, "",
        label="Spread of interests", label_zh="兴趣离散度",
        description="Log spread of a consumer's interest over genres.", source=A,
    )
    minutes_sd: float = param(
        0.5, "log", 0.0, 1.5, "",
        label="Spread of media minutes", label_zh="媒体时长离散度",
        description="Log spread of the attention budget over consumers.", source=A,
    )
    query_candidates: int = param(
        2, "items", 1, 16, "",
        label="Candidates of a query", label_zh="搜索候选数",
        description="Found items of which a query shows the one nearest to the viewer's ideal point.", source=A,
    )
    short_seconds: float = param(
        20.0, "seconds", 2.0, 300.0, "",
        label="Length of the shallowest item", label_zh="最浅内容时长",
        description="Length of an item of depth 0; length grows exponentially with depth.", source=A,
    )
    long_seconds: float = param(
        1_200.0, "seconds", 60.0, 7_200.0, "",
        label="Length of the deepest item", label_zh="最深内容时长",
        description="Length of an item of depth 1.", source=A,
    )
    appeal_sd: float = param(
        0.8, "utility", 0.5, 1.5, "",
        label="Luck of an item", label_zh="单条吸引力离散度",
        description="Standard deviation of latent appeal within a producer.",
        source="unpredictable quality: Aguiar & Waldfogel 2018, JPE 126:492; size: assumption",
    )
    producer_sd: float = param(
        0.85, "utility", 0.5, 1.5, "",
        label="Gift of a producer", label_zh="生产者吸引力离散度",
        description="Standard deviation of latent appeal over producers.", source=A,
    )


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
        label="Promoted part", label_zh="晋级比例",
        description="Part of the items that moves on to the next stage.", source=A,
    )
    shrinkage: float = param(
        20.0, "exposures", 5.0, 60.0, "",
        label="Shrinkage", label_zh="收缩样本量",
        description="Exposures' worth of the platform's mean in an item's score.", source=A,
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
        label="Posts a person", label_zh="人均发帖数",
        description="Mean number of posts (items, shares, replies) in four weeks.", source=A,
    )
    friends: float = param(
        12.0, "people", 2.0, 50.0, "",
        label="Friends followed", label_zh="人均关注好友数",
        description="Mean number of people a consumer follows on the generated social graph.", source=A,
    )
    clustering: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Triad closure", label_zh="三元闭包概率",
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
        description="Log-odds of sharing per unit of utility above the viewer's mean.", source=A,
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


@dataclass(frozen=True)
class Trust:
    """Error, falsehood, recognition, and trust in platforms."""

    human_error: float = param(
        0.05, "1", 0.0, 0.3, "",
        label="Honest error of humans", label_zh="人类无意差错率",
        description="Share of human items that are wrong by mistake.", source=A,
    )
    ai_error: float = param(
        0.08, "1", 0.0, 0.5, "uniform",
        label="Honest error of AI at release", label_zh="发布时AI差错率",
        description="Share of generated items that are wrong by mistake.", source=A,
    )
    ai_error_decay: float = param(
        0.7, "factor/year", 0.3, 1.0, "",
        label="Decay of AI's error", label_zh="AI差错率年衰减",
        description="Factor by which AI's error rate falls in a year.", source=A,
    )
    human_falsehood: float = param(
        0.02, "1", 0.0, 0.2, "",
        label="Falsehood by humans", label_zh="人类造假率",
        description="Share of human items that are false by intent.", source=A,
    )
    draft_budget: float = param(
        3.0, "drafts", 0.0, 15.0, "",
        label="Value of an item in drafts", label_zh="单条可试草稿数",
        description="Drafts beyond the first that an item's value would pay if none were verified.", source=A,
    )
    verification: float = param(
        1.0, "drafts", 0.0, 4.0, "uniform",
        label="Cost of verification", label_zh="核实成本",
        description="Cost of verifying a draft over the cost of drafting it: what falsehood saves.", source=A,
    )
    discernment: float = param(
        0.5, "d-prime", 0.0, 1.5, "uniform",
        label="Discernment", label_zh="真伪辨别力",
        description="Separation of false from true in the viewer's evidence.", source=A,
    )
    literacy_sd: float = param(
        0.4, "d-prime", 0.0, 1.0, "",
        label="Spread of media literacy", label_zh="媒介素养离散度",
        description="Discernment gained with a standard deviation of expertise.", source=A,
    )
    rate: float = param(
        0.01, "1/exposure", 0.003, 0.03, "loguniform",
        label="Speed of trust", label_zh="信任更新速度",
        description="Step of trust towards the accuracy, as judged or as it comes out, of an item met.", source=A,
    )
    checked: float = param(
        0.05, "1", 0.0, 0.5, "",
        label="Truth that comes out", label_zh="真伪被证实的比例",
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
class Creators:
    """UGC creators: effort, depth, platforms, adoption of AI, leaving."""

    effort: float = param(
        0.3, "1", 0.0, 0.8, "uniform",
        label="Effort follows views", label_zh="产量对播放的弹性",
        description="Elasticity of a creator's output to 13-week views over their one-year mean.", source=A,
    )
    return_weight: float = param(
        1.0, "1", 0.0, 3.0, "",
        label="Returns in the choice of platform and depth", label_zh="收益对平台与深度选择的权重",
        description="Coefficient of the learned log return.", source=A,
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
        description="Weekly hazard with which a consumer takes an empty creator's place.", source=A,
    )
    motive: float = param(
        0.8, "1", 0.0, 2.0, "",
        label="Motive keeps creators", label_zh="内在动机的留存作用",
        description="Fall of the log hazard of quitting per standard deviation of intrinsic motive.", source=A,
    )
    income_keeps: float = param(
        0.3, "1", 0.0, 1.0, "",
        label="Income keeps creators", label_zh="收入的留存作用",
        description="Fall of the log hazard with log(1 + income over its mean before release).", source=A,
    )
    adoption_rate: float = param(
        0.02, "1/month", 0.001, 0.1, "loguniform",
        label="Trying AI unprompted", label_zh="自发采用率",
        description="Monthly hazard of taking up AI without gain, price or peers.", source=A,
    )
    adoption_gain: float = param(
        3.0, "1", 0.0, 6.0, "",
        label="Gains and adoption", label_zh="收益对采用的作用",
        description="Coefficient of the gain in log views seen at adopters, less aversion.",
        source="form: Young 2009, AER 99:1899; size: assumption",
    )
    adoption_peers: float = param(
        3.0, "1", 0.0, 6.0, "",
        label="Peers and adoption", label_zh="同侪对采用的作用",
        description="Coefficient of the share of adopters among creators of the same genre.",
        source="form: Young 2009, AER 99:1899; size: assumption",
    )
    aversion_sd: float = param(
        0.5, "log views", 0.0, 2.0, "",
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
        label="Spread of depth", label_zh="内容深度离散度",
        description="Standard deviation of that depth over creators, and over a creator's items half as much.",
        source=A,
    )
    depth_response: float = param(
        0.1, "depth", 0.0, 0.5, "",
        label="Depth follows returns", label_zh="深度随收益调整幅度",
        description="Most that creators shift depth towards the class that earns more seconds an item.", source=A,
    )
    craft_luck: float = param(
        0.5, "sd", 0.0, 1.0, "",
        label="Luck in craft", label_zh="工艺偶然性",
        description="Standard deviation of craft over a human's items.", source=A,
    )
    time_saving: float = param(
        0.25, "1", 0.0, 0.5, "uniform",
        label="Output with AI", label_zh="AI带来的产量增幅",
        description="Rise of an adopter's output.", source="Zhou & Lee 2024, PNAS Nexus 3(3) pgae052 (I4)",
    )


@dataclass(frozen=True)
class Studios:
    """PGC studios: staged projects with lead times."""

    item_share: float = param(
        0.15, "1", 0.01, 0.9, "",
        label="Studios' part of new items", label_zh="机构内容占比",
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
        label="Least pay", label_zh="最低薪酬比例",
        description="Least pay of an hour over that of the first year; a studio that cannot earn it runs out of cash.",
        source=A + "; form: rent sharing, Card et al. 2018, J Labor Econ 36:S13",
    )
    staffing_weeks: float = param(
        26.0, "weeks", 4.0, 208.0, "",
        label="Lag of staffing", label_zh="人员调整时滞",
        description="Time constant with which staff follows what income carries.", source=A,
    )
    insolvency_weeks: int = param(
        26, "weeks", 1, 104, "",
        label="Patience of creditors", label_zh="破产宽限期",
        description="Weeks without cash after which a studio closes.", source=A,
    )
    founding: float = param(
        0.05, "1/week", 0.0, 0.5, "",
        label="Founding", label_zh="新机构成立率",
        description="Weekly hazard that an empty place is taken by a new studio at the usual margin.", source=A,
    )


@dataclass(frozen=True)
class Farms:
    """AIGC producers: accounts that publish generated items for a margin."""

    law: str = choice(
        "ai", ("ai", "human"),
        label="Law of farms' items", label_zh="AI账号内容规律",
        description="Whether farms' items follow AI's law or, as a null model, the human law and count as human.",
    )
    parity: str = choice(
        "item", ("item", "producer"),
        label="Parity of appeal", label_zh="吸引力对等方式",
        description="Farms' gift is drawn from human producers weighted by items posted, or one producer alike.",
    )
    growth: float = param(
        0.15, "1/week", 0.02, 0.3, "",
        label="Speed of entry", label_zh="进入速度",
        description="Largest weekly growth of the number of farms.", source=A,
    )
    smoothing: float = param(
        8.0, "weeks", 2.0, 26.0, "",
        label="Smoothing of margins", label_zh="利润平滑期",
        description="Time constant of the margin on which farms enter or leave.", source=A,
    )
    items: float = param(
        14.0, "items/week", 1.0, 200.0, "",
        label="Items of a farm", label_zh="单账号周产量",
        description="Items that a farm publishes a week.", source=A,
    )
    human_minutes: float = param(
        10.0, "min/item", 0.5, 60.0, "loguniform",
        label="Human minutes an item", label_zh="单条人工分钟",
        description="Human time in a generated item, which does not get cheaper.", source=A,
    )
    account_cost: float = param(
        0.11, "hours' wage/item", 0.005, 1.0, "loguniform",
        label="Account cost an item", label_zh="单条账号成本",
        description="Cost of keeping an account, an item, without bans; it does not get cheaper.", source=A,
    )
    ban_items: float = param(
        32.0, "items", 0.0, 200.0, "",
        label="Loss with a banned account", label_zh="封号损失",
        description="Items whose cost it takes to set up an account in place of a banned one.", source=A,
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
        description="Share of AI producers' accounts that, where they lie, pose as a followed human producer.",
        source=A,
    )
    removal: float = param(
        0.05, "1", 0.0, 0.5, "",
        label="Removal", label_zh="删除率",
        description="Share of farms' items that spam rules remove before anyone sees them.", source=A,
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
        description="Gain from falsehood, in payoffs of a true item, that an account forgoes besides to keep the code.",
        source=A,
    )
    supply_cap: float = param(
        5.0, "human items", 0.5, 20.0, "",
        label="Bound of supply", label_zh="供给上限",
        description="Most items of farms over human items; reported when it binds.", source="structural choice",
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
        description="Removed items, faded, above which an account is banned: 2.5 would be three in short order.",
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
        description="Separation of items fully AI's and of mean human craft from human ones; falls with craft.",
        source=A,
    )
    false_detection: float = param(
        0.01, "1", 0.001, 0.2, "",
        label="Human items taken for AI's by detectors", label_zh="检测器误报率",
        description="Share of human items that a detector calls AI's.", source=A,
    )
    label_doubt: float = param(
        0.15, "log-odds", 0.0, 1.0, "",
        label="Effect of AI's label", label_zh="AI标识效应",
        description="Log-odds of belief and of sharing that the label takes while hardly any item carries it.",
        source="Altay & Gilardi 2024, PNAS Nexus 3:pgae403 (I10, second-hand)",
    )
    flag_rate: float = param(
        0.05, "1/use", 0.0, 0.5, "",
        label="Flags", label_zh="举报率",
        description="Chance that a user of a true item flags it; more for false ones, as evidence goes.", source=A,
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
        description="Part of belief that a mark takes from a refuted item, and of disbelief from a confirmed one.",
        source="refuted: Martel & Rand 2024, Nature Human Behaviour 8:1957 (I11); confirmed: assumption",
    )
    check_sharing: float = param(
        0.75, "1", 0.0, 1.0, "",
        label="Fact check and sharing", label_zh="核查标记后的分享比例",
        description="Part of its shares that a refuted item keeps.",
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
        label="Worth of a minute", label_zh="每分钟支付意愿",
        description="Mean over users of what a minute on a subscribed platform is worth to them.",
        source=A + "; a quarter of the wage",
    )
    licence: float = param(
        0.65, "1", 0.0, 0.95, "",
        label="Licence fees", label_zh="版权授权费比例",
        description="Part of subscription revenue that platforms pay to studios for their works, by seconds.",
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
        description="Test exposures sold for bids, over a platform's exposures in a week.", source=A,
    )
    payout_step: float = param(
        0.03, "1/year", 0.0, 0.2, "",
        label="Step of bargaining", label_zh="年度分成谈判幅度",
        description="Most that yearly bargaining moves a platform's payout.", source=A,
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
        description="Grants to studios and creators a week at full strength, half to each.", source=A,
    )
    training_grant: float = param(
        15.0, "hours' wage/week", 0.0, 40.0, "",
        label="Training grant", label_zh="再培训津贴",
        description="Paid to a worker in training at full strength of the retraining subsidy.", source=A,
    )


STEPS = "del Rio-Chanona et al. 2021, J R Soc Interface 18:20200898, a step of theirs taken as 6.75 weeks"


@dataclass(frozen=True)
class Labour:
    """Work in the content trades."""

    posts: float = param(
        0.99, "posts/worker", 0.5, 1.0, "",
        label="Posts a worker", label_zh="人均岗位数",
        description="Posts wanted at the start over workers; above the labour force, firms could never fill them.",
        source=A,
    )
    elasticity: float = param(
        1.0, "1", 0.3, 1.8, "uniform",
        label="Elasticity of output", label_zh="产出弹性",
        description="Percent by which output of the trade rises when its unit cost falls by one percent.",
        source=A,
    )
    new_tasks: float = param(
        0.15, "1", 0.05, 0.3, "uniform",
        label="New tasks", label_zh="新任务比例",
        description="Meta-editors' hours over hours that AI has taken over.",
        source="form: Acemoglu & Restrepo 2018, AER 108:1488; size: assumption",
    )
    review: float = param(
        0.05, "1", 0.0, 0.2, "",
        label="Review", label_zh="审核工时",
        description="Hours of review over all hours at full use of AI.",
        source=A,
    )
    junior_plan: float = param(
        0.2, "1", 0.05, 0.95, "",
        label="Juniors in planning", label_zh="策划环节初级占比",
        description="Juniors' part of planning hours.",
        source=A,
    )
    junior_create: float = param(
        0.6, "1", 0.3, 0.8, "uniform",
        label="Juniors in creation", label_zh="创作环节初级占比",
        description="Juniors' part of creation hours; with the caps by stage it sets the sign for juniors.",
        source=A,
    )
    junior_edit: float = param(
        0.45, "1", 0.05, 0.95, "",
        label="Juniors in editing", label_zh="编辑环节初级占比",
        description="Juniors' part of editing hours.",
        source=A,
    )
    separation: float = param(
        0.003, "1/week", 0.0005, 0.02, "",
        label="Separations", label_zh="离职率",
        description="Weekly hazard that a post ends without a layoff; higher for juniors, lower for seniors.",
        source=STEPS,
    )
    layoff: float = param(
        0.025, "1/week", 0.0, 0.2, "",
        label="Layoffs", label_zh="裁员率",
        description="Part of the people above the posts wanted who are laid off in a week.",
        source=STEPS,
    )
    opening: float = param(
        0.12, "1/week", 0.04, 0.3, "loguniform",
        label="Openings", label_zh="招聘速度",
        description="Part of the posts neither filled nor advertised that a week opens, besides replacements.",
        source=STEPS,
    )
    apply: float = param(
        0.15, "1/week", 0.01, 1.0, "",
        label="Applications", label_zh="求职申请率",
        description="Weekly probability that a searcher applies for a post.",
        source=A,
    )
    reach: float = param(
        0.3, "1", 0.05, 1.0, "",
        label="Reach of a trade", label_zh="可转行距离",
        description="Distance in tasks and modality up to which a new vacancy takes people.",
        source=A,
    )
    promotion_weeks: float = param(
        180.0, "weeks", 26.0, 1040.0, "",
        label="Promotion", label_zh="晋升周期",
        description="Weeks after which a junior is ready, on average, for a senior post.",
        source=A,
    )
    meta_weeks: float = param(
        8.0, "weeks", 1.0, 52.0, "",
        label="Opening of new tasks", label_zh="新任务开放周期",
        description="Weeks over which posts of meta-editors are opened.",
        source=A,
    )
    conversion: float = param(
        0.1, "1/week", 0.0, 1.0, "",
        label="Moves inside firms", label_zh="内部转岗率",
        description="Part of meta-editors' vacancies that firms fill with their own staff in a week.",
        source=A,
    )
    wage_response: float = param(
        0.002, "log/week", 0.0, 0.02, "",
        label="Wages follow tightness", label_zh="工资对紧缺的反应",
        description="Weekly rise of log wages when there is one vacancy a searcher more than before release.",
        source=A,
    )
    wage_return: float = param(
        0.01, "1/week", 0.0, 0.1, "",
        label="Wages return", label_zh="工资回归",
        description="Part of a wage gain that is lost again in a week.",
        source=A,
    )
    retraining_rate: float = param(
        0.02, "1/week", 0.0, 0.2, "",
        label="Taking up training", label_zh="参加再培训率",
        description="Weekly hazard after a quarter out of work in a trade that is closed.",
        source=A,
    )
    retraining_weeks: int = param(
        26, "weeks", 4, 104, "",
        label="Length of training", label_zh="再培训时长",
        description="Weeks that retraining takes.",
        source=A,
    )
    retraining_success: float = param(
        0.3, "1", 0.0, 1.0, "",
        label="Success of training", label_zh="再培训成功率",
        description="Share of those retrained who can enter another trade.",
        source="low: Hyman et al. 2025, NBER WP 34174 (I21); size: assumption",
    )
    subsidised_rate: float = param(
        3.0, "1", 1.0, 10.0, "",
        label="Take-up with a subsidy", label_zh="补贴下的参训倍数",
        description="Hazard of taking up training at full strength of the subsidy over that without.",
        source=A,
    )
    subsidised_success: float = param(
        0.45, "1", 0.0, 1.0, "",
        label="Success with a subsidy", label_zh="补贴下的培训成功率",
        description="Share of those retrained who can enter another trade at full strength of the subsidy.",
        source=A,
    )
    exit: float = param(
        0.004, "1/week", 0.0, 0.05, "",
        label="Giving up", label_zh="退出劳动率",
        description="Weekly hazard of leaving after half a year of search; it rises with time out of work.",
        source=A,
    )
    reentry: float = param(
        0.006, "1/week", 0.0, 0.05, "",
        label="Coming back", label_zh="重返劳动率",
        description="Weekly hazard with which those who left search again; it does not depend on vacancies.",
        source=A,
    )


@dataclass(frozen=True)
class Commissions:
    """The market for custom work: clients, freelancers, raw AI."""

    elasticity: float = param(
        1.0, "1", 0.3, 1.8, "uniform",
        label="Price elasticity of commissions", label_zh="委托创作需求价格弹性",
        description="Tail exponent of clients' reservation prices, by which demand for perfect work falls in price.",
        source=A,
    )
    brief_gap: float = param(
        0.75, "sd of human craft", 0.0, 2.0, "uniform",
        label="Gap of raw AI to the brief", label_zh="纯AI与委托要求的差距",
        description="How far work that a client prompts alone falls short of AI's craft.", source=A,
    )
    own_time: float = param(
        0.15, "first price", 0.0, 1.0, "",
        label="Client's own time with raw AI", label_zh="客户自用AI的时间成本",
        description="Cost of the client's own time, which does not fall, over the first price of a commission.",
        source=A,
    )
    saving: float = param(
        0.4, "1", 0.0, 0.8, "",
        label="Hours saved in assisted commissions", label_zh="AI辅助委托创作节省的工时",
        description="Part of a commission's hours that AI saves a seller of mean prompt skill at full capability.",
        source="Noy & Zhang 2023, Science 381:187 (I2)",
    )
    need_mean: float = param(
        -0.5, "sd of human craft", -2.0, 2.0, "",
        label="Quality that clients need", label_zh="客户所需质量",
        description="Mean quality at which a commission serves its client with probability one half.", source=A,
    )
    need_sd: float = param(
        0.75, "sd of human craft", 0.0, 2.0, "",
        label="Spread of needed quality", label_zh="所需质量离散度",
        description="Standard deviation of needed quality over clients.", source=A,
    )
    experience: float = param(
        0.5, "sd of human craft", 0.0, 2.0, "",
        label="Worth of experience", label_zh="经验带来的质量提升",
        description="Quality that a freelancer gains over a long career, half of it in the first 26 commissions.",
        source=A,
    )
    turnover: float = param(
        0.008, "1/week", 0.001, 0.05, "",
        label="Turnover of freelancers", label_zh="自由职业者更替率",
        description="Weekly hazard of leaving at the income that pays elsewhere; newcomers follow.", source=A,
    )
    marketplace_fee: float = param(
        0.1, "1", 0.0, 0.5, "",
        label="Marketplace fee", label_zh="撮合平台佣金率",
        description="Part of a freelancer's price that the marketplace keeps.", source=A,
    )


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
        description="Weekly hazard that is added where all the people followed use it.", source="fitted to users in C8",
    )
    keenness_sd: float = param(
        0.5, "log", 0.0, 2.0, "",
        label="Spread of keenness on interactive AI", label_zh="互动式AI热衷程度离散度",
        description="Log standard deviation over people of the hazard of taking it up.", source=A,
    )
    capability_pull: float = param(
        0.2, "1", 0.0, 3.0, "",
        label="Capability and interactive AI", label_zh="能力对互动式AI采用的作用",
        description="Log hazard of taking interactive AI up that full capability adds.", source=A,
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
        label="Queries a person", label_zh="人均每周提问数",
        description="Mean number of questions that a consumer looks to answer in a week.", source=A,
    )
    fresh_share: float = param(
        0.15, "1", 0.0, 1.0, "",
        label="Questions on fresh topics", label_zh="新话题提问占比",
        description="Share of questions that only what is less than about half a year old can answer.", source=A,
    )
    half_answers: float = param(
        0.5, "1", 0.05, 5.0, "",
        label="Stock that answers half", label_zh="答案存量半覆盖点",
        description="Stock of public answers, over that before release, that covers half of all questions.",
        source=A,
    )
    half_pages: float = param(
        0.5, "1", 0.05, 5.0, "",
        label="Pages that answer half", label_zh="机构页面半覆盖点",
        description="Stock of publishers' pages, over that before release, that covers half of what pages can answer.",
        source=A,
    )
    offers: float = param(
        1.2, "answers/question", 0.02, 10.0, "",
        label="Answers offered", label_zh="每个公开提问的回答供给",
        description="Answers that people are ready to give for each public question before release.", source=A,
    )
    reads_exponent: float = param(
        0.5, "1", 0.0, 2.0, "uniform",
        label="Readers draw answers", label_zh="阅读量对回答供给的弹性",
        description="Elasticity of the answers offered to how much public answers are read.", source=A,
    )
    activity: float = param(
        0.0, "1", 0.0, 1.0, "",
        label="Company of other askers", label_zh="提问活跃度的吸引力",
        description="Utility of asking in public per log of the questions asked there, over those before release.",
        source=A,
    )
    forum_access: float = param(
        2.0, "utility", 0.0, 6.0, "",
        label="Cost of asking in public", label_zh="公开提问的门槛",
        description="Utility lost with putting a question to a forum: an account, a written question.", source=A,
    )
    chatbot_access: float = param(
        0.3, "utility", 0.0, 50.0, "",
        label="Cost of asking a chatbot", label_zh="向聊天机器人提问的门槛",
        description="Utility lost with putting a question to a chatbot, for those who use interactive AI.", source=A,
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
        description="Part of what search covers now that a chatbot finds beyond its training corpus.", source=A,
    )
    learning: float = param(
        0.05, "1/query", 0.001, 0.5, "",
        label="Learning about channels", label_zh="渠道成效学习速度",
        description="Step of a channel's believed success with each query put to it.", source=A,
    )
    click_rate: float = param(
        0.19, "1", 0.01, 1.0, "",
        label="Clicks a search", label_zh="搜索点击率",
        description="Chance that a search which finds something leads to a click where no summary is shown.",
        source="15 % of all searches without a summary: Pew 2025 (I25, second-hand)",
    )
    summary_suffices: float = param(
        0.47, "1", 0.35, 0.55, "",
        label="Summaries that suffice", label_zh="摘要即可满足的比例",
        description="Chance that a summary above the results takes the place of a click.",
        source="8 % instead of 15 % of searches: Pew 2025 (I25, second-hand)",
    )
    referral_reliance: float = param(
        0.3, "1", 0.0, 0.9, "",
        label="Publishers' reliance on referrals", label_zh="机构对导流的依赖",
        description="Part of the pages of publishers before release that referrals pay for.", source=A,
    )
    click_value: float = param(
        0.0015, "hours' wage/click", 0.0, 0.1, "",
        label="Worth of a referral", label_zh="单次导流价值",
        description="Advertising that a click through to a publisher earns.", source=A,
    )


@dataclass(frozen=True)
class Platform:
    """One platform: its governance type as numbers. Nothing here is a stance on AI."""

    kind: str = choice(
        "interest_feed",
        (
            "interest_feed", "library", "microblog", "open_text", "forum", "search", "publisher", "photo", "ai_native",
            "immersive",
        ),
        label="Governance type", label_zh="治理类型",
        description="Which type of platform this is.",
    )
    inform: float = param(
        0.0, "utility", -6.0, 6.0, "",
        label="For information", label_zh="资讯需求适配", description="Fit to the need to be informed.", source=A,
    )
    divert: float = param(
        0.0, "utility", -6.0, 6.0, "",
        label="For diversion", label_zh="娱乐需求适配", description="Fit to the need for diversion.", source=A,
    )
    socialise: float = param(
        0.0, "utility", -6.0, 6.0, "",
        label="For company", label_zh="社交需求适配", description="Fit to the need for company.", source=A,
    )
    make: float = param(
        0.0, "utility", -6.0, 6.0, "",
        label="For making", label_zh="创作需求适配", description="Fit to the need to make and learn.", source=A,
    )
    followed: float = param(
        0.2, "weight", 0.0, 1.0, "",
        label="Slots for followed", label_zh="关注内容占比",
        description="Weight of followed producers in the feed.", source=A,
    )
    friends: float = param(
        0.1, "weight", 0.0, 1.0, "",
        label="Slots for friends", label_zh="好友分享占比",
        description="Weight of friends' shares in the feed.", source=A,
    )
    interest: float = param(
        0.4, "weight", 0.0, 1.0, "",
        label="Slots for interest", label_zh="兴趣推荐占比",
        description="Weight of items in the genres that the viewer likes.", source=A,
    )
    trending: float = param(
        0.1, "weight", 0.0, 1.0, "",
        label="Slots for trending", label_zh="热门占比",
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
        description="Part of advertising revenue paid to producers, by seconds, until it is bargained anew.",
        source="55 % long video, 45 % of the pool for short video: YouTube terms (I15, second-hand)",
    )
    subscription: float = param(
        0.0, "hours' wage/week", 0.0, 2.0, "",
        label="Platform subscription price", label_zh="平台订阅价格",
        description="Price of a week's subscription (0: nothing is sold).", source=A,
    )
    ad_load: float = param(
        1.0, "1", 0.0, 3.0, "",
        label="Ad load", label_zh="广告负荷",
        description="Advertising per minute, relative to the mean platform.", source=A,
    )
    moderation: float = param(
        0.1, "1", 0.0, 1.0, "",
        label="Removal of falsehood", label_zh="虚假内容拦截率",
        description="Share of inaccurate items removed before anyone sees them.", source=A,
    )
    detection: float = param(
        0.0, "1", 0.0, 1.0, "",
        label="Use of a detector", label_zh="AI检测覆盖率",
        description="Share of items published here first that a detector of AI reads; what it finds is labelled.",
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
        True, label="Shows counts", label_zh="显示播放数",
        description="Whether viewers see how often an item was viewed."
    )
    opens: str = choice(
        "", label="Opening", label_zh="开放日期",
        description="ISO date from which the platform is open, or may enter (empty: from the start).",
    )
    entry_cost: float = param(
        0.0, "hours' wage/consumer", 0.0, 10.0, "",
        label="Fixed cost of entry", label_zh="进入固定成本",
        description="Cost that the profit expected of entering must exceed (0: the platform opens at its date).",
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
        description="Utility that the device's price and trouble take from installing an immersive platform at first.",
        source=A,
    )
    headset_decay: float = param(
        0.85, "factor/year", 0.3, 1.0, "",
        label="Decay of the headset's burden", label_zh="头显门槛年衰减",
        description="Factor by which that burden falls in a year from the platform's opening date on.", source=A,
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


@dataclass(frozen=True)
class Lever:
    """A policy lever: what changes, when, and how strongly."""

    start: str = choice(
        "2025-09-01", label="Start", label_zh="开始日期",
        description="ISO date from which the lever holds.", source="each policy file names its source", role="lever",
    )
    strength: float = param(
        1.0, "1", 0.0, 1.0, "",
        label="Strength", label_zh="强度",
        description="Part of the cases reached: 0 changes nothing, 1 is full compliance.",
        source="each policy file names its source", role="lever",
    )


@dataclass(frozen=True)
class Settings:
    """A whole scenario's parameters."""

    world: World = field(default_factory=World)
    time: Time = field(default_factory=Time)
    input: Input = field(default_factory=Input)
    culture: Culture = field(default_factory=Culture)
    technology: Technology = field(default_factory=Technology)
    vendors: Vendors = field(default_factory=Vendors)
    attention: Attention = field(default_factory=Attention)
    pools: Pools = field(default_factory=Pools)
    spread: Spread = field(default_factory=Spread)
    trust: Trust = field(default_factory=Trust)
    creators: Creators = field(default_factory=Creators)
    studios: Studios = field(default_factory=Studios)
    farms: Farms = field(default_factory=Farms)
    moderation: Moderation = field(default_factory=Moderation)
    money: Money = field(default_factory=Money)
    labour: Labour = field(default_factory=Labour)
    commissions: Commissions = field(default_factory=Commissions)
    interactive: Interactive = field(default_factory=Interactive)
    questions: Questions = field(default_factory=Questions)
    immersive: Immersive = field(default_factory=Immersive)
    strategy: Strategy = field(default_factory=Strategy)
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    policy: Mapping[str, Lever] = field(default_factory=dict)


@functools.cache
def registry() -> Mapping[str, Entry]:
    """Every parameter by its path."""
    return {entry.path: entry for entry in entries(Settings)}


def starred(path: str) -> str:
    """Name a path as the registry does: `platforms.forum.opens` is `platforms.*.opens`."""
    return re.sub(r"^(platforms|policy)\.[^.]+\.", r"\1.*.", path)
