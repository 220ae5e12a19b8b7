"""A pool of threads that work through a world's days; results do not depend on their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor


class Crew:
    """A pool of `threads` threads; with one, work runs in the caller's own thread."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def run_all(self, works: Iterable[Callable[[], None]]) -> None:
        """Call every function of `works`, in parallel if there are several threads, and wait for all of them.

        An exception in one of them is raised here.
        """
        if self._pool is None:
            for work in works:
                work()
        else:
            list(self._pool.map(lambda work: work(), works))

    def close(self) -> None:
        """Ask the threads to end, without waiting for them."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
