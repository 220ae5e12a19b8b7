"""Work in the content trades: jobs in firms, and custom work on commission."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import ASSUMPTION as A
from sim.settings.parameter import param

STEPS = "del Rio-Chanona et al. 2021, J R Soc Interface 18:20200898, a step of theirs taken as 6.75 weeks"


@dataclass(frozen=True)
class Labour:
    """Work in the content trades."""

    jobs: float = param(
        0.99, "jobs/worker", 0.5, 1.0, "",
        label="Jobs per worker", label_zh="人均岗位数",
        description="Jobs that firms want to fill at the start, per worker; more than one could never all be filled.",
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
        description=(
            "Juniors' part of creation hours; with the automatable part of each stage it decides whether juniors gain"
            " or lose."
        ),
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
        description=(
            "Weekly hazard that a worker leaves a job without being laid off; higher for juniors, lower for seniors."
        ),
        source=STEPS,
    )
    layoff: float = param(
        0.025, "1/week", 0.0, 0.2, "",
        label="Layoffs", label_zh="裁员率",
        description="Share of staff beyond the jobs wanted that is laid off in a week.",
        source=STEPS,
    )
    opening: float = param(
        0.12, "1/week", 0.04, 0.3, "",
        label="Openings", label_zh="招聘速度",
        description=(
            "Share of wanted jobs neither filled nor advertised that is advertised in a week, besides replacements."
        ),
        source=STEPS,
    )
    apply: float = param(
        0.15, "1/week", 0.01, 1.0, "",
        label="Applications", label_zh="求职申请率",
        description="Weekly probability that a job seeker applies for a job.",
        source=A,
    )
    reach: float = param(
        0.3, "1", 0.05, 1.0, "",
        label="Reach of vacancies", label_zh="可转行距离",
        description="Largest distance, in tasks and modality, of the occupation from which a new vacancy takes people.",
        source=A,
    )
    promotion_weeks: float = param(
        180.0, "weeks", 26.0, 1040.0, "",
        label="Promotion", label_zh="晋升周期",
        description="Weeks after which a junior is ready, on average, for a senior job.",
        source=A,
    )
    meta_weeks: float = param(
        8.0, "weeks", 1.0, 52.0, "",
        label="Opening of new tasks", label_zh="新任务开放周期",
        description="Weeks over which jobs of meta-editors are opened.",
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
        description="Weekly rise of log wages per vacancy per job seeker above the level before release.",
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
        description=(
            "Weekly hazard of starting to retrain after a quarter out of work in a trade with hardly any reachable"
            " vacancy."
        ),
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
        description="Weekly hazard that those who left look for work again; it does not depend on vacancies.",
        source=A,
    )


@dataclass(frozen=True)
class Commissions:
    """The market for custom work: clients, freelancers, raw AI."""

    elasticity: float = param(
        1.0, "1", 0.3, 1.8, "uniform",
        label="Price elasticity of commissions", label_zh="委托创作需求价格弹性",
        description=(
            "Tail exponent of clients' reservation prices, which is the price elasticity of demand for perfect work."
        ),
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
        description="Weekly hazard that a freelancer leaves where income equals that elsewhere; newcomers follow.",
        source=A,
    )
    marketplace_fee: float = param(
        0.1, "1", 0.0, 0.5, "",
        label="Marketplace fee", label_zh="撮合平台佣金率",
        description="Part of a freelancer's price that the marketplace keeps.", source=A,
    )
