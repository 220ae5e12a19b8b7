"""How consumers choose, use, and form habits."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass, field

from sim.settings.needs import Needs
from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import choice, param


@dataclass(frozen=True)
class Attention:
    """How consumers choose, use, and form habits."""

    taste: str = choice(
        "ideal_point", ("ideal_point", "dot_product"),
        label="Form of taste", label_zh="口味形式",
        description=(
            "Taste falls with distance to an ideal point, or is a dot product (which has a premium on novelty built"
            " in)."
        ),
    )
    recall: str = choice(
        "sampled", ("sampled", "exact"),
        label="Recall", label_zh="召回方式",
        description=(
            "Slates are drawn from prepared tables or by scoring every live item; both follow the same probabilities."
        ),
    )
    spread: str = choice(
        "spread", ("spread", "single"),
        label="Where a session's time goes", label_zh="会话时间的分配",
        description=(
            "A session's time is spread over the items shown by the chances of choice, or all of it is spent on the one"
            " that was chosen."
        ),
    )
    choice: str = choice(
        "utility", ("utility", "random"),
        label="Law of choice", label_zh="选择规律",
        description="Items are served by score and chosen by utility or, as a null model, both at random.",
    )
    beta_taste: float = param(
        3.0, "1", 1.0, 6.0, "uniform",
        label="Weight of taste", label_zh="口味权重",
        description="Utility lost per unit of half the squared distance to the ideal point, in lengths of taste.",
        source=A,
    )
    taste_length: float = param(
        4.5, "concept units", 1.0, 10.0, "",
        label="Length of taste", label_zh="口味尺度",
        description=(
            "Distance in concept space that counts as one unit of taste; about the distance between two random works."
        ),
        source=A,
    )
    beta_craft: float = param(
        0.5, "1/sd", 0.0, 2.0, "",
        label="Weight of craft", label_zh="工艺权重",
        description="Utility per standard deviation of craft, before expertise is taken into account.", source=A,
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
        description="Utility per standard deviation of emotion.", source=A,
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
        description="Utility of log(1 + displayed uses), where a platform shows them.",
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
        description=(
            "Satiation that a use adds in its genre, before it is multiplied by the item's similarity to the viewer's"
            " memory."
        ),
        source=A,
    )
    satiation_days: float = param(
        1.0, "days", 0.1, 14.0, "",
        label="Half-life of satiation", label_zh="饱和半衰期",
        description="Days in which satiation halves.", source=A,
    )
    stance_mean: float = param(
        0.15, "utility", 0.0, 1.0, "uniform",
        label="Aversion to AI", label_zh="对AI的平均反感",
        description="Utility that the average viewer loses with an item known for certain to be AI's.",
        source="label effect of a few points of 100: Altay & Gilardi 2024, PNAS Nexus 3(10) pgae403 (I10, second-hand)",
    )
    stance_sd: float = param(
        0.3, "utility", 0.0, 1.0, "",
        label="Spread of stances on AI", label_zh="对AI态度的离散度",
        description="Standard deviation over viewers of that loss; some welcome AI as a new art.",
        source=A + "; spread of comfort in Reuters Institute 2025 (I12, second-hand)",
    )
    deep_base: float = param(
        0.5, "log-odds", -2.0, 2.0, "",
        label="Deep use at par", label_zh="深度使用基准",
        description="Log-odds of deep use where the viewer's habit equals the item's depth.", source=A,
    )
    deep_habit: float = param(
        2.0, "log-odds", 1.0, 6.0, "uniform",
        label="Habit and deep use", label_zh="习惯对深度使用的作用",
        description="Log-odds of deep use per unit of habit above an item's depth.", source=A,
    )
    deep_pleasure: float = param(
        0.5, "log-odds", 0.0, 1.5, "",
        label="Pleasure and deep use", label_zh="满意对深度使用的作用",
        description="Log-odds of deep use per unit of utility above what the viewer is used to.", source=A,
    )
    habit_rate: float = param(
        0.06, "1/day", 0.0, 0.5, "",
        label="Speed of habit formation", label_zh="习惯形成速度",
        description="Part of the distance between habit and the depth used that is closed in a day.", source=A,
    )
    habit_start: float = param(
        0.17, "depth", 0.0, 1.0, "",
        label="Habit at the start", label_zh="初始深度习惯",
        description=(
            "Mean depth habit in the first week; close to where a world without AI settles, so that burn-in is short."
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
        description="Daily probability of following the producer of an item that was liked.", source=A,
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
        description=(
            "Part of the distance between learned and present satisfaction with a platform in use that is closed in a"
            " day."
        ),
        source=A,
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
    adaptation_years: float = param(
        10.0, "years", 1.0, 50.0, "",
        label="Adaptation of expectations", label_zh="期望适应年数",
        description=(
            "Years in which what a consumer is used to, the measure of its pleasure, follows what it meets; half a year"
            " before release."
        ),
        source="form: adaptation level, Helson 1964, Adaptation-Level Theory; size: assumption",
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
        label="Replacing a platform", label_zh="更换平台概率",
        description="Weekly probability that a consumer replaces one installed platform by another.", source=A,
    )
    install_concavity: float = param(
        0.5, "1", 0.0, 1.0, "",
        label="Concavity of installing", label_zh="安装凹性",
        description="Exponent of a platform's users in its chance to be installed.", source=A,
    )
    multi_homing: float = param(
        2.6, "platforms", 1.0, 5.0, "",
        label="Platforms per consumer", label_zh="人均使用平台数",
        description="Mean number of platforms that a consumer has installed.",
        source="QuestMobile 2025 (I17, second-hand)",
    )
    minutes: float = param(
        800.0, "min/week", 60.0, 5_000.0, "",
        label="Media minutes", label_zh="每周媒体时长",
        description="Mean attention budget, on and off the screen.",
        source="1.9 h per day on five apps: QuestMobile 2025 (I16, second-hand)",
    )
    needs: Needs = field(default_factory=Needs)
    need_sd: float = param(
        0.5, "log", 0.0, 2.0, "",
        label="Spread of needs", label_zh="需求离散度",
        description="Log standard deviation over consumers of the weights of needs.", source=A,
    )
    affinity_sd: float = param(
        1.2, "log", 0.0, 3.0, "",
        label="Spread of interests", label_zh="兴趣离散度",
        description="Log standard deviation over genres of a consumer's interest.", source=A,
    )
    minutes_sd: float = param(
        0.5, "log", 0.0, 1.5, "",
        label="Spread of media minutes", label_zh="媒体时长离散度",
        description="Log standard deviation over consumers of the attention budget.", source=A,
    )
    query_candidates: int = param(
        2, "items", 1, 16, "",
        label="Candidates of a query", label_zh="搜索候选数",
        description="Items that a query finds, of which it shows the one nearest to the viewer's ideal point.",
        source=A,
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
        description="Standard deviation of latent appeal over a producer's items.",
        source="unpredictable quality: Aguiar & Waldfogel 2018, JPE 126:492; size: assumption",
    )
    producer_sd: float = param(
        0.85, "utility", 0.5, 1.5, "",
        label="Gift of a producer", label_zh="生产者吸引力离散度",
        description="Standard deviation of latent appeal over producers.", source=A,
    )
