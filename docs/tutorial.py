"""Make the tutorial's pictures: run its sweep (or go on with it), ask it, and draw the answers.

`make docs` calls this. What has been run already is not run again, as long as the model's source is the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from analysis.png import write_png
from analysis.sweep import analyse
from sim.experiment.engines import Local
from sim.experiment.runner import Limits, run_sweep
from sim.experiment.store import Store
from sim.experiment.sweep_file import read_plan

HERE = Path(__file__).resolve().parent
SWEEP = "policy_mix"
PICTURES = HERE / "tutorial"


def main(place: Path = HERE.parent / "outputs" / "sweeps" / SWEEP) -> None:
    """Run the sweep and write the pictures."""
    store = Store.create(place, read_plan(SWEEP))
    engine = Local(os.cpu_count() or 1)
    try:
        run_sweep(store, engine, limits=Limits(8192.0, 3600.0), progress=_counter())
    finally:
        engine.close()
    answers = analyse(store.runs(), store.read(), store.plan)
    pictures = {
        "difference": answers.differences["ai_attention_share"],
        "sensitivity": answers.sensitivity["ai_attention_share"],
        "condition": answers.discovery["equal_producer"],
        "regret": answers.regret["trust_mean"],
    }
    PICTURES.mkdir(exist_ok=True)
    for name, answer in pictures.items():
        path = write_png(answer.figure("en"), PICTURES / f"{name}.png")
        print(f"{path.relative_to(HERE.parent)}: {answer.say('en')}")


def _counter() -> Callable[[Mapping[str, Any]], None]:
    printed = 0

    def show(state: Mapping[str, Any]) -> None:
        nonlocal printed
        ended = state["done"] + state["failed"]
        if 10 * ended // max(state["planned"], 1) > printed:
            printed = 10 * ended // state["planned"]
            print(f"{ended} of {state['planned']} runs", file=sys.stderr)

    return show


if __name__ == "__main__":
    main()
