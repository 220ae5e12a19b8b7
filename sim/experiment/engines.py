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
_week_queue: Any = None  # in a worker: the queue on which it reports every simulated week
_to_driver: Any = None  # in a worker: the pipe for a last message before it ends itself
# in the driver: the other end of that pipe, by the task that its worker does
_from_worker: weakref.WeakKeyDictionary[Future[Any], Any] = weakref.WeakKeyDictionary()


class WorkerDiedError(RuntimeError):
    """The process that worked on a task has ended: it was killed, ran out of memory, or ended itself.

    Parameters
    ----------
    last_message : what it sent by `send_last_message`, or None.
    """

    def __init__(self, text: str, last_message: Any = None) -> None:
        super().__init__(text)
        self.last_message = last_message


class Engine(Protocol):
    """Does tasks, `slots` of them at a time."""

    slots: int

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Start a task."""
        ...

    def close(self, now: bool = False) -> None:
        """End all workers; with `now` also those that work on a task."""
        ...


class Inline:
    """Does every task at once, in this process."""

    slots = 1

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Do a task; an error that it raises is stored in the future, an interrupt is raised."""
        future: Future[T] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def close(self, now: bool = False) -> None:
        """Do nothing: there is no worker."""


class Local:
    """Spawned processes, each in a pool of its own, so that one that dies takes no other's task with it.

    Parameters
    ----------
    workers : processes.
    channel : a queue that tasks find as `_week_queue`, or None.
    """

    def __init__(self, workers: int, channel: Any = None) -> None:
        self.slots, self._channel = workers, channel
        self._pools: list[ProcessPoolExecutor | None] = [None] * workers
        self._busy: list[Future[Any] | None] = [None] * workers
        self._pipes: list[Any] = [None] * workers
        self._before = set(multiprocessing.active_children())

    def submit(self, function: Callable[..., T], *arguments: Any) -> Future[T]:
        """Give a task to an idle worker; a dead one is replaced first."""
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
        _from_worker[future] = self._pipes[place]
        return future

    def _renew(self, place: int) -> ProcessPoolExecutor:
        """Start a new process in a worker's place, with a new pipe from it."""
        old = self._pools[place]
        if old is not None:
            old.shutdown(wait=False)
        context = multiprocessing.get_context("spawn")
        self._pipes[place], to_driver = context.Pipe(duplex=False)
        with plain_children():
            pool = self._pools[place] = ProcessPoolExecutor(1, context, _prepare_worker, (self._channel, to_driver))
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
        """Give a task to the scheduler, which moves it to another worker if its own dies."""
        return self._executor.submit(function, *arguments)  # type: ignore[no-any-return]

    def close(self, now: bool = False) -> None:
        """Leave the cluster; end it if it was started here."""
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
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def dispatch(
    engine: Engine, tasks: Iterator[tuple[Any, ...]], function: Callable[..., T], tick: Callable[[], None]
) -> Iterator[tuple[tuple[Any, ...], Future[T]]]:
    """Keep an engine busy with tasks; yield each task's arguments with its future as it ends.

    Parameters
    ----------
    tasks : arguments of `function`; asked for one only when a slot is free, so that no list of all is needed.
    tick : called several times per second while waiting.
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
        tick()  # all slots are busy now, so that none is idle meanwhile
        ended, _ = wait(under_way, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        for future in ended:
            yield under_way.pop(future), future
            drained = False  # the caller may have put a failed task back into `tasks`


def result_of(future: Future[T]) -> T:
    """Return what a task returned; raise `WorkerDiedError` if its worker died, whatever engine ran it."""
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise WorkerDiedError("its worker died", _last_message_of(future)) from error
    except Exception as error:
        if type(error).__name__ == "KilledWorker":
            raise WorkerDiedError("its worker died") from error
        raise


def send_last_message(message: Any) -> None:
    """In a worker that is about to end itself: tell the driver why (`WorkerDiedError.last_message`)."""
    if _to_driver is not None:
        _to_driver.send(message)


def _last_message_of(future: Future[Any]) -> Any:
    """Return the message that a dead worker left in its pipe; None where there is none."""
    pipe = _from_worker.get(future)
    try:
        return pipe.recv() if pipe is not None and pipe.poll() else None
    except (OSError, EOFError):
        return None


# Runs of one experiment


@dataclass(frozen=True, eq=False)
class Job:
    """One run to do; with a workplace, its checkpoints and its result are kept there."""

    case: Case
    seed: int
    replication: int
    threads: int
    place: Workplace | None = None


def run_all(jobs: Sequence[Job], workers: int, on_week: Callable[[], None]) -> list[RunResult]:
    """Run every job; results are in the order of the jobs.

    Parameters
    ----------
    workers : processes at most; with one, or one job, all happens in this process.
    on_week : called after every simulated week of any run.

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
    # the first run goes ahead by a week: it compiles the kernels, so that the others only load them
    begun = threading.Event()

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
                time.sleep(POLL_SECONDS)  # a signal that ended the whole process group arrives here now
                raise
        tick()
        return [results[number] for number in range(len(jobs))]
    except BaseException:
        engine.close(now=True)
        raise
    finally:
        engine.close()


def _work(number: int, job: Job) -> RunResult:
    """Do a job in a worker, which reports every week on its queue."""
    return _do(job, lambda *_: _week_queue.put(None))


def _do(job: Job, progress: Callable[[int, int], None]) -> RunResult:
    """Run a job; with a workplace, from its checkpoint on, and keep the result there."""
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
    """Start child processes that do not import the caller's script and ignore interrupts, since the parent ends them.

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


def _prepare_worker(weeks: Any, to_driver: Any) -> None:
    """Set up a worker process: how it reports to the driver, one thread, and its end with the driver."""
    global _week_queue, _to_driver
    _week_queue, _to_driver = weeks, to_driver
    _one_thread()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _one_thread() -> None:
    """Allow compiled kernels a single thread in this process."""
    os.environ["NUMBA_NUM_THREADS"] = "1"


def _end_with_parent() -> None:
    """End this worker process as soon as its driver is gone.

    Otherwise it might still write results when another driver resumes the sweep.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
