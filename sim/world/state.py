"""The whole state of a run as named arrays: what a checkpoint writes and reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sim.model import ContentEcosystem

Arrays = dict[str, npt.NDArray[Any]]


def collect(model: ContentEcosystem) -> Arrays:
    """Copy the state of a model between two weeks; keys are `part/name`."""
    state: Arrays = {}
    for part, holder in model.parts().items():
        state |= {f"{part}/{name}": array for name, array in holder.arrays().items()}
    for name in model.LOOSE:
        state[f"loose/{name}"] = np.array(getattr(model, name))
    return state


def restore(model: ContentEcosystem, state: Mapping[str, npt.NDArray[Any]]) -> None:
    """Put a collected state into a model made from the same scenario and seed; it goes on bit for bit.

    Raises
    ------
    ValueError : the state is of another model (a part is missing).
    """
    for part, holder in model.parts().items():
        mine = {name.removeprefix(part + "/"): array for name, array in state.items() if name.startswith(part + "/")}
        if not mine:
            raise ValueError(f"the state lacks {part!r}")
        holder.restore(mine)
    for name in model.LOOSE:
        value = np.array(state[f"loose/{name}"])
        setattr(model, name, value if value.ndim else value.item())
