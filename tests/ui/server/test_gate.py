"""The queue before the assistant."""

import asyncio
import threading
import time

import pytest

from ui.server.gate import Busy, Gate


def test_so_many_run_at_once_and_so_many_wait_and_the_next_is_told_to_come_again():
    release = threading.Event()

    async def crowd():
        gate = Gate(2, 3, 5)
        taken = [asyncio.create_task(gate.run(release.wait)) for _ in range(5)]
        await asyncio.sleep(0.05)
        assert (gate.running, gate.waiting) == (2, 3)
        with pytest.raises(Busy) as refused:
            await gate.run(release.wait)
        assert 1 <= refused.value.retry_after <= 60
        release.set()
        assert await asyncio.gather(*taken) == [True] * 5
        await gate.drained()
        assert (gate.running, gate.waiting) == (0, 0)

    asyncio.run(crowd())


def test_who_waits_too_long_is_told_so_and_gives_the_place_back():
    release = threading.Event()

    async def slow():
        gate = Gate(1, 5, 0.1)
        with pytest.raises(Busy):
            await gate.run(release.wait, 2)  # runs, but too long
        assert gate.running == 1  # its thread goes on
        with pytest.raises(Busy):
            await gate.run(time.sleep, 0)  # waits, but too long
        release.set()
        await gate.drained()
        assert await gate.run(lambda: 7) == 7

    asyncio.run(slow())


def test_what_the_call_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        asyncio.run(Gate(1, 1, 5).run(lambda: 1 // 0))
