"""Where runs are done: in this process, in spawned workers of one process each, or on a Dask cluster.

Every engine takes `submit(function, *arguments)` and gives a future, as `concurrent.futures` does; `dispatch` keeps an
engine busy. A worker that dies ends its own task with `WorkerDiedError` and is replaced.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import types
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sim.base.errors import InputError
from sim.experiment.workplace import Workplace
from sim.simulation.cases import Case
from sim.simulation.interrupts import STOPS, uninterrupted
from sim.simulation.results import RunResult
from sim.simulation.simulate import simulate

T = TypeVar("T")
POLL_SECONDS = 0.2
ENGINES = ("local", "inline", "dask")
_weeks: Any = None  # in a worker: the queue on which it reports a week
_mouth: Any = None  # in a worker: the pipe for what it says before it ends itself
_ears: weakref.WeakKeyDictionary[Future[Any], Any] = weakref.WeakKeyDictionary()  # its other end, by the task under way


class WorkerDiedError(RuntimeError):
    """The process that did a task is gone: killed, or out of memory.

    Parameters
    ----------
    last_words : what it said by `say_last`, or None.
    """

    def __init__(self, text: str, last_words: Any = None) -> None:
        super().__init__(text)
        self.last_words = last_words


class Engine(Protocol):
    """What does tasks, `slots` of them at a time."""

    slots: int

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Begin a task."""
        ...

    def close(self, now: bool = False) -> None:
        """End all workers; `now` ends the tasks under way too."""
        ...


class Inline:
    """Does every task at once, in this process."""

    slots = 1

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Do a task; what it raises stands in the future, but for interrupts."""
        future: Future[T] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def close(self, now: bool = False) -> None:
        """Nothing is left to end."""


class Local:
    """Spawned processes, each a pool of its own, so that one that dies takes no other's task with it.

    Parameters
    ----------
    workers : processes.
    channel : a queue that tasks find as `_weeks`, or None.
    """

    def __init__(self, workers: int, channel: Any = None) -> None:
        self.slots, self._channel = workers, channel
        self._pools: list[ProcessPoolExecutor | None] = [None] * workers
        self._busy: list[Future[Any] | None] = [None] * workers
        self._pipes: list[Any] = [None] * workers
        self._before = set(multiprocessing.active_children())

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Give a task to an idle worker."""
        place = next(k for k, task in enumerate(self._busy) if task is None or task.done())
        task = self._busy[place]
        pool = self._pools[place]
        if pool is None or (task is not None and isinstance(task.exception(), BrokenProcessPool)):
            pool = self._renew(place)
        with plain_children():  # a pool starts its process with its first task
            try:
                future = pool.submit(function, *arguments)
            except BrokenProcessPool:  # it died while idle
                future = self._renew(place).submit(function, *arguments)
        self._busy[place] = future
        _ears[future] = self._pipes[place]
        return future

    def _renew(self, place: int) -> ProcessPoolExecutor:
        old = self._pools[place]
        if old is not None:
            old.shutdown(wait=False)
        context = multiprocessing.get_context("spawn")
        self._pipes[place], mouth = context.Pipe(duplex=False)
        with plain_children():
            pool = self._pools[place] = ProcessPoolExecutor(1, context, _prepare_worker, (self._channel, mouth))
        return pool

    def close(self, now: bool = False) -> None:
        """End the processes."""
        if now:
            for child in set(multiprocessing.active_children()) - self._before:
                child.kill()
        for pool in self._pools:
            if pool is not None:
                pool.shutdown(wait=not now, cancel_futures=True)


class Dask:
    """A Dask cluster, found by its scheduler's address or started on this machine.

    Parameters
    ----------
    address : of the scheduler, such as tcp://10.0.0.1:8786; "" starts `workers` processes here.
    """

    def __init__(self, workers: int, address: str = "") -> None:
        try:
            from dask.distributed import Client, LocalCluster
        except ImportError:
            raise InputError("--engine", "dask", "Dask, which `pip install 'metavalue[cluster]'` brings") from None
        self._cluster: Any = None
        if not address:
            self._cluster = LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
            )
        try:
            self._client: Any = Client(self._cluster or address, timeout="10s")  # type: ignore[no-untyped-call]
        except (OSError, TimeoutError) as error:
            raise InputError("--address", address, f"a Dask scheduler that answers ({error})") from None
        self._client.run(_one_thread)
        self._executor: Any = self._client.get_executor(pure=False, retries=0)  # type: ignore[no-untyped-call]
        self.slots = max(2 * len(self._client.scheduler_info(n_workers=-1)["workers"]), 1)  # one runs, one waits

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Give a task to the scheduler, which moves it to another worker where one dies."""
        return self._executor.submit(function, *arguments)  # type: ignore[no-any-return]

    def close(self, now: bool = False) -> None:
        """Leave the cluster; end it where it was started here."""
        self._executor.shutdown(wait=not now)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def open_engine(name: str, workers: int, address: str = "") -> Engine:
    """Start an engine by its name.

    Raises
    ------
    InputError : no such engine, or it cannot be started.
    """
    if name == "inline":
        return Inline()
    if name == "local":
        return Local(workers)
    if name == "dask":
        return Dask(workers, address)
    raise InputError("--engine", name, f"one of {', '.join(ENGINES)}")


def cores() -> int:
    """Cores of this machine that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def dispatch(
    engine: Engine, tasks: Iterator[tuple[Any, ...]], function: Callable[..., T], tick: Callable[[], None]
) -> Iterator[tuple[tuple[Any, ...], Future[T]]]:
    """Keep an engine busy with tasks, and yield each with its future as it ends.

    Parameters
    ----------
    tasks : arguments of `function`; asked for one only when a slot is free, so that no list of all is needed.
    tick : called again and again while waiting.
    """
    under_way: dict[Future[T], tuple[Any, ...]] = {}
    drained = False
    while True:
        while not drained and len(under_way) < engine.slots:
            task = next(tasks, None)
            if task is None:
                drained = True
                break
            under_way[engine.submit(function, *task)] = task
        if not under_way:
            return
        tick()  # while all slots are busy, so that none waits for it
        ended, _ = wait(under_way, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        for future in ended:
            yield under_way.pop(future), future
            drained = False  # whoever took it may have given the task back


def result_of(future: Future[T]) -> T:
    """What a task gave; every engine's word for a dead worker becomes `WorkerDiedError`."""
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise WorkerDiedError("its worker died", _heard(future)) from error
    except Exception as error:
        if type(error).__name__ == "KilledWorker":
            raise WorkerDiedError("its worker died") from error
        raise


def say_last(words: Any) -> None:
    """In a worker: leave word of why it ends itself, which `WorkerDiedError` then has."""
    if _mouth is not None:
        _mouth.send(words)


def _heard(future: Future[Any]) -> Any:
    ear = _ears.get(future)
    try:
        return ear.recv() if ear is not None and ear.poll() else None
    except (OSError, EOFError):
        return None


# Runs of one experiment


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
    with plain_children():  # the first queue starts multiprocessing's own helper process
        weeks = multiprocessing.get_context("spawn").SimpleQueue()
    engine = Local(workers, weeks)
    results: dict[int, RunResult] = {}
    begun = threading.Event()  # the first run goes ahead by a week: it compiles the kernels, once; the others load them

    def tick() -> None:
        while not weeks.empty():
            weeks.get()
            begun.set()
            on_week()

    def tasks() -> Iterator[tuple[int, Job]]:
        yield 0, jobs[0]
        while not begun.is_set() and not first_ended():
            begun.wait(POLL_SECONDS)
            tick()
        yield from enumerate(jobs[1:], start=1)

    def first_ended() -> bool:
        return all(task is None or task.done() for task in engine._busy)

    try:
        for (number, _), future in dispatch(engine, tasks(), _work, tick):
            try:
                results[number] = result_of(future)
            except WorkerDiedError:
                time.sleep(POLL_SECONDS)  # where a signal ended the whole group it is heard here now
                raise
        tick()
        return [results[number] for number in range(len(jobs))]
    except BaseException:
        engine.close(now=True)
        raise
    finally:
        engine.close()


def _work(number: int, job: Job) -> RunResult:
    return _do(job, lambda *_: _weeks.put(None))


def _do(job: Job, progress: Callable[[int, int], None]) -> RunResult:
    if job.place is None:
        return simulate(job.case, job.seed, job.replication, job.threads, progress)
    checkpoint = job.place.checkpoint(job.case, job.replication)
    result = simulate(job.case, job.seed, job.replication, job.threads, progress, checkpoint)
    with uninterrupted():
        job.place.keep(job.case, job.replication, result)
    return result


# Processes


@contextmanager
def plain_children() -> Iterator[None]:
    """Start children that know nothing of the caller's script and leave stopping to the parent, which ends them.

    A spawned child would import the script anew, which fails for a script without a main guard and for none at all.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    block = getattr(signal, "pthread_sigmask", None)  # Windows has none
    mask = block(signal.SIG_BLOCK, set(STOPS) - {signal.SIGTERM}) if block else None
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        if block:
            block(signal.SIG_SETMASK, mask)


def _prepare_worker(weeks: Any, mouth: Any) -> None:
    global _weeks, _mouth
    _weeks, _mouth = weeks, mouth
    _one_thread()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _one_thread() -> None:
    os.environ["NUMBA_NUM_THREADS"] = "1"


def _end_with_parent() -> None:
    """End this worker when its driver is gone, however it went; an orphan must not write beside who goes on."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
