"""The size of the simulated society, its calendar, and a user's own data."""

# Tables: a row takes a line or two, not one for each of its parts.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from sim.settings.parameter import choice, param


@dataclass(frozen=True)
class WorldSize:
    """How big the simulated society is."""

    consumers: int = param(
        20_000, "people", 10, 10_000_000, "",
        label="Consumers", label_zh="消费者人数",
        description="People who watch, read and share.", source="world size: structural choice",
    )
    creators: int = param(
        4_600, "people", 2, 3_000_000, "",
        label="Creators (UGC)", label_zh="创作者人数（UGC）",
        description=(
            "Places for consumers who also publish; a place is empty from when its creator quits until another"
            " consumer takes it."
        ),
        source=(
            "presets: as many as precision asks for, held by 10 to 21 % of people: 4 % (Linktree) to 23 % (Adobe) (I40,"
            " second-hand)"
        ),
    )
    studios: int = param(
        120, "firms", 1, 100_000, "",
        label="Studios (PGC)", label_zh="专业机构数（PGC）",
        description="Professional producers with staff and lead times.",
        source="presets 0.006 a consumer and more: structural choice",
    )
    workers: int = param(
        10_000, "people", 10, 1_000_000, "",
        label="Workers", label_zh="劳动者人数",
        description="People who work in the content trades, employed or not; their number is precision alone.",
        source="structural choice",
    )
    occupations: int = param(
        8, "1", 1, 12, "",
        label="Occupations", label_zh="职业数",
        description="Occupations of the workers, each with juniors, seniors and meta-editors.",
        source="world size: structural choice",
    )
    freelancers: int = param(
        1_000, "people", 2, 1_000_000, "",
        label="Freelancers", label_zh="自由职业者人数",
        description="People who sell custom work to clients at the start.",
        source="0.05 a consumer: structural choice",
    )
    genres: int = param(
        8, "1", 1, 16, "",
        label="Genres", label_zh="内容类型数",
        description="Kinds of content, each with a concept space and a canon of its own.",
        source="world size: structural choice",
    )
    sessions_per_day: float = param(
        1.0, "sessions/day", 0.14, 1.0, "",
        label="Simulated sessions per day", label_zh="每日模拟会话数",
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
        label="New items per week", label_zh="每周新内容数",
        description=(
            "Simulated human items published per week at the start; a creator's stands for `world.items_per_row`, a"
            " studio's for itself."
        ),
        source="presets: with `world.items_per_row` 0.15 per person and week (I40, in part second-hand)",
    )
    items_per_row: float = param(
        1.0, "1", 0.05, 12.0, "",
        label="Items that one stands for", label_zh="每条模拟内容代表的条数",
        description=(
            "Items that a simulated item of a creator or AI producer stands for, per person that a consumer stands for."
            " Each costs its maker what an item costs; an account stands for as many."
        ),
        source=(
            "presets: 0.15 items per person and week on YouTube, Instagram and WordPress.com over those simulated"
            " (I40, in part second-hand)"
        ),
    )
    memory: str = choice(
        "mean", ("mean", "items"),
        label="Memory of the viewer", label_zh="观众记忆方式",
        description=(
            "What novelty to the viewer is measured against: a running mean of the items used, or the last items used."
        ),
    )
    canon: int = param(
        512, "items", 16, 4_096, "",
        label="Canon", label_zh="经典库容量",
        description="Works that a genre remembers; its training corpus holds four times as many exemplars.",
        source="structural choice",
    )
    follows: int = param(
        16, "producers", 1, 64, "",
        label="Most producers followed", label_zh="关注人数上限",
        description=(
            "Producers that a consumer can follow at the same time; beyond that, each new one replaces another."
        ),
        source="structural choice",
    )
    draws: str = choice(
        "stratified", ("stratified", "independent"),
        label="Draws of human producers", label_zh="人类生产者的抽取方式",
        description=(
            "Whether creators' output, gift, genre, persistence and other traits, and studios' size and traits, are"
            " spread evenly over their laws or drawn independently. Laws and means are the same; replications differ"
            " less where they are spread."
        ),
    )
    columns: str = choice(
        "full", ("full", "compact"),
        label="Precision of consumers' columns", label_zh="消费者数据精度",
        description=(
            "Numbers of consumers in single precision, or in 8 and 16 bits, rounded at random, so that more people fit"
            " into memory."
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
        label="Ticks per day", label_zh="每日时步数",
        description="How often attention and spread run in a day; each tick ends with the promotions in traffic pools.",
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
