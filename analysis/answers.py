"""What every answer to a sweep is: a tidy frame, a figure in either language, and whether the runs suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analysis.text import Words


@dataclass(frozen=True, eq=False)
class Answer:
    """One method's answer.

    Attributes
    ----------
    frame : tidy, one row a number; its columns are documented where it is made.
    enough : whether the runs are enough to tell.
    note : key of the sentence that says so, below `sweep.notes`, and why where they are not.
    values : what the sentence is filled with.
    draw : the figure from the frame, in the language of the words.
    """

    frame: pd.DataFrame
    enough: bool
    note: str
    draw: Callable[[pd.DataFrame, Words], go.Figure] = field(repr=False)
    values: Mapping[str, object] = field(default_factory=dict)

    def say(self, language: str = "en") -> str:
        """Whether the runs are enough, in one or two sentences."""
        from analysis.text import Words

        return Words(language)(f"sweep.notes.{self.note}", **self.values)

    def figure(self, language: str = "en") -> go.Figure:
        """The figure."""
        from analysis.text import Words

        return self.draw(self.frame, Words(language))
