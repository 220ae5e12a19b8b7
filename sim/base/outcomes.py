"""Every outcome, once: unit, definition, direction, labels, the prediction it speaks to, and whether it may be null."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Direction = Literal["up", "down", ""]
Scale = Literal["logit", "log", "linear"]


@dataclass(frozen=True)
class Outcome:
    """One column of `outcomes.parquet`.

    Attributes
    ----------
    unit : "share" lies in [0, 1].
    aggregation : how a week's value is formed.
    direction : where the report of 2023 expects generative AI to push it ("" where it says nothing).
    prediction : "P1" to "P8", "thesis", or "" for a state of the model that serves as a check.
    nullable : whether an empty denominator may leave it null.
    headline : whether it answers its prediction.
    twin : whether it means something only net of the paired arm without AI.
    every : weeks between two values (others are null).
    low, high : bounds that no value can leave, in the unit; None where there is none. A share's are 0 and 1.
    of_ai : whether it can only be 0 or null in a world without AI.
    """

    name: str
    unit: str
    label: str
    label_zh: str
    definition: str
    aggregation: str
    direction: Direction
    prediction: str
    nullable: bool
    source: str
    headline: bool = False
    twin: bool = False
    every: int = 1
    low: float | None = 0.0
    high: float | None = None
    of_ai: bool = False

    def __post_init__(self) -> None:
        """A share ends at 1."""
        if self.unit == "share":
            object.__setattr__(self, "high", 1.0)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest possible value; infinite where there is no bound."""
        return -math.inf if self.low is None else self.low, math.inf if self.high is None else self.high

    @property
    def scale(self) -> Scale:
        """Where an interval over replications is made: shares as logits, what is never negative as logarithms."""
        if self.unit == "share":
            return "logit"
        return "log" if self.bounds == (0.0, math.inf) else "linear"


_D = "definition of this model"
_ROWS = (
    # P1: an equal producer
    Outcome("ai_supply_share", "share", "AI share of new items", "AI占新内容比例",
            "Generated items over all items published in the week.", "week", "up", "P1", False, _D, headline=True,
            of_ai=True),
    Outcome("ai_supply_share_weighted", "share", "AI share of new items, by work done", "AI占新内容比例（按工时）",
            "Mean over published items of AI's share of the work in them.", "week", "up", "P1", False, _D, of_ai=True),
    Outcome("ai_attention_share", "share", "AI share of attention", "AI占注意力比例",
            "Seconds spent on generated items over all on-screen seconds with items.", "week", "up", "P1", False, _D,
            headline=True, of_ai=True),
    Outcome("ai_attention_share_weighted", "share", "AI share of attention, by work done", "AI占注意力比例（按工时）",
            "Mean over on-screen seconds with items of AI's share of the work in the item used.", "week", "up", "P1",
            False, _D, of_ai=True),
    Outcome("ai_revenue_share", "share", "AI producers' share of payouts", "AI占分成比例",
            "Payouts for generated items over all payouts.", "week", "up", "P1", False, _D, headline=True, of_ai=True),
    Outcome("ai_revenue_share_weighted", "share", "AI share of payouts, by work done", "AI占分成比例（按工时）",
            "Mean over payouts of AI's share of the work in the item paid for.", "week", "up", "P1", False, _D,
            of_ai=True),
    Outcome("ai_listing_share", "share", "AI share of new listings", "AI占新上架比例",
            "Listings of generated items over all listings that open in the week; an item has one on each of its "
            "platforms.", "week", "up", "P1", False, _D, of_ai=True),
    Outcome("ai_use_share", "share", "AI share of uses", "AI占使用次数比例",
            "Uses of generated items over all uses of items.", "week", "up", "P1", False, _D, of_ai=True),
    Outcome("visibility_odds_ratio", "1", "Visibility of an AI listing", "AI内容可见度比",
            "Uses per listing of a generated item over uses per listing of another, until it turns four weeks old or "
            "closes, over all listings, compared within platforms; null below 200 uses.",
            "listings that come of age in the week", "", "P1", True, "Mantel & Haenszel 1959, JNCI 22:719",
            headline=True, of_ai=True),
    Outcome("turing_pass_rate", "share", "AI items taken for human", "AI内容被认作人类的比例",
            "Mean probability that a viewer takes an unlabelled generated item for human, over items shown.",
            "trailing 4 weeks", "up", "P1", True, "after Turing 1950, Mind 59:433", headline=True, of_ai=True),
    Outcome("human_pass_rate", "share", "Human items taken for human", "人类内容被认作人类的比例",
            "The same for human items.", "trailing 4 weeks", "", "P1", True, _D),
    # P2: more, cheaper, better
    Outcome("items_new", "items", "New items", "新内容数",
            "Items published in the week, as simulated: one of a creator's or an AI producer's stands for "
            "`world.items_per_row`.", "week", "up", "P2", False, _D, headline=True),
    Outcome("craft_mean", "sd", "Mean craft of new items", "新内容平均工艺",
            "Mean craft of items published in the week, in standard deviations of human craft.",
            "week", "up", "P2", True, _D, headline=True, low=None),
    Outcome("craft_used", "sd", "Mean craft of what is used", "被消费内容的平均工艺",
            "Mean craft over on-screen seconds with items.", "week", "up", "P2", True, _D, low=None),
    Outcome("craft_at_rank_1", "sd", "Craft of the best item", "最佳内容的工艺",
            "Craft of the best new item of a genre in four weeks, mean over genres.",
            "trailing 4 weeks", "up", "P2", True, _D, twin=True, low=None),
    Outcome("craft_at_rank_10", "sd", "Craft of the tenth item", "第10名内容的工艺",
            "Craft at rank 10 of a genre's new items of four weeks.", "trailing 4 weeks", "up", "P2", True, _D,
            headline=True, twin=True, low=None),
    Outcome("craft_at_rank_100", "sd", "Craft of the hundredth item", "第100名内容的工艺",
            "Craft at rank 100 of a genre's new items of four weeks.", "trailing 4 weeks", "up", "P2", True, _D,
            twin=True, low=None),
    Outcome("quality_median", "1", "Quality of the median item", "中位内容的质量",
            "Odds of choice that appeal, craft and emotion give the median new item of four weeks, other things equal "
            "and to a viewer of mean expertise, over those of the median item before release.",
            "trailing 4 weeks", "", "P2", True, "McFadden 1974, Frontiers in Econometrics", twin=True, every=4),
    Outcome("quality_at_rank_1", "1", "Quality of the best item", "最佳内容的质量",
            "The same for the best new item of all genres.", "trailing 4 weeks", "up", "P2", True, _D, twin=True,
            every=4),
    Outcome("quality_at_rank_10", "1", "Quality of the tenth item", "第10名内容的质量",
            "The same at rank 10.", "trailing 4 weeks", "up", "P2", True, _D, twin=True, every=4),
    Outcome("quality_at_rank_100", "1", "Quality of the hundredth item", "第100名内容的质量",
            "The same at rank 100.", "trailing 4 weeks", "up", "P2", True, _D, twin=True, every=4),
    Outcome("quality_at_rank_1000", "1", "Quality of the thousandth item", "第1000名内容的质量",
            "The same at rank 1,000; null where there are fewer items.", "trailing 4 weeks", "up", "P2", True, _D,
            twin=True, every=4),
    Outcome("quality_used", "1", "Quality of what is used", "被消费内容的质量",
            "Geometric mean of the same odds over a week's uses.", "week", "up", "P2", True, _D, twin=True, every=4),
    Outcome("unit_cost", "hours' wage/item", "Cost of a studio's item", "机构单条内容成本",
            "Staff hours and model fee that an item takes at studios now.", "week", "down", "P2", False, _D,
            headline=True),
    Outcome("unit_cost_ai", "hours' wage/item", "Cost of an AI producer's item", "AI生产者单条内容成本",
            "Model fees, wages and accounts of AI producers over their new items.", "week", "down", "P2", True, _D,
            of_ai=True),
    Outcome("unit_cost_firms", "hours' wage/item", "Mean cost of firms' items", "企业内容平均成本",
            "Mean cost of new items of studios and AI producers; it falls also where AI producers gain in number.",
            "week", "down", "P2", True, _D),
    Outcome("consumer_surplus", "utility", "Consumer surplus of a slate", "消费者剩余",
            "Mean over sessions of ln(1 + sum of exp utility over the slate, scaled to a full slate), without position "
            "and count terms.", "week", "up", "P2", True, "Small & Rosen 1981, Econometrica 49:105",
            headline=True, twin=True),
    Outcome("surplus_minutes", "min/week", "Surplus gained, in minutes", "消费者剩余增量（分钟）",
            "Minutes per person and week, in sessions as good as the mean of the year before release, that would bring "
            "as much more surplus as today's sessions do; surplus is taken to be proportional to time; null before "
            "release.", "week", "up", "P2", True, "Small & Rosen 1981, Econometrica 49:105", twin=True, low=None),
    Outcome("surplus_money", "hours' wage/week", "Surplus gained, in money", "消费者剩余增量（货币）",
            "These minutes times what a minute is worth (money.minute_worth).", "week", "up", "P2",
            True, "after Becker 1965, Economic Journal 75:493", twin=True, low=None),
    Outcome("slate_fill", "share", "Slate filled", "候选列表填充率",
            "Distinct unseen items in a slate over its places.", "week", "", "", True, _D),
    # P3: working together
    Outcome("assisted_share", "share", "Assisted share of new items", "人机协作占新内容比例",
            "Items made by humans with AI over all new items.", "week", "up", "P3", False, _D, headline=True,
            of_ai=True),
    Outcome("creator_ai_share", "share", "Creators who use AI", "使用AI的创作者比例",
            "Active creators who use AI over active creators.", "week", "up", "P3", False, _D, of_ai=True),
    Outcome("studio_ai_share", "share", "Studios that use AI", "使用AI的机构比例",
            "Studios that have taken up AI over studios.", "week", "up", "P3", False, _D, of_ai=True),
    Outcome("staff_ai_share", "share", "Staff who use AI", "使用AI的机构员工比例",
            "Studios' intensity of AI use, mean over staff hours: each subscription of staff stands for 40 of these.",
            "week", "up", "P3", False, "target C9", of_ai=True),
    Outcome("stage_ai_intensity_plan", "share", "AI in planning", "策划环节AI强度",
            "Share of studios' planning hours that AI has taken over.", "week", "up", "P3", False, _D, of_ai=True),
    Outcome("stage_ai_intensity_create", "share", "AI in creation", "创作环节AI强度",
            "Share of studios' creation hours that AI has taken over.", "week", "up", "P3", False, _D, headline=True,
            of_ai=True),
    Outcome("stage_ai_intensity_edit", "share", "AI in editing", "编辑环节AI强度",
            "Share of studios' editing hours that AI has taken over.", "week", "up", "P3", False, _D, of_ai=True),
    Outcome("assisted_appeal_ratio", "1", "Success of assisted items", "协作内容成效比",
            "Uses per assisted item of creators over uses per human item, in an item's first four weeks.",
            "trailing 4 weeks", "up", "P3", True, _D, headline=True, of_ai=True),
    # P4: interaction, questions
    Outcome("interactive_time_share", "share", "Time with interactive AI", "互动式AI用时占比",
            "Seconds with interactive AI over on-screen seconds, these included.", "week", "up", "P4", True, _D,
            headline=True, of_ai=True),
    Outcome("interactive_users_share", "share", "Users of interactive AI", "互动式AI用户占比",
            "Consumers who have taken up interactive AI and not dropped it.", "week", "up", "P4", False, _D,
            of_ai=True),
    Outcome("publisher_referrals", "clicks/1,000 people", "Referrals to publishers", "对机构的导流",
            "Clicks from search results to publishers' pages, by informational queries, per 1,000 consumers; null "
            "without search or publisher.", "trailing 4 weeks", "", "P4", True, _D, headline=True),
    Outcome("public_answers", "answers/1,000 people", "Public answers", "公开回答数",
            "First answers to questions put to forums, per 1,000 consumers; null without a forum.", "trailing 4 weeks",
            "", "P4", True, _D, headline=True),
    Outcome("public_asks", "questions/1,000 people", "Public questions", "公开提问数",
            "Questions put to forums, per 1,000 consumers; null without a forum.", "trailing 4 weeks", "", "P4", True,
            _D),
    Outcome("public_answered_share", "share", "Public questions answered", "公开提问获答比例",
            "Public answers over public questions.", "trailing 4 weeks", "", "P4", True, _D),
    Outcome("channel_search_share", "share", "Attempts by search", "搜索渠道占比",
            "Share of all attempts to answer a question that go to search.", "week", "", "P4", False, _D),
    Outcome("channel_forum_share", "share", "Attempts by forum", "论坛渠道占比",
            "The same for questions put to forums.", "week", "", "P4", False, _D),
    Outcome("channel_chatbot_share", "share", "Attempts by chatbot", "聊天机器人渠道占比",
            "The same for questions put to chatbots.", "week", "up", "P4", False, _D, of_ai=True),
    Outcome("channel_own_share", "share", "Attempts by oneself", "自行解决渠道占比",
            "The same for what people work out by themselves.", "week", "", "P4", False, _D),
    Outcome("search_click_rate", "share", "Searches that lead to a click", "搜索点击率（实际）",
            "Clicks on results over searches; null without search.", "week", "", "P4", True, _D),
    Outcome("query_success", "share", "Questions answered", "问题获解比例",
            "Questions that some channel answered over all questions.", "week", "", "P4", False, _D),
    # P5: who gains
    Outcome("platform_hhi", "share", "Concentration of platforms", "平台集中度",
            "Herfindahl index of on-screen seconds with items over platforms.", "week", "up", "P5", True, _D,
            headline=True),
    Outcome("rank_turnover", "share", "Turnover of platform ranks", "平台排名变动",
            "(1 - Kendall's tau of platforms' seconds against 52 weeks ago) / 2.", "week", "up", "P5", True, _D,
            headline=True),
    Outcome("vendor_hhi_spend", "share", "Concentration of vendors, by spend", "AI供应商集中度（按支出）",
            "Herfindahl index of vendors' receipts: fees, subscriptions, custom work.", "week", "up", "P5", True, _D,
            of_ai=True),
    Outcome("vendor_hhi_use", "share", "Concentration of vendors, by use", "AI供应商集中度（按用量）",
            "Herfindahl index of generated and assisted items over vendors.", "week", "up", "P5", True, _D, of_ai=True),
    Outcome("vendor_revenue_share", "share", "Vendors' share of revenue", "AI供应商收入占比",
            "Vendors' receipts (fees, subscriptions, custom work) over these and platforms' advertising.", "week",
            "up", "P5", False, _D, headline=True, of_ai=True),
    Outcome("vendor_subscription_share", "share", "Subscriptions in vendors' receipts", "订阅占AI供应商收入比例",
            "Subscriptions of creators, studios and people who talk with AI, over vendors' receipts.", "week", "", "P5",
            True, _D, of_ai=True),
    Outcome("vendor_markup", "1", "Markup of models", "模型加价倍数",
            "Price over marginal cost, mean over use.", "week", "", "P5", True, _D, of_ai=True),
    Outcome("vendor_gap", "capability", "Users' distance to the best model", "用户所用模型与最佳模型差距",
            "Capability of the best model less the mean over use.", "week", "", "P5", True, _D, of_ai=True),
    Outcome("n_vendors", "firms", "Vendors in business", "在业AI供应商数",
            "Vendors in business, open weights included.", "week", "", "P5", False, _D, of_ai=True),
    Outcome("studio_revenue_share", "share", "Studios' share of payouts", "机构分成占比",
            "Payouts to studios over all payouts.", "week", "down", "P5", False, _D, headline=True),
    # P5: money
    Outcome("advertising_spend", "hours' wage", "Advertising", "广告支出",
            "What advertisers pay to platforms.", "week", "", "P5", False, _D),
    Outcome("subscription_spend", "hours' wage", "Subscriptions", "订阅支出",
            "What households pay to platforms for subscriptions.", "week", "", "P5", False, _D),
    Outcome("promotion_spend", "hours' wage", "Promotion", "推广支出",
            "What producers pay to platforms for slots.", "week", "", "P5", False, _D),
    Outcome("platform_take", "share", "Platforms' take", "平台留存比例",
            "Part of platforms' revenue (advertising, subscriptions, slots) that is not paid out to producers.",
            "week", "", "P5", True, _D, headline=True),
    Outcome("payout_rate_mean", "share", "Mean payout", "平均分成比例",
            "Payouts over advertising revenue.", "week", "", "P5", True, _D),
    Outcome("licence_fees", "hours' wage", "Licence fees to producers", "版权授权费收入",
            "What platforms pay out of subscriptions, to studios or to whom a platform's settings name.",
            "week", "", "P5", False, _D),
    Outcome("studio_income", "hours' wage", "Income of studios", "机构收入",
            "What studios take in, less all costs but wages.", "week", "down", "P5", False, _D, low=None),
    Outcome("wages_paid", "hours' wage", "Wages in studios", "机构工资总额",
            "What studios pay to their staff.", "week", "down", "P8", False, _D),
    Outcome("studios_open", "firms", "Studios at work", "在营机构数", "Studios that have not closed.", "week", "",
            "P5", False, _D, headline=True),
    Outcome("studio_staff", "1", "Staff of studios", "机构人员规模",
            "Staff hours of studios over those of all studios at the start.", "week", "down", "P8", False, _D),
    Outcome("ai_automated_hours", "hours", "Hours that AI saves studios", "AI替代的机构工时",
            "Additional hours per week that studios' items would take without AI.", "week", "up", "P8", False, _D,
            of_ai=True),
    Outcome("regulator_spend", "hours' wage", "Grants", "财政补贴",
            "What the regulator pays to studios, creators and workers in training.", "week", "", "", False, _D),
    # P6: synthetic data
    Outcome("synthetic_training_share", "share", "Generated share of training data", "训练语料合成占比",
            "Generated and assisted exemplars, by AI's part, over all exemplars of the corpora.", "week", "up", "P6",
            True, _D, headline=True, of_ai=True),
    Outcome("licensed_training_share", "share", "Licensed share of training data", "训练语料授权占比",
            "Exemplars used by licence over all exemplars of the corpora.", "week", "", "P6", True, _D, of_ai=True),
    Outcome("data_licence_share", "share", "Data licences of studios", "机构数据授权收入占比",
            "Fees that studios are paid for data licences, over their 13-week mean of payouts.", "week", "up", "P6",
            True, _D, of_ai=True),
    Outcome("training_diversity", "1", "Diversity of training data", "训练语料多样性",
            "Mean distance of two exemplars of a corpus, over its value at the first training.",
            "week", "", "P6", True, _D, headline=True, of_ai=True),
    Outcome("vendor_variety", "share", "Variety between vendors' models", "供应商模型间差异",
            "Part of the variance of what models have learned of a genre that lies between vendors, by use; mean over "
            "genres.", "week", "", "P6", True, _D, of_ai=True),
    # P6: immersive media; platforms' strategy
    Outcome("immersive_time_share", "share", "Time in immersive media", "沉浸式媒体时间占比",
            "Seconds on immersive platforms over all on-screen seconds.", "week", "up", "P6", False, _D,
            headline=True),
    Outcome("immersive_unit_cost", "hours' wage/item", "Cost of an immersive item", "单条沉浸式内容成本",
            "Staff hours and model fee that an immersive item would take at studios now.", "week", "down", "P6",
            False, _D),
    Outcome("immersive_items_new", "items", "New immersive items", "沉浸式内容新增数",
            "Items made for immersive platforms and published in the week.", "week", "up", "P6", False, _D),
    Outcome("ai_native_time_share", "share", "Time on AI-native platforms", "AI原生平台时间占比",
            "Seconds on platforms for content made with AI over all on-screen seconds.", "week", "up", "P5", False, _D,
            of_ai=True),
    Outcome("n_platforms", "platforms", "Open platforms", "开放平台数", "Platforms that are open or about to open.",
            "end of week", "", "", False, _D),
    Outcome("feed_interest_share", "share", "Feeds by interest", "信息流兴趣推荐占比",
            "Weight of items in the genres that the viewer likes in platforms' feeds, mean over on-screen seconds.",
            "week", "", "", True, _D),
    # P7: shallow, false
    Outcome("depth_used", "depth", "Depth of use", "使用深度",
            "Mean over on-screen seconds of an item's depth times the share of its length that is used.",
            "week", "down", "P7", True, _D, headline=True, high=1.0),
    Outcome("depth_shown", "depth", "Depth of what is shown", "展示内容深度", "Mean depth over exposures.", "week", "",
            "P7", True, _D, high=1.0),
    Outcome("depth_offered", "depth", "Depth of what is offered", "供给内容深度",
            "Mean depth of a platform's listings, mean over on-screen seconds.", "week", "", "P7", True, _D, high=1.0),
    Outcome("depth_spread", "depth", "Spread of depth over people", "使用深度的人际离散度",
            "Standard deviation over consumers of depth habit, the recent mean of depth times the share used.", "week",
            "", "P7", False, _D),
    Outcome("deep_time_share", "share", "Items finished", "看完占比",
            "Seconds in uses that go to an item's end over on-screen seconds with items; higher for short items.",
            "week", "", "P7", True, _D),
    Outcome("dwell_mean", "seconds", "Seconds per use", "单次使用时长",
            "On-screen seconds with items over uses.", "week", "down", "P7", True, _D, headline=True),
    Outcome("habit_mean", "depth", "Habit of depth", "深度习惯均值",
            "Mean depth habit of consumers.", "week", "down", "P7", False, _D, low=None),
    Outcome("habit_gain", "1", "Gain of the habit loop", "习惯回路增益",
            "Four times the slope of deep use in habit at its mean; above 4 two regimes are possible.",
            "week", "", "P7", True, _D),
    Outcome("false_exposure_share", "share", "Inaccurate exposures", "不实内容曝光占比",
            "Exposures of inaccurate items over all exposures.", "week", "up", "P7", True, _D, headline=True),
    Outcome("falsehood_exposure_share", "share", "Exposures false by intent", "故意虚假曝光占比",
            "Exposures of items false by intent over all exposures.", "week", "up", "P7", True, _D),
    Outcome("error_exposure_share", "share", "Exposures wrong by mistake", "无意差错曝光占比",
            "Exposures of items wrong by mistake over all exposures.", "week", "", "P7", True, _D),
    Outcome("impersonation_exposure_share", "share", "Exposures of impostors", "冒充内容曝光占比",
            "Exposures of false items that pass for a followed human producer's over all exposures.", "week", "up",
            "P7", True, _D, of_ai=True),
    Outcome("reach_ratio_false", "1", "Reach of falsehood", "虚假内容传播比",
            "People who choose an item false by intent within four weeks over those who choose a true one, removed "
            "items included, compared within platforms of first publication and origins; null below 200 people.",
            "trailing 13 weeks", "up", "P7", True,
            "after Vosoughi, Roy & Aral 2018, Science 359:1146", headline=True),
    Outcome("human_reach_true", "people/item", "Reach of true human items", "人类真实内容触达人数",
            "Distinct users within four weeks of a true human or assisted item, removed items included.",
            "trailing 13 weeks", "", "P7", True, _D),
    Outcome("human_reach_false", "people/item", "Reach of false human items", "人类虚假内容触达人数",
            "The same for items false by intent.", "trailing 13 weeks", "", "P7", True, _D),
    Outcome("ai_reach_true", "people/item", "Reach of true generated items", "AI真实内容触达人数",
            "Distinct users within four weeks of a true generated item, removed items included.",
            "trailing 13 weeks", "", "P7", True, _D, of_ai=True),
    Outcome("ai_reach_false", "people/item", "Reach of false generated items", "AI虚假内容触达人数",
            "The same for items false by intent.", "trailing 13 weeks", "", "P7", True, _D, of_ai=True),
    Outcome("ai_falsehood_share", "share", "AI producers' false items", "AI内容造假比例",
            "Generated items false by intent over generated items.", "week", "up", "P7", True, _D, of_ai=True),
    Outcome("detected_share", "share", "AI items that carry the label", "AI内容被标识比例",
            "Generated items declared, or found by watermark or detector, over generated items listed in the week.",
            "week", "", "P7", True, _D, of_ai=True),
    Outcome("false_detection_share", "share", "Human items labelled as AI's", "人类内容被误标比例",
            "Human items that a detector had labelled as AI's over human items listed in the week.", "week", "", "P7",
            False, _D),
    Outcome("trust_mean", "share", "Trust in platforms", "平台信任",
            "Believed accuracy of platforms, mean over seconds spent there.", "week", "down", "P7", True, _D,
            headline=True),
    Outcome("trust_unweighted", "share", "Trust in installed platforms", "平台信任（未加权）",
            "Believed accuracy, mean over consumers and installed platforms.", "week", "down", "P7", False, _D),
    Outcome("feed_similarity", "share", "Look-alikes in use", "消费内容相似度",
            "Mean over genres of exp(-d²/2l²) over pairs of items used in the week, l fixed at release.",
            "week", "up", "P7", True, _D, headline=True),
    Outcome("screen_share", "share", "Time on screen", "屏幕时间占比",
            "Seconds with items or interactive AI over all available seconds.", "week", "", "P7", False, _D),
    # P8: work
    Outcome("employment", "share", "Employment", "就业率",
            "Workers in a job over all workers of the content trades.", "end of week", "down", "P8", False, _D,
            headline=True),
    Outcome("displacement_rate", "share", "Displacement", "岗位替代率",
            "People who in 52 weeks were laid off, or left a job in a cell with more people than jobs wanted, over "
            "employment at the start.", "trailing 52 weeks", "up", "P8", False, _D, headline=True, twin=True),
    Outcome("job_destruction", "share", "Jobs lost", "岗位流失率",
            "Jobs lost, filled or not, in all cells where fewer jobs are wanted than 52 weeks ago, over "
            "employment at the start.", "against 52 weeks ago", "up", "P8", False,
            "after Davis & Haltiwanger 1992, QJE 107:819", twin=True),
    Outcome("structural_surplus", "share", "Structural surplus of labour", "结构性劳动力过剩",
            "People out of work for half a year or longer, searching or retraining, in a trade with fewer than 0.05 "
            "reachable vacancies per competing searcher (half-year mean), over the labour force.", "end of week", "up",
            "P8", False, _D, headline=True, twin=True),
    Outcome("stranded", "share", "Stranded workers", "滞留劳动者占比",
            "The same with those who left such a trade, over the labour force and them.", "end of week", "up", "P8",
            False, _D, twin=True),
    Outcome("meta_editor_share", "share", "Meta-editors", "元编辑占就业比例",
            "Workers in jobs of meta-editors, who edit what machines make, over workers in jobs.", "end of week",
            "up", "P8", False, _D, headline=True, of_ai=True),
    Outcome("junior_senior_ratio", "1", "Juniors per senior", "初级与高级人员之比",
            "Workers in junior jobs over workers in senior jobs.", "end of week", "", "P8", True, _D, headline=True,
            twin=True),
    Outcome("reabsorbed_26", "share", "Back in work within half a year", "半年内再就业比例",
            "Share of people laid off in a year who had a job again within 26 weeks; null below 20 people.",
            "layoffs of 27 to 78 weeks before", "", "P8", True, _D),
    Outcome("reabsorbed_52", "share", "Back in work within a year", "一年内再就业比例",
            "The same within 52 weeks.", "layoffs of 53 to 104 weeks before", "", "P8", True, _D),
    Outcome("reabsorbed_same", "share", "Back in the same trade", "一年内回到原岗位类型的比例",
            "Share of people laid off in a year who had a job in their former cell again within 52 weeks.",
            "layoffs of 53 to 104 weeks before", "", "P8", True, _D),
    Outcome("reabsorbed_meta", "share", "Laid off and now meta-editors", "被裁后转为元编辑的比例",
            "Share of people laid off in a year who became meta-editors within 52 weeks.",
            "layoffs of 53 to 104 weeks before", "up", "P8", True, _D, of_ai=True),
    Outcome("unemployment", "share", "Out of work", "失业率",
            "People who search or retrain over the labour force.", "end of week", "up", "P8", False, _D),
    Outcome("vacancy_rate", "share", "Vacancies", "岗位空缺率",
            "Vacancies over vacancies and filled jobs.", "end of week", "", "P8", True, _D),
    Outcome("work_displaced", "1", "Work taken over", "被替代的工作量",
            "Change of jobs wanted since the start because AI took over tasks, over employment at the start.",
            "since the start", "down", "P8", False, "Acemoglu & Restrepo 2018, AER 108:1488", low=None, of_ai=True),
    Outcome("work_review", "1", "Work of review", "审核带来的工作量",
            "The same because use of AI is reviewed.", "since the start", "", "P8", False, _D, low=None, of_ai=True),
    Outcome("work_reinstated", "1", "New tasks of meta-editors", "新任务带来的工作量",
            "The same because of new tasks.", "since the start", "up", "P8", False,
            "Acemoglu & Restrepo 2018, AER 108:1488", low=None, of_ai=True),
    Outcome("work_output", "1", "Work from more output", "产出扩大带来的工作量",
            "The same because output rises as its cost falls.", "since the start", "", "P8", False,
            "Acemoglu & Restrepo 2018, AER 108:1488", low=None, of_ai=True),
    Outcome("work_wages", "1", "Work from wages", "工资变动带来的工作量",
            "The same because wages moved; the five parts sum to the change of jobs wanted.", "since the start", "",
            "P8", False, "Acemoglu & Restrepo 2018, AER 108:1488", low=None),
    Outcome("commission_price", "hours' wage", "Price of custom work", "委托创作价格",
            "Price of a fixed basket of human commissions, by novices and experienced sellers, per unit of need met; "
            "null without sellers of either.", "week", "down", "P8", True, _D, headline=True),
    Outcome("novice_share", "share", "Novices' share of commissions", "新手占委托创作比例",
            "Commissions done by freelancers who entered in the last 26 weeks over all human ones.", "week", "down",
            "P8", True, _D, headline=True),
    Outcome("incumbent_share", "share", "Incumbents' share of commissions", "发布前入行者占委托创作比例",
            "Commissions done by freelancers who entered before AI's release over all human ones; null before.",
            "week", "", "P8", True, _D),
    Outcome("commissions_human", "orders", "Human commissions", "人工委托创作数",
            "Commissions done by freelancers, by hand or with AI.", "week", "down", "P8", False, _D),
    Outcome("commission_hand_share", "share", "Commissions done by hand", "纯手工委托创作占比",
            "Commissions done by hand over all commissions, raw AI's included.", "week", "down", "P8", True, _D),
    Outcome("commission_assisted_share", "share", "Commissions done with AI", "AI辅助委托创作占比",
            "Commissions done by freelancers with AI over all commissions.", "week", "up", "P8", True, _D, of_ai=True),
    Outcome("commission_raw_share", "share", "Commissions done by raw AI", "纯AI委托创作占比",
            "Commissions that clients give to AI alone over all commissions.", "week", "up", "P8", True, _D,
            of_ai=True),
    Outcome("commission_spend", "hours' wage", "Clients' spending", "客户委托创作支出",
            "What clients pay for commissions to freelancers and vendors, their own time left out.", "week", "", "P8",
            False, _D),
    Outcome("n_freelancers", "people", "Freelancers at work", "在业自由职业者数", "Freelancers who offer work.",
            "week", "down", "P8", False, _D),
    # thesis: creativity
    Outcome("creativity_premium", "1", "Premium on novelty", "创新溢价",
            "Elasticity of four-week uses to novelty at the median human item of the year, net of fit to taste: "
            "Poisson regression, quadratic in log novelty, with fit, craft, appeal, depth, log followers, platform and "
            "genre.",
            "trailing 52 weeks", "up", "thesis", True,
            "Santos Silva & Tenreyro 2006, REStat 88:641", headline=True, twin=True, every=52, low=None),
    Outcome("originality_influence", "1", "Influence of original works", "原创作品的影响力",
            "How much nearer (log of distance) the works of others are, a year on, to a genre's most novel tenth of "
            "human works, less the same for human works of median novelty used as often; mean over genres.",
            "year", "", "thesis", True, _D, every=52, low=None),
    Outcome("lovelace_pass_rate", "share", "Generated items that break new ground", "AI内容通过洛夫莱斯检验比例",
            "Share of generated items above the 95th percentile of human novelty, both of the trailing year and before "
            "release, whose satisfaction reaches the human median (20 exposures or more).", "trailing 52 weeks",
            "down", "thesis", True, "after Bringsjord, Bello & Ferrucci 2001, Minds and Machines 11:3",
            headline=True, every=52, of_ai=True),
    Outcome("lovelace_human_rate", "share", "Human items that break new ground", "人类内容通过同一检验比例",
            "The same for human items.", "trailing 52 weeks", "", "thesis", True, _D, every=52),
    Outcome("frontier_growth", "1/year", "Growth of the frontier", "前沿增长",
            "Yearly change of the log Vendi score of the canons, mean over genres.", "year", "down", "thesis", True,
            "Friedman & Dieng 2023, TMLR", headline=True, every=52, low=None),
    Outcome("new_ground", "1", "New ground", "新疆域占比",
            "Share of the year's items farther from last year's than 90 % of last year's were from each other, minus "
            "0.10, mean over genres.", "year", "", "thesis", True, _D, headline=True, every=52, low=-0.1, high=0.9),
    Outcome("novelty_mean", "1", "Mean novelty of new items", "新内容平均新颖度",
            "Mean novelty of items published, in units of the median human item before release.", "week", "down",
            "thesis", True, _D),
    Outcome("novelty_human", "1", "Median novelty of human items", "人类新内容新颖度中位数",
            "Median novelty of the week's human and assisted items in a genre, mean over genres.", "week", "", "thesis",
            True, _D),
    Outcome("novelty_generated", "1", "Median novelty of generated items", "AI新内容新颖度中位数",
            "Median novelty of the week's generated items in a genre, mean over genres.", "week", "", "thesis", True,
            _D, of_ai=True),
    Outcome("pair_similarity", "share", "Look-alikes in supply", "供给内容相似度",
            "Mean over genres of exp(-d²/2l²) over pairs of new items, l fixed at release.",
            "week", "up", "thesis", True, _D),
    # checks
    Outcome("falsehood_gain", "1", "Known gain from falsehood", "造假的已知收益比",
            "Seconds that a false item earns if it is not removed over those of a true one, compared within origins, "
            "as AI producers observe it.", "running mean of 26 weeks", "", "", False,
            "Mantel & Haenszel 1959, JNCI 22:719"),
    Outcome("accounts_banned", "accounts", "AI producers' accounts banned", "AI账号封禁数",
            "Accounts of AI producers banned in the week for too many strikes.", "week", "", "", False, _D, of_ai=True),
    Outcome("creators_banned", "people", "Creators banned", "创作者封禁数",
            "Creators banned in the week for too many strikes, rightly or not.", "week", "", "", False, _D),
    Outcome("n_farms", "accounts", "AI producers", "AI生产者数", "AI producers that publish.", "end of week", "up", "",
            False, _D, of_ai=True),
    Outcome("n_creators", "people", "Active creators", "活跃创作者数", "Creators who have not quit.", "end of week", "",
            "", False, _D),
    Outcome("creator_gift", "utility", "Gift of those who create", "创作者天赋（按产量加权）",
            "Mean latent appeal that active creators were born with, weighted by their output at par; at release a "
            "control variate.", "end of week", "", "", True, _D, low=None),
    Outcome("creator_items_per_head", "items/week", "Creators' items per consumer", "人均创作者内容数",
            "Simulated items at par of active creators over consumers; at release a control variate.", "end of week",
            "", "", False, _D),
    Outcome("n_live", "items", "Live items", "在架内容数", "Items that can still be met.", "end of week", "", "", False,
            _D),
    Outcome("at_bound", "share", "A bound is touched", "触及模型界限",
            "Whether something that agents decide or learn was at a bound of the model in the week; the exhibit "
            "`bounds` names it.", "week", "", "", True, _D, every=4),
    Outcome("half_life", "days", "Half-life of a listing", "内容半衰期",
            "Days after opening by which a listing has had half of the uses that it has by four weeks of age, or by "
            "its end; median over listings of ten uses or more.", "listings that come of age in the week", "", "",
            True, "target C11"),
    Outcome("top_turnover", "share", "Turnover of the top 50", "前50名内容更替率",
            "Share of the week's 50 most used items that were not among those of the week before; null below 100 "
            "items used.", "week", "", "", True, _D),
    Outcome("hit_share", "share", "Hits", "爆款比例",
            "Listings that by four weeks of age, or by their end, have ten times the uses of the mean listing of their "
            "platform in the year before release, over all listings; null below 200.", "trailing 13 weeks", "", "",
            True, _D),
    Outcome("unknown_hit_share", "share", "Hits of the unknown", "无名创作者的爆款率",
            "The same over listings of creators who at publication had fewer than a tenth of the followers of the mean "
            "producer in the year before release.", "trailing 13 weeks", "", "", True, "target C12"),
    Outcome("starved_share", "share", "Items that never finished a test", "未完成测试的内容占比",
            "Listings whose first test is unfinished when they reach four weeks or close before, over all listings "
            "that do either.",
            "week", "up", "", True, _D),
    Outcome("creator_uses_top3", "share", "Uses of the top 3 % of creators", "前3%创作者使用占比",
            "Share of 13-week uses of active creators that the top 3 % hold.", "trailing 13 weeks", "", "", True,
            "target C2"),
    Outcome("creator_income_top1", "share", "Income of the top 1 % of creators", "前1%创作者收入占比",
            "Share of 13-week payouts that the top 1 % of creators with any income hold.", "trailing 13 weeks", "", "",
            True, "target C3"),
    Outcome("posts_top10", "share", "Posts of the top 10 % of users", "前10%用户发帖占比",
            "Share of four-week posts that the top 10 % of consumers hold.", "trailing 4 weeks", "", "", True,
            "target C4"),
    Outcome("silent_share", "share", "Users who did not post", "未发帖用户占比",
            "Consumers without a post in four weeks.", "trailing 4 weeks", "", "", False, "target C4"),
    Outcome("shallow_habit_correlation", "1", "Short items and habit", "短内容占比与深度习惯的相关",
            "Correlation over consumers of the share of shallow use with the depth habit at the start of four weeks.",
            "trailing 4 weeks", "", "", True, "target C10", every=4, low=-1.0, high=1.0),
    Outcome("platforms_per_consumer", "platforms", "Platforms per consumer", "人均平台数",
            "Mean number of installed platforms.", "end of week", "", "", False, "fact I17"),
)
OUTCOMES: dict[str, Outcome] = {row.name: row for row in _ROWS}
