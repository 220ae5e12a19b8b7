"""Run a sweep: hand its runs to an engine in batches, and keep what comes back; a run that fails stops no other."""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.base.clock import first_averaged
from sim.base.errors import InputError
from sim.base.source import is_one_source, started_unedited
from sim.experiment.engines import Engine, WorkerDiedError, dispatch, result_of, send_last_message
from sim.experiment.plan import Plan
from sim.experiment.registry import StoreError
from sim.experiment.shards import Finished, shard_of, table_of
from sim.experiment.store import Store, Todo
from sim.settings.scenario import with_values
from sim.simulation.cases import Case
from sim.simulation.interrupts import uninterrupted
from sim.simulation.simulate import environment, simulate

log = logging.getLogger("metavalue.sweep")
BATCH_SECONDS = 0.5  # of work in a batch; a killed driver loses at most this and FLUSH_SECONDS
MAX_IN_BATCH = 100
FLUSH_SECONDS = 0.4  # after which finished runs are written to disk even if they fill no shard
MAX_DEATHS = 3  # of workers that do a run by itself, before the run counts as failed
KILL_FACTOR = 1.5  # times a limit at which a worker ends itself in the middle of a week
WATCH_SECONDS = 0.5
EXIT_OVER_LIMIT = 97  # exit code of such a worker
MEGABYTE = 2**20
PILOT_RUNS = 2
MIXED = "a mixture"  # of sources, where one was edited while it was loaded
SHOWN = 12  # characters of a hash
RETIRED = ("", "")  # last message of a worker whose memory stayed too large after a run went over its limit
_memory_exceeded = False  # in a worker: whether a run in it went over its limit of memory


class Limits(NamedTuple):
    """The most that a run may take: resident memory of its process in MB, and seconds."""

    memory: float
    seconds: float


class LimitError(RuntimeError):
    """A run went over a limit."""


@dataclass(frozen=True, eq=False)
class Work:
    """What all runs of a sweep share; it is sent with every batch."""

    cases: Mapping[str, Case]
    outcomes: tuple[str, ...]
    weekly: bool
    seed: int
    limits: Limits
    program: Mapping[str, str]  # of the driver (`program`)

    @classmethod
    def of(cls, plan: Plan, limits: Limits) -> Work:
        """Collect what the runs of a plan share."""
        return cls(plan.cases, plan.outcomes, plan.resolution == "weekly", plan.seed, limits, program())


class Returned(NamedTuple):
    """What a worker returns: the program that it runs, and its runs; none where the program is not the driver's."""

    program: Mapping[str, str]
    runs: list[Finished]


def program() -> dict[str, str]:
    """Describe what decides a run's numbers beside its settings: source code, Python and packages.

    The source is the one at this process's start.
    """
    about = environment()
    return {"source": about["source_hash"], "python": about["python"], **about["packages"]}


def loaded_program() -> dict[str, str]:
    """Describe the program that this process has loaded; a source that was edited meanwhile counts as a mixture."""
    return program() | ({} if is_one_source() else {"source": MIXED})


def run_sweep(
    store: Store,
    engine: Engine,
    *,
    shard: tuple[int, int] = (1, 1),
    limits: Limits,
    retry_failed: bool = False,
    fail_fast: bool = False,
    progress: Callable[[Mapping[str, Any]], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Do every run of a store that is planned and not done; return the store's status.

    Parameters
    ----------
    shard : (i, N) does only the i-th of every N runs.
    progress : called several times per second with `planned, done, failed, rate` (runs per second) and `left`
        (seconds).
    say : called with a line that a person should read, such as which finished runs do not count now.

    Raises
    ------
    InputError : runs are left, and data that the plan names cannot be read; or `plan.yaml` was edited.
    StoreError : the store cannot be written, another driver holds it, or a worker runs another program; what is
        registered is safe.
    """
    with store.lock(), _logging(store):
        lost = store.drop_damaged()
        if lost:
            log.warning("%d runs were in damaged or missing shards and run again", lost)
        try:
            store.plan.cases  # noqa: B018 - reads the data that the plan names
        except InputError:
            if not store.is_complete() or retry_failed:
                raise
            return store.status()
        if not started_unedited():
            raise StoreError("the model's source was edited while the program started; start it again")
        store.begin(shard)
        store.enlist()
        for line in store.uncounted():
            log.warning("%s", line)
            (say or (lambda _: None))(line)
        driver = _Driver(store, engine, limits, fail_fast, progress or (lambda _: None))
        try:
            driver.run(store.todo(shard, retry_failed))
            driver.flush()
        except BaseException as error:
            log.error("stopped: %s", str(error) or type(error).__name__)
            with suppress(StoreError):
                driver.flush()
            raise
        store.compact()
        status = store.status()
        log.info("%d of %d runs done, %d failed", status["done"], status["planned"], status["failed"])
    return store.status()


class _Driver:
    """Keeps the engine busy, counts runs, and stores results."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        limits: Limits,
        fail_fast: bool,
        progress: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self.store, self.engine, self.fail_fast, self.progress = store, engine, fail_fast, progress
        self.work = Work.of(store.plan, limits)
        self.begun = self.flushed = time.monotonic()
        before = store.status()
        self.planned, self.done, self.failed = before["planned"], before["done"], before["failed"]
        self.wall_before = float(before["wall_s"])
        self.fresh = 0  # runs that ended since the driver began
        self.running = 0
        self.seconds_per_run = 0.0
        self.again: deque[tuple[Todo, int]] = deque()  # runs whose worker died, and how often it did

    def run(self, todo: Iterator[Todo]) -> None:
        """Do the runs, in whatever order they end."""
        for task, future in dispatch(self.engine, self._tasks(todo), do_batch, self._tick):
            self._take(task, future)
            if self.fail_fast and self.failed:
                break
        self._tick()

    def _tasks(self, todo: Iterator[Todo]) -> Iterator[tuple[Work, list[tuple[Todo, int]]]]:
        """Yield batches: first a single run, which also compiles; then as many as fill half a second.

        A run whose worker died is a batch of its own. None says that nothing is left for now.
        """
        first = True
        while True:
            size = 1
            if self.again:
                batch = [self.again.popleft()]
            else:
                if not first and self.seconds_per_run > 0:
                    size = int(np.clip(BATCH_SECONDS / self.seconds_per_run, 1, MAX_IN_BATCH))
                batch = [(run, 0) for _, run in zip(range(size), todo, strict=False)]
            yield (self.work, batch) if batch else None  # type: ignore[misc]
            first = first and not batch

    def _take(self, task: tuple[Any, ...], future: Future[Returned]) -> None:
        """Store the runs of a batch that has ended, and count them; runs that it did not do are done again."""
        batch: list[tuple[Todo, int]] = task[1]
        self.running = len(batch) * self.engine.slots
        try:
            ended = self._accepted(result_of(future))
            self.again.extend(batch[len(ended) :])
        except WorkerDiedError as death:
            ended = self._after_death(batch, death.last_message)
        except (ImportError, AttributeError, TypeError) as error:
            text = f"a worker cannot take its work ({type(error).__name__}: {error}): does it run another version?"
            raise StoreError(f"{text} Finished runs are kept") from error
        for result in ended:
            if result.error is not None:
                self.failed += 1
                log.error("run %s failed: %s", result.run_id, result.error.strip().splitlines()[-1])
            else:
                self.done += 1
        self.fresh += len(ended)
        if ended:
            took = sum(run.wall_s for run in ended) / len(ended)
            self.seconds_per_run = took if self.fresh == len(ended) else 0.7 * self.seconds_per_run + 0.3 * took
        with uninterrupted():
            self.store.add(ended)

    def _accepted(self, batch: Returned) -> list[Finished]:
        """Return the runs of a batch, after checking that its worker runs the driver's program.

        Raises
        ------
        StoreError : it runs another source or other versions, so that its numbers would stand under wrong ids.
        """
        ours = dict(self.work.program)
        theirs = dict(batch.program) if isinstance(batch, Returned) else {"source": "unknown"}
        if theirs == ours:
            return batch.runs
        name = next(name for name in ours if theirs.get(name) != ours[name])
        what = "another source of the model" if name == "source" else f"another version of {name}"
        raise StoreError(
            f"a worker runs {what} ({str(theirs.get(name))[:SHOWN]}, the driver {ours[name][:SHOWN]}): it was changed "
            "since the sweep began, or lies elsewhere. Finished runs are kept; start the sweep again with one for all"
        )

    def _after_death(self, batch: list[tuple[Todo, int]], last_message: Any) -> list[Finished]:
        """Have a dead worker's runs done again, except for one that went over a limit or keeps killing workers.

        Returns those, as failed runs.
        """
        if last_message == RETIRED:
            self.again.extend(batch)
            return []
        guilty, reason = last_message or ("", "")
        alone = len(batch) == 1
        log.warning("a worker died with %d runs, which run again%s", len(batch), reason and f", but for one: {reason}")
        ended = []
        for run, deaths in batch:
            if run.run_id != guilty and not (alone and deaths + 1 >= MAX_DEATHS):
                self.again.append((run, deaths + (alone and not guilty)))
                continue
            text = reason if run.run_id == guilty else f"its worker died {MAX_DEATHS} times: killed, or out of memory"
            ended.append(Finished(run.run_id, 0.0, None, f"{run.arm} {dict(run.values)}\n{text}"))
        return ended

    def flush(self) -> None:
        """Write finished runs to disk, with the seconds taken and the runs per second so far, uninterrupted."""
        with uninterrupted():
            elapsed = time.monotonic() - self.begun
            rate = self.fresh / max(elapsed, 1e-9)
            self.store.flush(wall_s=self.wall_before + elapsed, rate=rate, running=self.running)
            self.flushed = time.monotonic()

    def _tick(self) -> None:
        """Write finished runs to disk if it is time, and report progress."""
        if self.store.waiting and time.monotonic() - self.flushed > FLUSH_SECONDS:
            self.flush()
        rate = self.fresh / max(time.monotonic() - self.begun, 1e-9)
        left = (self.planned - self.done - self.failed) / rate if self.fresh else None
        self.progress({"planned": self.planned, "done": self.done, "failed": self.failed, "rate": rate, "left": left})


def do_batch(work: Work, batch: list[tuple[Todo, int]]) -> Returned:
    """Do some runs one after another, in a worker; none if it does not run the driver's program.

    The first runs alone where one goes over its limit of memory: what it took need not come back, and would count
    against the others, so that a new worker does them.
    """
    import multiprocessing

    in_worker = multiprocessing.parent_process() is not None
    if _memory_exceeded and in_worker:
        send_last_message(RETIRED)
        os._exit(EXIT_OVER_LIMIT)
    ours, runs = loaded_program(), list[Finished]()
    for run, _ in batch if ours == work.program else ():
        runs.append(do_run(work, run))
        if _memory_exceeded and in_worker:
            break
    return Returned(ours, runs)


def do_run(work: Work, run: Todo) -> Finished:
    """Do one run; if it fails, return its error as its result."""
    started = time.perf_counter()
    try:
        case = work.cases[run.arm]
        case = Case(with_values(case.scenario, run.values), case.followers, case.population)
        with _watched(work.limits, run.run_id) as check:
            frame = simulate(case, work.seed, run.draws, 1, lambda *_: check()).outcomes
        values = np.stack([frame[name].to_numpy(np.float64) for name in work.outcomes], axis=1)
        if not work.weekly:
            values = last_year(
                values, case.scenario.settings.time.burn_in_weeks
            )  # a factor may set burn-in, so it is this run's own
        return Finished(run.run_id, time.perf_counter() - started, values.astype(np.float32))
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        return Finished(run.run_id, time.perf_counter() - started, None, f"{run.arm} {dict(run.values)}\n{text}")


def last_year(values: np.ndarray, burn_in: int) -> np.ndarray:
    """Average each outcome over the averaged weeks (`first_averaged`), nulls left out, shape (1, outcomes)."""
    tail = values[first_averaged(len(values), burn_in) :]
    count = (~np.isnan(tail)).sum(axis=0)
    total = np.nansum(tail, axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)[None, :]


@contextmanager
def _watched(limits: Limits, run_id: str) -> Iterator[Callable[[], None]]:
    """Yield a check that raises `LimitError` once the run is over a limit; it is called every week.

    In a worker a thread watches too, and ends the process where a single week goes far over.
    """
    import multiprocessing

    import psutil

    process, begun, over = psutil.Process(), time.monotonic(), threading.Event()

    def excess() -> tuple[float, str]:
        memory, seconds = process.memory_info().rss / MEGABYTE, time.monotonic() - begun
        if memory / limits.memory > seconds / limits.seconds:
            return memory / limits.memory, f"{memory:.0f} MB of memory, over the limit of {limits.memory:.0f}"
        return seconds / limits.seconds, f"{seconds:.0f} s, over the limit of {limits.seconds:.0f}"

    def check() -> None:
        global _memory_exceeded
        times, text = excess()
        if times > 1.0:
            _memory_exceeded |= "memory" in text
            raise LimitError(text)

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            times, text = excess()
            if times > KILL_FACTOR:
                send_last_message((run_id, text))
                os._exit(EXIT_OVER_LIMIT)

    if multiprocessing.parent_process() is not None:
        threading.Thread(target=watch, daemon=True).start()
    try:
        yield check
    finally:
        over.set()


@dataclass(frozen=True)
class Pilot:
    """What timed runs say about a whole sweep: seconds per run, and the bytes that a run leaves on disk."""

    seconds: float
    bytes: float


def pilot(plan: Plan, limits: Limits) -> Pilot:
    """Time the first points of a plan, and weigh what they leave.

    Raises
    ------
    RuntimeError : a run fails.
    """
    work = Work.of(plan, limits)
    points = list(itertools.islice(plan.each_point(), PILOT_RUNS + 1))
    while len(points) <= PILOT_RUNS:
        points.append(points[-1])
    runs = []
    for k, point in enumerate(points):
        runs.append(do_run(work, Todo(f"{k:016x}", plan.scenario, plan.values_of(plan.scenario, point), k)))
        if runs[-1].values is None:
            raise RuntimeError(f"a first run fails: {(runs[-1].error or '').strip().splitlines()[-1]}")
    # the first run also compiles, and the first run in a file also pays for its frame
    weekly = plan.resolution == "weekly"
    sizes = [len(shard_of(table_of(kept, plan.outcomes, weekly), {}).content) for kept in (runs[:1], runs)]
    return Pilot(sum(run.wall_s for run in runs[1:]) / PILOT_RUNS, (sizes[1] - sizes[0]) / PILOT_RUNS)


@contextmanager
def _logging(store: Store) -> Iterator[None]:
    """Write what is logged in the block to the sweep's log, in its store."""
    try:
        handler = logging.FileHandler(store.folder / "sweep.log", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{store.folder} cannot be written: {error.strerror}") from None
    handler.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk ends no sweep here
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()
