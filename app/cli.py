"""The command line; sweeps have a file of their own. Heavy libraries are imported by the command that needs them."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import sweep
from app.console import Advance, progress
from sim.errors import InputError, nearest_name

if TYPE_CHECKING:
    from sim.experiment.pairing import Comparison
    from sim.experiment.resume import Experiment, Workplace
    from sim.simulate import Case

USAGE: Any = typer.BadParameter.__mro__[1]  # click's UsageError, which some versions of Typer keep to themselves
DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130
WIDE = 1000  # columns of a list that goes to a file or another program, so that no line is broken
KINDS = ("scenarios", "worlds", "platforms", "policies", "sweeps", "parameters", "outcomes")
GROUPS = {"scenarios": "scenario", "worlds": "world", "platforms": "platforms", "policies": "policy",
          "sweeps": "sweep"}  # fmt: skip
EXAMPLES = """
\b
Examples:
  metavalue run world=tiny                     a first look, in seconds
  metavalue run baseline --against no_ai       what does generative AI change?
  metavalue run world=classroom policy=[labelling]
  metavalue list scenarios
  metavalue describe no_ai
  metavalue report outputs/baseline
"""

app = typer.Typer(
    name="metavalue",
    help="What does generative AI do to a content ecosystem? A simulation that compares it with its twin without AI.",
    epilog=EXAMPLES,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(sweep.app, name="sweep")


class InterruptionError(Exception):
    """An interrupted run that has saved its state."""


def main() -> None:
    """Run a command; turn every failure into one line and an exit code."""
    gc.set_threshold(500_000)  # importing alone makes 400,000 objects that stay: looking through them took 0.4 s
    code, message, error = DONE, "", None
    try:
        code = app(sys.argv[1:] or ["--help"], prog_name="metavalue", standalone_mode=False) or DONE
    except InputError as wrong:
        code, message, error = WRONG, str(wrong), wrong
    except USAGE as usage:
        code, message, error = WRONG, usage.format_message(), _usage_error(usage)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except InterruptionError as stop:
        code, message = INTERRUPTED, str(stop)
    except Exception as failure:
        if os.environ.get("METAVALUE_DEBUG"):
            raise
        code = FAILED
        if type(failure).__name__ == "StoreError":
            message = str(failure)
        else:
            message = f"the run failed: {type(failure).__name__}: {failure} (METAVALUE_DEBUG=1 shows where)"
    if code == INTERRUPTED and not message:
        message = "interrupted; nothing was written"
        if sys.argv[1:2] == ["sweep"]:
            message = "interrupted; finished runs are kept: metavalue sweep resume goes on"
    if message:
        print(f"metavalue: {' '.join(message.split())}", file=sys.stderr)
    if error is not None and "--json" in sys.argv:
        fields = {"key": error.key, "value": error.value, "expected": error.expected, "nearest": error.nearest}
        print(json.dumps({"error": fields}, ensure_ascii=False, default=str))
    if code == DONE:
        gc.freeze()  # on leaving, Python would look through all objects once more: half a second
    sys.exit(code)


def _usage_error(usage: Any) -> InputError:
    """Say in the same terms what is wrong with an option or argument."""
    names = getattr(getattr(usage, "param", None), "opts", None) or [getattr(usage, "option_name", None) or "usage"]
    nearest = getattr(usage, "possibilities", None) or [""]
    return InputError(names[0], usage.format_message(), "options as `metavalue --help` lists them", nearest[0])


@app.command(epilog=EXAMPLES)
def run(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCENARIO|OVERRIDE", help="A scenario; changes as key=value or group=name."),
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="A YAML file of changes.")] = None,
    against: Annotated[str | None, typer.Option(metavar="SCENARIO", help="Compare with this scenario.")] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Key of all chance.")] = 0,
    replications: Annotated[int, typer.Option(metavar="N", help="Runs of each scenario.")] = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where results go.", show_default="outputs/SCENARIO[-vs-AGAINST]")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier result.")] = False,
    threads: Annotated[int, typer.Option(metavar="N", help="Threads of each run.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print no progress.")] = False,
    checkpoint_every: Annotated[
        int | None, typer.Option(metavar="N", help="Save the state of each run every N weeks.", show_default="never")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Go on with an interrupted run that saved its state.")
    ] = None,
) -> None:
    """Run a scenario, perhaps against another one, and write a report."""
    if resume is not None:
        _refuse_beside_resume(context)
        out, comparison = resume, _go_on(resume, overwrite, quiet)
    else:
        scenario, overrides = _words(words or [])
        from sim.experiment.pairing import compose_arms
        from sim.experiment.resume import Experiment
        from sim.simulate import check_counts

        check_counts(seed=seed, threads=threads, replications=replications)
        if checkpoint_every is not None and checkpoint_every < 1:
            raise InputError("--checkpoint-every", checkpoint_every, "a whole number of weeks from 1")
        cases = compose_arms(scenario, against, overrides, config)
        out = Path("outputs", "-vs-".join(case.scenario.name for case in cases)) if out is None else out
        experiment = Experiment(cases, seed, replications, threads, checkpoint_every or 0, overwrite)
        comparison = _carry_out(experiment, out, quiet)
    from app.summary import print_summary, summary_of

    try:
        summary = summary_of(comparison, out)
        if as_json:
            print(json.dumps(summary, ensure_ascii=False, allow_nan=False))
        else:
            print_summary(summary)
    except KeyboardInterrupt:
        raise InterruptionError(f"interrupted; the results are in {out}") from None


def _refuse_beside_resume(context: typer.Context) -> None:
    """Refuse what an interrupted run has fixed already."""
    free = {"resume", "overwrite", "as_json", "quiet"}
    for option in context.command.params:
        given = context.get_parameter_source(str(option.name))
        if option.name not in free and given is not None and given.name == "COMMANDLINE":
            shown = " ".join(context.params[str(option.name)]) if option.name == "words" else option.opts[0]
            raise InputError("--resume", shown, "nothing beside it but --overwrite, --json and --quiet")


def _go_on(out: Path, overwrite: bool, quiet: bool) -> Comparison:
    """Finish an interrupted experiment; one that is finished is only read."""
    from sim.experiment.pairing import experiment_id, load_comparison
    from sim.experiment.resume import place_of, read_workplace

    if not place_of(out).exists() and (out / "manifest.json").is_file():
        return load_comparison(out)
    place, experiment = read_workplace(out)
    if (out / "manifest.json").is_file():
        comparison = load_comparison(out)
        cases, seed, replications = experiment.cases, experiment.seed, experiment.replications
        if comparison.manifest["run_id"] == experiment_id(cases, seed, replications):
            place.remove()
            return comparison
    experiment = replace(experiment, overwrite=overwrite or experiment.overwrite)
    return _carry_out(experiment, out, quiet, place)


def _carry_out(experiment: Experiment, out: Path, quiet: bool, place: Workplace | None = None) -> Comparison:
    """Run an experiment, from its workplace on where it has one, and write results and report."""
    from sim.experiment.pairing import run_arms
    from sim.experiment.resume import held, make_way, open_workplace
    from sim.interrupts import uninterrupted
    from sim.results import staged

    written = False
    try:
        with ExitStack() as end:
            with staged(out, overwrite=experiment.overwrite) as folder:
                from analysis.report import write_report

                if place is None and experiment.every:
                    place = open_workplace(out, experiment)
                elif place is None:
                    make_way(out, experiment.overwrite)
                cases, replications = experiment.cases, experiment.replications
                with nullcontext() if place is None else held(place), _progress(quiet, cases, replications) as advance:
                    comparison = run_arms(
                        cases, experiment.seed, replications, threads=experiment.threads, progress=advance, place=place
                    )
                end.enter_context(uninterrupted())  # until the results stand under their name
                comparison.write(folder)
                write_report(comparison, folder / "report.html")
            written = True
            if place is not None:
                place.remove()
    except KeyboardInterrupt:
        left = f"`metavalue run --resume {out}` goes on" if place is not None else "nothing was written"
        raise InterruptionError(f"interrupted; {f'the results are in {out}' if written else left}") from None
    return comparison


def _words(words: list[str]) -> tuple[str, list[str]]:
    """Part the scenario (the first word without `=`) from overrides."""
    overrides = [word for word in words if "=" in word or word.startswith(("+", "~"))]
    scenarios = [word for word in words if word not in overrides]
    if len(scenarios) > 1:
        raise InputError("override", scenarios[1], "key=value (the scenario is already " + scenarios[0] + ")")
    return (scenarios[0] if scenarios else ""), overrides


def _progress(quiet: bool, cases: list[Case], replications: int) -> AbstractContextManager[Advance]:
    """Say what runs, and choose how progress is shown."""
    if quiet:
        return progress(True, "weeks")
    from rich.console import Console

    from sim import kernels

    console = Console(stderr=True)
    people = cases[0].scenario.settings.world.consumers
    arms = " and ".join(case.scenario.name for case in cases)
    times = f", {replications} times" if replications > 1 else ""
    console.print(f"Running {arms}{times}, with {people:,} people", highlight=False)
    if kernels.is_cold():
        console.print("Compiling kernels (once) …", highlight=False)
    return progress(False, "weeks", console)


@app.command("list")
def list_(
    kind: Annotated[str, typer.Argument(metavar="|".join(KINDS), help="What to list.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List scenarios, worlds, platforms, policies, sweeps, parameters or outcomes."""
    from sim import scenario

    if kind not in KINDS:
        raise InputError("list", kind, f"one of {', '.join(KINDS)}", nearest_name(kind, KINDS))
    sources: dict[str, Callable[[], list[Any]]] = {"parameters": scenario.parameters, "outcomes": scenario.outcomes}
    rows = sources[kind]() if kind in sources else scenario.catalogue(GROUPS[kind])
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, allow_nan=False))
        return
    _print_table(kind, rows)


def _print_table(kind: str, rows: list[dict[str, Any]]) -> None:
    """Print entries of one kind, one a line."""
    from rich.console import Console
    from rich.table import Table

    heads = {"parameters": ("path", "default", "unit"), "outcomes": ("name", "unit", "prediction")}
    columns = (*heads.get(kind, ("name",)), "label", "label_zh", *(() if kind in heads else ("description",)))
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == columns[0])  # a name is copied whole
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table, highlight=False)


@app.command()
def describe(
    name: Annotated[str, typer.Argument(help="A scenario, world, platform, policy, outcome or parameter, or a group.")],
) -> None:
    """Explain a scenario, world, platform, policy, outcome or parameter; list a group of parameters."""
    from sim import scenario

    known: list[str] = []
    found = 0
    for kind in KINDS:
        if kind in GROUPS:
            listed = {row["name"]: row for row in scenario.catalogue(GROUPS[kind])}
        else:
            listed = {row.get("path", row.get("name")): row for row in getattr(scenario, kind)()}
        known += listed
        key = scenario.starred(name) if kind == "parameters" else name
        if key in listed:
            found += 1
            settings = scenario.settings_of(GROUPS[kind], name) if kind in GROUPS else ()
            _print_entry(kind, listed[key], dict(settings))
    group = [row for row in scenario.parameters() if row["path"].startswith(f"{name}.")]
    if group and not found:
        _print_table("parameters", group)
    elif not found:
        raise InputError("describe", name, "a name that `metavalue list` shows", nearest_name(name, known))


def _print_entry(kind: str, texts: dict[str, Any], settings: dict[str, Any]) -> None:
    """Print what is known of one entry, and what its file sets."""
    print(kind)
    for key, text in texts.items():
        if text not in ("", None, []):
            print(f"  {key}: {', '.join(text) if isinstance(text, list) else text}")
    for path, value in settings.items():
        print(f"  {path} = {value}")


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A directory that `metavalue run` wrote.")],
) -> None:
    """Write the report of an earlier run anew."""
    from sim.experiment.pairing import load_comparison

    comparison = load_comparison(folder)
    from analysis.report import write_report

    _write_page(folder, lambda draft: write_report(comparison, draft))


@app.command()
def analyse(
    sweep: Annotated[str, typer.Argument(metavar="NAME|DIR", help="A sweep in outputs/sweeps, or its directory.")],
    aim: Annotated[
        list[str] | None, typer.Option(metavar="OUTCOME", help="What levers should be good for; may be repeated.")
    ] = None,
    workbench: Annotated[
        bool, typer.Option("--workbench", help="Discover scenarios by the EMA Workbench (extra `uncertainty`).")
    ] = False,
) -> None:
    """Answer a sweep's question: differences, sensitivity, conditions, regret; write them as a page."""
    from sim.experiment.store import open_store

    folder = Path(sweep) if Path(sweep).is_dir() else Path("outputs", "sweeps", sweep)
    if not folder.is_dir():
        known = [path.name for path in Path("outputs", "sweeps").glob("*") if path.is_dir()]
        raise InputError("analyse", sweep, "a sweep in outputs/sweeps, or its directory", nearest_name(sweep, known))
    store = open_store(folder)
    runs = store.runs()
    if not (runs["status"] == "done").any():
        raise InputError("analyse", sweep, "a sweep of which some runs are done")
    from analysis.discovery import peel, workbench_peel, workbench_prim
    from analysis.sweep import analyse as answer
    from analysis.sweep_report import write_sweep_report

    if workbench:
        workbench_prim()
    path = workbench_peel if workbench else peel
    answers = answer(runs, store.read(), store.plan, aims=aim or (), path=path)
    _write_page(folder, lambda draft: write_sweep_report(answers, draft))


def _write_page(folder: Path, write: Callable[[Path], object]) -> None:
    """Write a directory's report, whole or not at all, and say where it lies."""
    draft = folder / ".report.html.partial"
    try:
        write(draft)
        draft.replace(folder / "report.html")
    except OSError as error:
        raise InputError(str(folder), error.strerror or str(error), "a directory that can be written") from None
    finally:
        draft.unlink(missing_ok=True)
    print(folder / "report.html")


if __name__ == "__main__":
    main()
