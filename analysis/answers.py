"""What every answer to a sweep is: a tidy frame, a figure in either language, and whether the runs suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analysis.text import Words


@dataclass(frozen=True)
class Gaps:
    """Where an outcome has no value though its runs are done.

    Attributes
    ----------
    missing, of : points that have none, and all that are done.
    never : levels of factors, as `path=value`, at which no point has one.
    explained : whether these are all that have none.
    crossed : whether points are combinations of futures with settings of levers.
    """

    missing: int = 0
    of: int = 0
    never: tuple[str, ...] = ()
    explained: bool = False
    crossed: bool = False

    def tell(self, words: Words) -> str:
        """Say how many points have no value, and which; an empty text where all have one."""
        if not self.missing:
            return ""
        levels = {"levels": words.listing(list(self.never)), "missing": self.missing, "of": self.of}
        which = words(f"sweep.gaps.{'all' if self.explained else 'among'}", **levels) if self.never else ""
        kind = "combinations" if self.crossed else "futures"
        return words(f"sweep.gaps.{kind}", which=which, left=self.of - self.missing, **levels)


@dataclass(frozen=True, eq=False)
class Answer:
    """One method's answer.

    Attributes
    ----------
    frame : tidy, one row a number; its columns are documented where it is made.
    enough : whether the runs are enough to tell.
    note : key of the sentence that says so, below `sweep.notes`, and why where they are not.
    values : what the sentence is filled with.
    gaps : where there is no value to tell from.
    draw : the figure from the frame, in the language of the words.
    """

    frame: pd.DataFrame
    enough: bool
    note: str
    draw: Callable[[pd.DataFrame, Words], go.Figure] = field(repr=False)
    values: Mapping[str, object] = field(default_factory=dict)
    gaps: Gaps = Gaps()

    def tell(self, words: Words) -> str:
        """Say in a few sentences whether the runs are enough, and for which points there is no value."""
        told = [words(f"sweep.notes.{self.note}", **self.values), self.gaps.tell(words)]
        return (" " if words.language == "en" else "").join(text for text in told if text)

    def say(self, language: str = "en") -> str:
        """Say the same as `tell`, in English ("en") or Chinese ("zh")."""
        from analysis.text import Words

        return self.tell(Words(language))

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the answer's figure, with texts in English ("en") or Chinese ("zh")."""
        from analysis.text import Words

        return self.draw(self.frame, Words(language))
