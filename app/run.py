"""The command `run`: a scenario, perhaps against another one; results and a report. It can be interrupted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.arguments import part
from app.console import keeps, progress, say, tell, warn
from sim.base.errors import InputError
from sim.simulation.interrupts import uninterrupted

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison
    from sim.experiment.workplace import Experiment, Workplace
    from sim.simulation.results import RunResult

EXAMPLES = """
\b
Examples:
  A first look, in half a minute (the first time a minute): 2,000 people, two years of AI.
    metavalue run world=classroom time.weeks=156 --against no_ai
  What does generative AI change? From five pairs on, with bands.
    metavalue run baseline --against no_ai --replications 5
  What does a policy change? Only the first world has it.
    metavalue run baseline --with labelling --against baseline world=classroom
  What is there, what does it mean, and a report written anew.
    metavalue list scenarios
    metavalue describe no_ai
    metavalue report outputs/baseline-vs-no_ai
"""


Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="SCENARIO|OVERRIDE", help="A scenario; changes as key=value or group=name."),
]
Config = Annotated[Path | None, typer.Option(metavar="FILE", help="A YAML file of changes.")]
Against = Annotated[
    str | None, typer.Option(metavar="SCENARIO", help="Compare with this scenario; with the same one, by --with.")
]
With = Annotated[
    list[str] | None,
    typer.Option(
        "--with", metavar="NAME[:STRENGTH][@DATE]", help="Policies for the first arm only, with commas between."
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Key of all chance.")]
Replications = Annotated[int, typer.Option(metavar="N", help="Runs of each scenario.")]
Precision = Annotated[
    str | None,
    typer.Option(metavar="X", help="Run until half-widths are this small: 0.05 is 5 points or 5 %."),
]
AtMost = Annotated[
    int | None, typer.Option(metavar="N", help="Runs of each scenario, with --precision.", show_default="100")
]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where results go.", show_default="outputs/SCENARIO[-vs-AGAINST]")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier result.")]
Threads = Annotated[int, typer.Option(metavar="N", help="Threads of each run.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no progress.")]
CheckpointEvery = Annotated[
    int | None, typer.Option(metavar="N", help="Save the state of each run every N weeks.", show_default="never")
]
Resume = Annotated[Path | None, typer.Option(metavar="DIR", help="Go on with an interrupted run that saved its state.")]
From = Annotated[
    Path | None, typer.Option("--from", metavar="MANIFEST", help="Repeat a run, bit for bit, from its manifest.")
]


class InterruptionError(Exception):
    """A run was interrupted; the message says what was kept."""


class UnwrittenError(Exception):
    """Results or checkpoints could not be written."""


def run(
    context: typer.Context,
    words: Words = None,
    config: Config = None,
    against: Against = None,
    levers: With = None,
    seed: Seed = 0,
    replications: Replications = 1,
    precision: Precision = None,
    at_most: AtMost = None,
    out: Out = None,
    overwrite: Overwrite = False,
    threads: Threads = 1,
    as_json: AsJson = False,
    quiet: Quiet = False,
    checkpoint_every: CheckpointEvery = None,
    resume: Resume = None,
    source: From = None,
) -> None:
    """Run a scenario, perhaps against another one, and write a report."""
    if resume is not None:
        _refuse_beside(context, "--resume", ("overwrite", "as_json", "quiet"))
        out, comparison = resume, _go_on(resume, overwrite, quiet)
    elif source is not None:
        _refuse_beside(context, "--from", ("out", "overwrite", "threads", "as_json", "quiet"))
        from app.repeat import repeat

        return repeat(source, out, overwrite, threads, as_json, quiet)
    else:
        scenario, overrides = part(words or [])
        if against is not None and not against.strip():
            raise InputError("--against", "nothing", "a scenario's name")
        from sim.experiment.arms import compose_arms
        from sim.experiment.workplace import Experiment
        from sim.simulation.simulate import check_counts

        check_counts(seed=seed, threads=threads, replications=replications)
        width = None if precision is None else _number(precision)
        most = _most_replications(context, replications, width, at_most)
        if checkpoint_every is not None and checkpoint_every < 1:
            raise InputError("--checkpoint-every", checkpoint_every, "a whole number of weeks from 1")
        cases = compose_arms(scenario, against, overrides, config, levers=levers or ())
        tell(cases[0].notices)
        out = Path("outputs", "-vs-".join(case.name for case in cases)) if out is None else out
        request = _request(config)
        experiment = Experiment(
            cases=cases,
            seed=seed,
            replications=most,
            threads=threads,
            every=checkpoint_every or 0,
            overwrite=overwrite,
            precision=width,
            request=request,
        )
        comparison = carry_out(experiment, out, quiet)
    answer(comparison, out, as_json)


def _request(config: Path | None) -> dict[str, Any]:
    """Return what asked for the run, for the manifest: the command's words and the content of its changes file."""
    request: dict[str, Any] = {"command": ["metavalue", *sys.argv[1:]]}
    if config is not None:
        request["config"] = {"source": str(config), "text": config.read_text(encoding="utf-8-sig")}
    return request


def answer(comparison: Comparison, out: Path, as_json: bool) -> None:
    """Print a summary of a finished comparison, whose results are in `out`.

    If the output cannot be written (`keeps`) or is interrupted, the error says that the results are saved, and where.
    """
    from app.summary import print_summary, summary_of

    keeps(f"the results are in {out}")
    try:
        summary = summary_of(comparison, out)
        if as_json:
            print(json.dumps(summary, ensure_ascii=False, allow_nan=False))
        else:
            print_summary(summary)
            if "precision" in summary:
                from analysis.precision import verdict

                print(verdict(summary["precision"]))
    except KeyboardInterrupt:
        raise InterruptionError(f"interrupted; the results are in {out}") from None


def _number(precision: str) -> float:
    """Read a precision as a number."""
    from sim.settings.overrides import number_meant

    try:
        return float(precision)
    except ValueError:
        percent = number_meant(precision, None) if precision.rstrip().endswith(("%", "％")) else ""
        meant = float(percent) / 100 if percent else 0.05
        expected = f"{meant:g} for ±{100 * meant:g} points or ±{100 * meant:g} %"
        raise InputError("--precision", precision, expected) from None


def _most_replications(context: typer.Context, replications: int, precision: float | None, at_most: int | None) -> int:
    """Return the number of replications, or the most that `--precision` may take.

    Options that exclude each other are refused.
    """
    if precision is None:
        if at_most is not None:
            raise InputError("--at-most", at_most, "--precision beside it; --replications gives a number by itself")
        return replications
    from analysis.precision import AT_MOST, check_precision

    given = context.get_parameter_source("replications")
    if given is not None and given.name == "COMMANDLINE":
        raise InputError("--replications", replications, "--at-most beside --precision, which decides on their number")
    most = AT_MOST if at_most is None else at_most
    check_precision(precision, most)
    return most


def _refuse_beside(context: typer.Context, option: str, free: tuple[str, ...]) -> None:
    """Refuse options that an earlier run has already fixed, with `--resume` or `--from`."""
    ours = {found.name: found.opts[0] for found in context.command.params}
    for name, shown in ours.items():
        given = context.get_parameter_source(str(name))
        if shown != option and name not in free and given is not None and given.name == "COMMANDLINE":
            text = " ".join(context.params[str(name)]) if name == "words" else shown
            allowed = [ours[key] for key in ours if key in free]
            raise InputError(option, text, f"nothing beside it but {', '.join(allowed[:-1])} and {allowed[-1]}")


def _go_on(out: Path, overwrite: bool, quiet: bool) -> Comparison:
    """Finish an interrupted experiment; if it is finished, only read its results.

    `out` is where the results go; what a killed process left there is put in order first (`mend`). The experiment goes
    on from its workplace beside `out`. A workplace may stay behind when the results are complete, and is then removed.
    Results of another experiment stand in the way unless `overwrite`, now or when the experiment began, allows
    replacing them.
    """
    from sim.experiment.pairing import load_comparison
    from sim.experiment.workplace import FILE, place_of, read_workplace
    from sim.simulation.folders import mend

    mend(out)
    if not (place_of(out) / FILE).exists() and (out / "manifest.json").is_file():
        return load_comparison(out)
    place, experiment = read_workplace(out)
    if (out / "manifest.json").is_file():
        comparison = load_comparison(out)
        if _is_of(experiment, comparison.manifest):
            place.remove()
            return comparison
    experiment = replace(experiment, overwrite=overwrite or experiment.overwrite)
    return carry_out(experiment, out, quiet, place)


def _is_of(experiment: Experiment, manifest: dict[str, Any]) -> bool:
    """Whether a manifest belongs to the results of an experiment."""
    from sim.experiment.pairing import experiment_id

    n, told = manifest["replications"], manifest.get("precision")
    ran = (told["asked"], told["at_most"]) if told else (None, n)
    asked = experiment.precision, experiment.replications
    return ran == asked and manifest["run_id"] == experiment_id(experiment.cases, experiment.seed, n)


def carry_out(experiment: Experiment, out: Path, quiet: bool, place: Workplace | None = None) -> Comparison:
    """Run an experiment (from its workplace on, if it has one), and write results and report."""
    with delivering(experiment, out, place) as delivery:
        from analysis.report import write_report

        comparison = _simulate(experiment, quiet, delivery.place)
        comparison.manifest.update(experiment.request)
        delivery.take(comparison)
        write_report(comparison, delivery.folder / "report.html")
    return comparison


@dataclass
class Delivery:
    """Results on their way to their directory.

    Attributes
    ----------
    folder : filled with files, and then put in its place whole.
    place : where runs leave their states, if anywhere.
    end : holds what lasts until the results stand under their name.
    result : what was run, once it has run.
    """

    folder: Path
    place: Workplace | None
    end: ExitStack
    result: RunResult | Comparison | None = None

    def take(self, result: RunResult | Comparison) -> None:
        """Write the results to `folder`; from here on, interrupts wait until the folder stands under its final name."""
        self.end.enter_context(uninterrupted())
        self.result = result
        result.write(self.folder)


@contextmanager
def delivering(experiment: Experiment, out: Path, place: Workplace | None = None) -> Iterator[Delivery]:
    """Write the results of the block to their place, whole or not at all; print warnings before and after."""
    from sim.experiment.workplace import make_way, open_workplace
    from sim.simulation.caveats import caveats_of
    from sim.simulation.folders import staged

    written = False
    foretold = [caveat.text for caveat in caveats_of(experiment.cases)]
    try:
        with ExitStack() as end:
            with staged(out, overwrite=experiment.overwrite) as folder:
                if place is None and experiment.every:
                    place = open_workplace(out, experiment)
                elif place is None:
                    make_way(out, experiment.overwrite)
                warn(foretold)
                delivery = Delivery(folder, place, end)
                yield delivery
            written = True
            if place is not None:
                place.remove()
        assert delivery.result is not None
        warn(told for found in delivery.result.manifest["warnings"] if (told := found["text"]) not in foretold)
    except KeyboardInterrupt:
        left = f"`metavalue run --resume {out}` goes on" if place is not None else "nothing was written"
        raise InterruptionError(f"interrupted; {f'the results are in {out}' if written else left}") from None
    except OSError as error:
        left = f"; mend it, then `metavalue run --resume {out}` goes on" if place is not None else ""
        raise _unwritten(out, error, left) from error


def _unwritten(out: Path, error: OSError, left: str = "") -> UnwrittenError:
    """Return the error about results that could not be written."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return UnwrittenError(f"nothing was written to {out}: {reason}{left}")


def _simulate(experiment: Experiment, quiet: bool, place: Workplace | None) -> Comparison:
    """Run all arms for the number of replications, or until outcomes are known as closely as was asked."""
    from sim.experiment.pairing import at_once, run_arms

    told = announce(quiet, experiment)

    def run(replications: int, before: Comparison | None = None) -> Comparison:
        with progress(quiet, "weeks") as advance:
            return run_arms(
                experiment.cases,
                experiment.seed,
                replications,
                threads=experiment.threads,
                progress=advance,
                place=place,
                before=before,
            )

    if experiment.precision is None:
        return run(experiment.replications)
    from analysis.precision import run_to_precision

    width = at_once(experiment.threads)
    return run_to_precision(run, experiment.precision, experiment.replications, tell=told, at_once=width)


def announce(quiet: bool, experiment: Experiment) -> Callable[[str], None]:
    """Print what runs; return what prints further lines."""
    if quiet:
        return lambda line: None
    from sim.base.cache import is_cold

    cases, n = experiment.cases, experiment.replications
    people = cases[0].scenario.settings.world.consumers
    arms = " and ".join(case.name for case in cases)
    times = f", {n} times" if n > 1 and experiment.precision is None else ""
    say(f"Running {arms}{times}, with {people:,} people")
    if is_cold():
        say("Compiling kernels (once) …")
    return say
