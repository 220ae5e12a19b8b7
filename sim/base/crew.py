"""The threads that a world's days are worked by; they change no bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor


class Crew:
    """Some threads, or none beside the caller's own."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def run_all(self, works: Iterable[Callable[[], None]]) -> None:
        """Run independent pieces of work, over the threads where there are several."""
        if self._pool is None:
            for work in works:
                work()
        else:
            list(self._pool.map(lambda work: work(), works))

    def close(self) -> None:
        """Let the threads end."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)
