"""The command line; `run`, listings and sweeps have files of their own. What is heavy is imported where it is used."""

from __future__ import annotations

import errno
import gc
import importlib.metadata
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import sweep
from app.console import STDOUT, answering, fit_streams, say
from app.listing import describe, list_
from app.run import EXAMPLES, InterruptionError, UnwrittenError, run
from app.sweep import Name, find
from sim.base.errors import ArgumentError, InputError, escaped, shortened
from sim.simulation.interrupts import ignore, listening

if TYPE_CHECKING:
    from sim.experiment.plan import Plan
    from sim.simulation.caveats import Caveat

USAGE: Any = typer.BadParameter.__mro__[1]  # click's UsageError, which some versions of Typer keep to themselves
DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="metavalue",
    help="What does generative AI do to a content ecosystem? A simulation that compares it with its twin without AI.",
    epilog=EXAMPLES,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=EXAMPLES)(run)
app.command("list")(list_)
app.command()(describe)
app.add_typer(sweep.app, name="sweep")


def _tell_version(asked: bool) -> None:
    """Print the version and stop, if asked."""
    if asked:
        print(importlib.metadata.version("metavalue"))
        raise typer.Exit


@app.callback()
def metavalue(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Handle options before the command."""


def main() -> None:
    """Run a command; turn every failure into one line and an exit code."""
    gc.set_threshold(500_000)  # importing alone makes 400,000 objects that stay: looking through them took 0.4 s
    fit_streams()
    with listening():
        code, message, error = _outcome()
        ignore()
        if message:
            say(f"metavalue: {' '.join(message.split())}")
        if error is not None and error.key != STDOUT and "--json" in sys.argv:
            with suppress(InputError), answering():
                print(json.dumps({"error": error.fields}))  # in ASCII, so that any terminal can show it
    if code == DONE:
        gc.freeze()  # on leaving, Python would look through all objects once more: half a second
    sys.exit(code)


def _outcome() -> tuple[int, str, InputError | None]:
    """Run the command that was asked for; return its exit code, a line to print, and the wrong input, if any."""
    try:
        _check_words()
        with answering():
            code = app(sys.argv[1:] or ["--help"], prog_name="metavalue", standalone_mode=False) or DONE
        if code == INTERRUPTED:
            raise KeyboardInterrupt  # Typer made a code of it
        return code, "", None
    except InputError as found:
        wrong = found.as_option if isinstance(found, ArgumentError) else found
        return WRONG, str(wrong), wrong
    except USAGE as usage:
        if type(usage).__name__ == "NoArgsIsHelpError":
            print(usage.format_message())
            return DONE, "", None
        return WRONG, usage.format_message(), _usage_error(usage)
    except (KeyboardInterrupt, typer.Abort) as stop:
        if isinstance(stop.__cause__, EOFError):  # which click takes for an interruption
            return FAILED, _failure(stop.__cause__), None
        return INTERRUPTED, "interrupted; nothing was written", None
    except InterruptionError as stop:
        return INTERRUPTED, str(stop), None
    except UnwrittenError as failure:
        return FAILED, str(failure), None
    except Exception as failure:
        if os.environ.get("METAVALUE_DEBUG"):
            raise
        if isinstance(failure, OSError) and failure.errno == errno.ENAMETOOLONG:
            wrong = InputError("file or directory", str(failure.filename), "a name that a file can have")
            return WRONG, str(wrong), wrong
        return FAILED, str(failure) if type(failure).__name__ == "StoreError" else _failure(failure), None


def _check_words() -> None:
    """Refuse words that are no UTF-8, which no manifest or page could hold."""
    for word in sys.argv[1:]:
        if word != word.encode("utf-8", "replace").decode():
            raise InputError("command line", word, "words in UTF-8, names of files too")


def _failure(failure: BaseException) -> str:
    """Describe an error inside a run, and say how to see where it happened."""
    reason = shortened(escaped(" ".join(str(failure).split())), 200)
    return f"the run failed: {type(failure).__name__}: {reason} (METAVALUE_DEBUG=1 shows where)"


def _usage_error(usage: Any) -> InputError:
    """Turn an error about an option or argument into an `InputError`."""
    names = getattr(getattr(usage, "param", None), "opts", None) or [getattr(usage, "option_name", None) or "usage"]
    nearest = getattr(usage, "possibilities", None) or [""]
    return InputError(names[0], usage.format_message(), "options as `metavalue --help` lists them", nearest[0])


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A directory that `metavalue run` wrote.")],
) -> None:
    """Write the report of an earlier run again."""
    from sim.experiment.pairing import load_comparison

    comparison = load_comparison(folder)
    from analysis.report import write_report

    _write_page(folder, lambda draft: write_report(comparison, draft))


@app.command()
def analyse(
    name: Name,
    aim: Annotated[
        list[str] | None, typer.Option(metavar="OUTCOME", help="What levers should be good for; may be repeated.")
    ] = None,
    workbench: Annotated[
        bool, typer.Option("--workbench", help="Discover scenarios by the EMA Workbench (extra `uncertainty`).")
    ] = False,
) -> None:
    """Answer a sweep's question: differences, sensitivity, conditions, regret; write them as a page."""
    from sim.experiment.store import open_store

    folder = find(name)
    store = open_store(folder)
    runs = store.runs()
    if not (runs["status"] == "done").any():
        raise InputError("analyse", name, "a sweep of which some runs are done")
    from analysis.discovery import peel, workbench_peel, workbench_prim
    from analysis.sweep import analyse as answer
    from analysis.sweep_report import write_sweep_report

    if workbench:
        workbench_prim()
    peeling = workbench_peel if workbench else peel
    answers = answer(runs, store.read(), store.plan, aims=aim or (), peeling=peeling, caveats=_caveats(store.plan))
    _write_page(folder, lambda draft: write_sweep_report(answers, draft))


def _caveats(plan: Plan) -> Sequence[Caveat]:
    """Return warnings for a sweep's page; none where its data are missing, so that its arms cannot be composed."""
    from sim.experiment.sweep_caveats import caveats_of_sweep

    try:
        return caveats_of_sweep(plan)
    except InputError:
        return ()


def _write_page(folder: Path, write: Callable[[Path], object]) -> None:
    """Write a directory's report, and print where it is."""
    try:
        write(folder / "report.html")
    except OSError as error:
        raise InputError(str(folder), error.strerror or str(error), "a directory that can be written") from None
    print(folder / "report.html")


if __name__ == "__main__":
    from app.__main__ import main as start

    start()
