"""`metavalue sweep …`: plan, run, follow, resume and merge sweeps."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analysis.durations import duration
from app.arguments import refuse_blanks
from app.console import tell, warn
from app.run import InterruptionError
from sim.base.errors import InputError, escaped, nearest_name, shortened

if TYPE_CHECKING:
    from sim.experiment.plan import Plan
    from sim.experiment.store import Store

MAX_WORKERS = 1024
SHOWN = 12  # values of a factor in a printed plan
UNFINISHED = 3  # exit code of a sweep that finished with failed runs
ROOT = Path("outputs", "sweeps")
EXAMPLES = """
\b
Examples:
  metavalue sweep plan policy_mix                   what would it cost?
  metavalue sweep run policy_mix                   all of it, on this machine's cores
  metavalue sweep run my.yaml samples=200           a wider design runs only what is new
  metavalue sweep run baseline world=tiny farms.human_minutes=2,10,40
  metavalue sweep status policy_mix
  metavalue sweep resume policy_mix --retry-failed
"""

app = typer.Typer(
    help="Run many scenarios: levers against uncertainties, and lose none of the runs.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode=None,
)

Source = Annotated[str, typer.Argument(metavar="FILE", help="A sweep file, a packaged sweep's name, or a scenario.")]
Changes = Annotated[
    list[str] | None, typer.Argument(metavar="CHANGE", help="key=value for every run, or key=a,b to vary it.")
]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where the sweep lives.", show_default="outputs/sweeps/NAME")
]
Workers = Annotated[int | None, typer.Option(metavar="N", help="Processes.", show_default="as many as cores")]
EngineName = Annotated[str, typer.Option("--engine", metavar="local|inline|dask", help="Where runs are done.")]
Address = Annotated[str, typer.Option(metavar="URL", help="A Dask scheduler's address; without one a local cluster.")]
Memory = Annotated[float, typer.Option(metavar="MB", help="Memory of a run's process at most.")]
Seconds = Annotated[float, typer.Option("--time-limit", metavar="S", help="Seconds of a run at most.")]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failed run.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no progress.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME|DIR", help="A sweep under outputs/sweeps, or its directory.")]


@app.command(epilog=EXAMPLES)
def plan(
    source: Source, changes: Changes = None, out: Out = None, workers: Workers = None, as_json: AsJson = False
) -> None:
    """Tell how many runs a sweep has, and the time and disk space that they take; writes nothing."""
    from sim.experiment.engines import cores
    from sim.experiment.plan import count_points, count_runs
    from sim.experiment.runner import Limits, pilot
    from sim.experiment.sweep_file import read_plan

    refuse_blanks(changes or ())
    _check_workers(workers)
    sweep = read_plan(source, changes or ())
    tell(sweep.cases[sweep.scenario].notices)
    _warn_of_idle(sweep)
    points, runs = count_points(sweep), count_runs(sweep)
    timed = pilot(sweep, Limits(1e9, 1e9))
    at_once = workers or cores()
    seconds, size = runs * timed.seconds / at_once, runs * timed.bytes
    if as_json:
        print(
            json.dumps(
                {
                    "name": sweep.name,
                    "points": points,
                    "runs": runs,
                    "seconds": round(seconds, 1),
                    "seconds_per_run": round(timed.seconds, 3),
                    "bytes": round(size),
                }
            )
        )
        return
    print(f"{sweep.name}: {sweep.description or sweep.label}")
    for factor in sweep.factors:
        shown = ", ".join(map(str, factor.values[:SHOWN])) or f"{factor.low:g} to {factor.high:g}, {factor.prior}"
        shown += f", … ({len(factor.values):,} values)" if len(factor.values) > SHOWN else ""
        print(f"  {factor.role:<11} {factor.path}: {shown}")
    arms = " and ".join(sweep.arms)
    times = f", {sweep.replications} replications" if sweep.replications > 1 else ""
    print(f"{points:,} points ({sweep.design}){times} of {arms}: {runs:,} runs")
    each = f"({timed.seconds:.2f} s per run)"
    print(f"About {duration(seconds)} with {at_once} workers {each}, {size / 1e6:,.1f} MB")
    words = shlex.join([source, *(changes or ())])
    print(f"It would go to {_place(sweep, out)}; start it with: metavalue sweep run {words}")


@app.command(epilog=EXAMPLES)
def run(
    source: Source,
    changes: Changes = None,
    engine: EngineName = "local",
    workers: Workers = None,
    address: Address = "",
    shard: Annotated[str, typer.Option(metavar="i/N", help="Only the i-th of every N runs.")] = "1/1",
    fail_fast: FailFast = False,
    out: Out = None,
    memory_limit: Memory = 8192.0,
    time_limit: Seconds = 3600.0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a sweep; runs that are already done are not run again."""
    from sim.experiment.store import Store
    from sim.experiment.sweep_file import read_plan

    refuse_blanks(changes or ())
    _check_limits(memory_limit, time_limit, workers)
    sweep, part = read_plan(source, changes or ()), _part(shard)
    tell(sweep.cases[sweep.scenario].notices)
    _warn_of_idle(sweep)
    place = (
        _place(sweep, out) if out is not None or part[1] == 1 else _place(sweep, out) / f"shard-{part[0]}-of-{part[1]}"
    )
    store = Store.create(place, sweep)
    _drive(store, engine, workers, address, part, fail_fast, (memory_limit, time_limit), False, as_json, quiet)


@app.command(epilog=EXAMPLES)
def resume(
    name: Name,
    engine: EngineName = "local",
    workers: Workers = None,
    address: Address = "",
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run failed runs again.")] = False,
    fail_fast: FailFast = False,
    memory_limit: Memory = 8192.0,
    time_limit: Seconds = 3600.0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Go on with a sweep that was stopped; runs that are already done are not run again."""
    from sim.experiment.store import open_store

    _check_limits(memory_limit, time_limit, workers)
    store = open_store(find(name))
    limits = (memory_limit, time_limit)
    _drive(store, engine, workers, address, store.part, fail_fast, limits, retry_failed, as_json, quiet)


@app.command()
def status(name: Name, as_json: AsJson = False) -> None:
    """Tell how far a sweep is."""
    from sim.experiment.store import open_store

    store = open_store(find(name))
    _print_status(store, as_json)
    tell(store.uncounted())


@app.command()
def merge(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR…", help="Directories of a sweep's shards.")],
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Put the shards of a sweep together, as `run --shard` left them."""
    from sim.experiment.plan import same_store
    from sim.experiment.store import Store, open_store

    parts = [open_store(folder) for folder in folders]
    for part in parts[1:]:
        same_store(parts[0].plan, part.plan)
    store = Store.create(_place(parts[0].plan, out), parts[0].plan)
    with _kept(store, " the same command"), store.lock():
        store.drop_damaged()
        store.adopt(parts[0])
        for part in parts:
            store.take_over(part)
        store.compact()
    _print_status(store, as_json)
    tell(store.uncounted())


def find(name: str) -> Path:
    """Find a sweep's directory by its name or path.

    Raises
    ------
    InputError : there is no sweep.
    """
    from sim.experiment.store import is_store

    places = [Path(name), *([ROOT / name] if Path(name).name == name else [])]
    found = [path for path in places if is_store(path)]
    if not found:
        known = [path.name for path in ROOT.glob("*") if is_store(path)]
        raise InputError(name, "no sweep", "one under outputs/sweeps, or its directory", nearest_name(name, known))
    return found[0]


def _place(sweep: Plan, out: Path | None) -> Path:
    """Return the directory of a sweep: the one that was given, else one of its name in `ROOT`."""
    return ROOT / sweep.name if out is None else out


def _warn_of_idle(sweep: Plan) -> None:
    """Warn of settings that have no effect in the sweep, and of levels that cannot be compared."""
    from sim.experiment.sweep_caveats import caveats_of_sweep

    warn(caveat.text for caveat in caveats_of_sweep(sweep))


def _part(text: str) -> tuple[int, int]:
    """Read which share of the runs to do from a text such as `2/8`."""
    i, _, n = text.partition("/")
    if not (i.isdigit() and n.isdigit() and 1 <= int(i) <= int(n)):
        raise InputError("--shard", text, "i/N with i from 1 to N, such as 2/8")
    return int(i), int(n)


def _check_limits(memory: float, seconds: float, workers: int | None) -> None:
    """Refuse limits of memory and time that are not above 0, and a wrong number of workers."""
    for key, value in (("--memory-limit", memory), ("--time-limit", seconds)):
        if not 0 < value < math.inf:
            raise InputError(key, str(value), "a number above 0")
    _check_workers(workers)


def _check_workers(workers: int | None) -> None:
    """Refuse a number of workers that is out of range."""
    if workers is not None and not 1 <= workers <= MAX_WORKERS:
        raise InputError("--workers", workers, f"a whole number from 1 to {MAX_WORKERS}")


def _drive(
    store: Store,
    engine: str,
    workers: int | None,
    address: str,
    part: tuple[int, int],
    fail_fast: bool,
    limits: tuple[float, float],
    again: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Do the runs that are left in a store, show progress, and print the status at the end."""
    from sim.experiment.engines import cores, open_engine
    from sim.experiment.runner import Limits, run_sweep

    started = open_engine(engine, workers or cores(), address)
    ended = False
    with _kept(store, f": metavalue sweep resume {shlex.quote(str(store.folder))}"):
        try:
            with _progress(quiet) as progress:
                run_sweep(
                    store,
                    started,
                    shard=part,
                    limits=Limits(*limits),
                    retry_failed=again,
                    fail_fast=fail_fast,
                    progress=progress,
                    say=lambda line: tell([line]),
                )
            ended = True
        finally:
            started.close(now=not ended)
    _print_status(store, as_json)
    if store.status()["failed"]:
        raise typer.Exit(UNFINISHED)


@contextmanager
def _kept(store: Store, goes_on: str) -> Iterator[None]:
    """If the block is interrupted, say how many runs are kept and which command goes on with them."""
    try:
        yield
    except KeyboardInterrupt:
        state = store.status()
        kept = f"{state['done'] + state['failed']:,} of {state['planned']:,} runs are kept"
        raise InterruptionError(f"interrupted; {kept}; go on with{goes_on}") from None


def _print_status(store: Store, as_json: bool) -> None:
    """Print how far a sweep is, which runs failed, and what to do next."""
    state = store.status()
    if as_json:
        print(json.dumps(state))
        return
    left = state["planned"] - state["done"] - state["failed"]
    print(
        f"{store.folder}: {state['done']:,} of {state['planned']:,} runs done, {state['failed']:,} failed, "
        f"{state['running']:,} running, {duration(state['wall_s'])} so far"
        + (f", about {duration(state['eta_s'])} left" if state["eta_s"] else "")
    )
    for run_id, error in store.failures():
        print(f"  failed {run_id}: {shortened(escaped((error.strip() or '?').splitlines()[-1]), 200)}")
    if state["failed"]:
        print(
            f"Tracebacks are in {store.folder / 'registry.sqlite'}; "
            f"run them again with: metavalue sweep resume {store.folder} --retry-failed"
        )
    elif left and store.is_share_done():
        i, n = store.part
        print(f"This is all of share {i}/{n}; merge the shares with: metavalue sweep merge DIR DIR …")
    elif left and not state["running"]:
        print(f"Go on with: metavalue sweep resume {store.folder}")


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Show runs done, failures, rate and time left: as a bar on a terminal, otherwise a line for every tenth."""
    from app.console import progress, say

    ended = set[int]()
    with progress(quiet, "runs") as advance:

        def tick(state: Mapping[str, Any]) -> None:
            failed = f", {state['failed']:,} failed" if state["failed"] else ""
            ended.add(state["done"] + state["failed"])
            advance(state["done"] + state["failed"], state["planned"], failed)

        yield tick
    if len(ended) <= 1 and not quiet:
        say("Nothing left to run")
