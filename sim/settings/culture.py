"""Concepts, canons, imitation, and how AI is perceived."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import choice, param


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
        description=(
            "Probability that an author of median imagination blends in another genre; at most three times that for"
            " others."
        ),
        source=A,
    )
    canon_memory: float = param(
        26.0, "weeks", 13.0, 104.0, "",
        label="Memory of the canon", label_zh="经典库记忆时长",
        description="Time constant with which works fade from a genre's canon.", source=A,
    )
    ai_familiarity: float = param(
        2.0, "1", 0.0, 4.0, "uniform",
        label="AI's preference for the familiar", label_zh="AI对熟悉样本的偏好",
        description=(
            "Exponent by which novel exemplars are less likely to be drawn as seeds; at 0 attention alone decides."
        ),
        source=A + "; tail to be placed by Bellemare-Pepin et al. 2026 (I6)",
    )
    ai_temperature: float = param(
        0.75, "1", 0.3, 0.9, "uniform",
        label="AI's temperature", label_zh="AI采样温度",
        description=(
            "Part of an imitation's spread that is noise; the rest comes from exemplars, so that the spread of what was"
            " learned stays what it is."
        ),
        source=(
            "placed so that AI's median novelty lies above the median human's in `standard`: Bellemare-Pepin et al."
            " 2026 (I6)"
        ),
    )
    vendor_lean: float = param(
        0.3, "sd", 0.0, 1.0, "",
        label="Difference between vendors' data", label_zh="供应商训练数据的差异",
        description=(
            "Standard deviation, per axis of concept space, by which the mean of a vendor's training data lies off that"
            " of all works, in standard deviations of the works; at 0 all vendors learn alike."
        ),
        source=A + "; models of different vendors answer much alike (Jiang et al. 2025, arXiv:2510.22954, from memory)",
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
        description="Weeks from one training of vendors' models on the corpus to the next.", source=A,
    )
    assist_share: float = param(
        0.3, "1", 0.1, 0.6, "uniform",
        label="AI's share of assisted work", label_zh="协作作品中AI的占比",
        description="Weight of the AI's draft in an assisted work's concept, and its share of creation hours.",
        source=A,
    )
    assist_drafts: int = param(
        4, "drafts", 1, 16, "",
        label="Drafts", label_zh="草稿数",
        description="AI drafts of which the author keeps the one nearest to their own idea.", source=A,
    )
    assist_gain: float = param(
        0.4, "1", 0.0, 0.8, "uniform",
        label="Levelling by assistance", label_zh="AI辅助的拉平效应",
        description=(
            "Share of the skill gap to the ceiling that AI assistance closes, before it is multiplied by AI's share of"
            " the work."
        ),
        source="Noy & Zhang 2023, Science 381:187 (I2); Doshi & Hauser 2024 (I5)",
    )
    assist_ceiling: float = param(
        0.5, "sd of skill", 0.0, 1.5, "",
        label="Ceiling of assistance", label_zh="AI辅助的技能上限",
        description="Skill above which AI assistance adds no craft at release; it rises with capability.",
        source="Noy & Zhang 2023, Science 381:187 (I2)",
    )
    detection_accuracy: float = param(
        0.55, "1", 0.49, 0.65, "uniform",
        label="Accuracy at spotting AI", label_zh="识别AI的准确率",
        description=(
            "Share of items that a viewer of mean expertise classifies correctly, where half are human and half AI's."
        ),
        source="meta-analysis of 56 papers (I9, read second-hand)",
    )
    detection_training: float = param(
        0.05, "1", 0.0, 0.1, "",
        label="Expertise and spotting AI", label_zh="专业度对识别的提升",
        description="Gain in accuracy per standard deviation of expertise.",
        source="trained viewers reach 65 % (I9, read second-hand)",
    )
    detection_craft: float = param(
        0.3, "1/sd", 0.0, 1.0, "",
        label="Craft hides AI", label_zh="工艺掩盖AI痕迹",
        description="Decrease in log d-prime per standard deviation of craft.", source=A,
    )
    news_rate: float = param(
        0.05, "1/week", 0.0, 0.3, "",
        label="Speed of learning about AI's share", label_zh="AI占比信念更新速度",
        description="Part of the distance between the believed and the reported share of AI that is closed in a week.",
        source=A,
    )
    news_noise: float = param(
        0.5, "log-odds", 0.0, 2.0, "",
        label="Noise of beliefs about AI", label_zh="AI占比信念噪声",
        description="Standard deviation over people of the share of AI that the news they meet reports.", source=A,
    )
