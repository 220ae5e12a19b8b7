"""Bounds at which the model stops following its own laws; a run that touched one says so in an outcome and on its page.

Bounds that only keep numbers finite, or that no run can come near, are not here; `docs/model.md` lists both kinds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """A bound of something that agents decide or learn.

    Attributes
    ----------
    text, text_zh : what is at its bound, as a caveat says it.
    least : part of those who could be at the bound, above which the week counts as touching it.
    """

    text: str
    text_zh: str
    least: float = 0.0


FEW = 0.05  # part of many agents whose bounds decide little: assumption

BOUNDS = {
    "gain": Bound("what AI is seen to bring creators is at a bound", "创作者所见的AI收益达到界限"),
    "staff": Bound("studios' staff is at a bound", "机构的人员规模达到界限", FEW),
    "payouts": Bound("a platform's payout is at a bound", "有平台的分成比例达到界限"),
    "feeds": Bound("a platform's feed is as far from its settings as experiments may take it",
                   "有平台的信息流偏离设定已达实验允许的上限"),
    "wages": Bound("a wage is at a bound", "有工资达到界限"),
    "vendors": Bound("there is no place for another vendor of models", "AI供应商的席位已满"),
    "trust": Bound("people's trust in platforms is at a bound", "人们对平台的信任达到界限", FEW),
    "supply": Bound("supply is held back by what a run's memory holds", "供给受运行内存上限限制"),
}  # fmt: skip
