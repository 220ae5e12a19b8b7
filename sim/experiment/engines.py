"""Spread runs over processes: inline, or spawned workers with one process a run at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sim.experiment.resume import Workplace
from sim.results import RunResult
from sim.simulate import Case, simulate

POLL_SECONDS = 0.2
_weeks: Any = None  # in a worker: the queue on which it reports a week


@dataclass(frozen=True, eq=False)
class Job:
    """One run to do; with a workplace it leaves checkpoints and its result there."""

    case: Case
    seed: int
    replication: int
    threads: int
    place: Workplace | None = None


def run_all(jobs: Sequence[Job], workers: int, on_week: Callable[[], None]) -> list[RunResult]:
    """Run every job; results stand in the order of jobs.

    Parameters
    ----------
    workers : processes at most; with one, or one job, all happens in this process.
    on_week : called once for every simulated week.

    Raises
    ------
    Exception : whatever a run raised; all other workers are ended first, as they are at Ctrl-C.
    """
    workers = min(workers, len(jobs))
    if workers <= 1:
        return [_do(job, lambda *_: on_week()) for job in jobs]
    context = multiprocessing.get_context("spawn")
    weeks = context.SimpleQueue()
    before = set(multiprocessing.active_children())
    with _plain_children():
        pool = ProcessPoolExecutor(workers, context, _prepare_worker, (weeks,))
        futures = [pool.submit(_work, jobs[0])]
    try:
        # The first run goes ahead by a week: it compiles the kernels, once, and the other workers load them.
        while weeks.empty() and not futures[0].done():
            time.sleep(POLL_SECONDS)
        with _plain_children():
            futures += [pool.submit(_work, job) for job in jobs[1:]]
        _follow(futures, weeks, on_week)
        return [future.result() for future in futures]
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    finally:
        pool.shutdown()


def _follow(futures: Sequence[Future[RunResult]], weeks: Any, on_week: Callable[[], None]) -> None:
    """Report weeks until every run has ended or one has failed."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        while not weeks.empty():
            weeks.get()
            on_week()
        for future in done:
            future.result()


@contextmanager
def _plain_children() -> Iterator[None]:
    """Start children that know nothing of the caller's script and leave Ctrl-C to the parent, which ends them.

    A spawned child would import the script anew, which fails for a script without a main guard and for none at all.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    block = getattr(signal, "pthread_sigmask", None)  # Windows has none
    mask = block(signal.SIG_BLOCK, {signal.SIGINT}) if block else None
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        if block:
            block(signal.SIG_SETMASK, mask)


def _prepare_worker(weeks: Any) -> None:
    global _weeks
    _weeks = weeks
    os.environ["NUMBA_NUM_THREADS"] = "1"


def _work(job: Job) -> RunResult:
    parent = multiprocessing.parent_process()

    def on_week(*_: int) -> None:
        if parent is not None and not parent.is_alive():
            os._exit(1)  # killed at once: an orphan must not write beside a run that goes on from its checkpoint
        _weeks.put(None)

    return _do(job, on_week)


def _do(job: Job, progress: Callable[[int, int], None]) -> RunResult:
    if job.place is None:
        return simulate(job.case, job.seed, job.replication, job.threads, progress)
    checkpoint = job.place.checkpoint(job.case, job.replication)
    result = simulate(job.case, job.seed, job.replication, job.threads, progress, checkpoint)
    job.place.keep(job.case, job.replication, result)
    return result
