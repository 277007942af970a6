"""The queue before the assistant: so many questions are answered at once, so many wait, the others are told to come
again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from time import perf_counter
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Busy(Exception):
    """There is no place in the queue, or no answer in time. retry_after: seconds after which there may be."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many questions at the moment; try again in {retry_after} s")
        self.retry_after = retry_after


class Gate:
    """at_once: calls that run at the same time, each in a thread. waiting: those that may wait for it. seconds: until
    a call must have ended, its waiting included."""

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="answer")
        self._free = asyncio.Semaphore(at_once)
        self._at_once, self._places, self._seconds = at_once, waiting, seconds
        self.running = self.waiting = 0
        self._typical = 0.1  # seconds a call takes, smoothed

    async def run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The call's result. Raises Busy, or what the call raises.

        A call that is late goes on in its thread and keeps its place there: nothing can stop it.
        """
        if self._free.locked() and self.waiting >= self._places:
            raise Busy(self._retry_after())
        try:
            async with asyncio.timeout(self._seconds):
                self.waiting += 1
                try:
                    await self._free.acquire()
                finally:
                    self.waiting -= 1
                self.running += 1
                began = perf_counter()
                future = asyncio.get_running_loop().run_in_executor(self._threads, lambda: call(*args, **kwargs))
                future.add_done_callback(lambda done: self._ended(done, perf_counter() - began))
                return await asyncio.shield(future)
        except TimeoutError:
            raise Busy(self._retry_after()) from None

    async def drained(self) -> None:
        """Returns when nothing runs and nothing waits."""
        while self.running or self.waiting:
            await asyncio.sleep(0.02)

    def _ended(self, done: asyncio.Future[R], seconds: float) -> None:
        self.running -= 1
        self._free.release()
        self._typical += 0.1 * (seconds - self._typical)
        if not done.cancelled():
            done.exception()  # of a late call: nobody else looks at it

    def _retry_after(self) -> int:
        return min(60, max(1, ceil((self.waiting + self.running) * self._typical / self._at_once)))
