"""The command `run --from`: what a manifest says, once more."""

from __future__ import annotations

import json
from pathlib import Path

from app.console import progress, say, tell
from app.run import announce, answer, carry_out, delivering
from sim.experiment.from_manifest import read_recorded
from sim.experiment.workplace import Experiment


def repeat(source: Path, out: Path | None, overwrite: bool, threads: int, as_json: bool, quiet: bool) -> None:
    """Repeat a run or an experiment from its manifest, and print the results."""
    from sim.simulation.simulate import check_counts

    check_counts(seed=0, threads=threads)
    recorded = read_recorded(source)
    if recorded.differs:
        say(f"metavalue: numbers may differ, since the program does: {recorded.differs}")
    tell(recorded.cases[0].notices)
    names, count = "-vs-".join(case.name for case in recorded.cases), len(recorded.replications)
    experiment = Experiment(
        cases=recorded.cases,
        seed=recorded.seed,
        replications=count,
        threads=threads,
        every=0,
        overwrite=overwrite,
        request=recorded.request,
    )
    if recorded.single:
        out = out or Path("outputs", f"{names}-{recorded.replications[0]}")
        _repeat_run(experiment, recorded.replications[0], out, as_json, quiet)
    else:
        out = out or Path("outputs", names)
        answer(carry_out(experiment, out, quiet), out, as_json)


def _repeat_run(experiment: Experiment, replication: int, out: Path, as_json: bool, quiet: bool) -> None:
    """Repeat a single run, which gets its files but no report."""
    from sim.simulation.simulate import simulate

    with delivering(experiment, out) as delivery:
        announce(quiet, experiment)
        with progress(quiet, "weeks") as advance:
            result = simulate(experiment.cases[0], experiment.seed, replication, experiment.threads, advance)
        delivery.take(result)
    keys = ("schema_version", "scenario", "seed", "replication", "run_id", "weeks", "wall_s")
    summary = {"name": out.name, "out": str(out), **{key: result.manifest[key] for key in keys}}
    print(json.dumps(summary, ensure_ascii=False) if as_json else f"Run {summary['run_id']}: {out}")
