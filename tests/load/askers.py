"""Many askers at once against a real `qa serve` over the sample articles; then its memory over many questions.

    python tests/load/askers.py [--askers 32] [--seconds 60] [--questions 10000]

Fails where anything but 200 or a 503 with Retry-After comes back, or the memory after all questions is more than a
tenth above that after the first tenth of them. Askers that are told to come again wait a second, not the seconds that
they are told: the queue stays full. The memory is the server's resident set (VmRSS of Linux).
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx

ROOT = Path(__file__).parents[2]
GROWTH = 1.10
WAIT = 1.0  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--askers", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--questions", type=int, default=10_000, help="for the memory; 0 leaves it out")
    options = parser.parse_args()
    with TemporaryDirectory() as place, serving(Path(place)) as (address, pid):
        well = asyncio.run(load(address, options.askers, options.seconds))
        if options.questions:
            well &= asyncio.run(memory(address, pid, options.questions))
    return 0 if well else 1


@contextmanager
def serving(place: Path) -> Iterator[tuple[str, int]]:
    """The address of a server with an index of its own, and its process id."""
    shutil.copytree(ROOT / "articles", place / "articles")
    (place / "config.toml").write_text("[server]\nrequests_per_minute = 0\n")
    qa = [sys.executable, "-m", "ui.cli"]
    index = ["--index", str(place / "index")]
    subprocess.run([*qa, "index", str(place / "articles"), *index], cwd=ROOT, capture_output=True, check=False)
    command = [*qa, "serve", "--port", "0", "--config", str(place / "config.toml"), *index]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:  # fmt: skip
        assert server.stdout is not None
        found = next((f for line in server.stdout if (f := re.search(r"http://127\.0\.0\.1:\d+", line))), None)
        if found is None:
            raise SystemExit("qa serve ended before it served")
        yield found[0], server.pid
        server.terminate()


def questions() -> Iterator[str]:
    """Without end, each of them new: a sample question with words of another one and five that nobody has ever asked
    for, so that no cache knows it, and what remembers words would grow."""
    lines = (ROOT / "articles" / "questions.jsonl").read_text().splitlines()
    samples = [str(json.loads(line)["question"]) for line in lines if line.strip()]
    chance = random.Random(0)
    for n in itertools.count():
        words = [*chance.sample(chance.choice(samples).split(), 2), *(f"zz{5 * n + i}" for i in range(5))]
        yield f"{samples[n % len(samples)]} {' '.join(words)}"


async def load(address: str, askers: int, seconds: float) -> bool:
    """Prints throughput and times of `askers` who ask without a pause; whether nothing went wrong."""
    times: list[float] = []
    outcomes: Counter[str] = Counter()
    asked = questions()
    end = perf_counter() + seconds

    async def asker(client: httpx.AsyncClient) -> None:
        while perf_counter() < end:
            began = perf_counter()
            outcome = await ask(client, next(asked))
            outcomes[outcome] += 1
            if outcome == "200":
                times.append(perf_counter() - began)
            else:
                await asyncio.sleep(WAIT)

    async with httpx.AsyncClient(base_url=address, timeout=60, limits=httpx.Limits(max_connections=None)) as client:
        began = perf_counter()
        await asyncio.gather(*(asker(client) for _ in range(askers)))
        took = perf_counter() - began
    cuts = quantiles(times, n=100)
    print(f"{askers} askers for {seconds:.0f} s: {len(times) / took:.1f} answers a second; ", end="")
    print(f"median {1000 * cuts[49]:.0f} ms, p95 {1000 * cuts[94]:.0f} ms, p99 {1000 * cuts[98]:.0f} ms; ", end="")
    print(", ".join(f"{outcome}: {n:,}" for outcome, n in sorted(outcomes.items())), flush=True)
    return set(outcomes) <= {"200", "503"}


async def ask(client: httpx.AsyncClient, question: str) -> str:
    """The status; or what went wrong."""
    try:
        response = await client.post("/api/ask", json={"question": question})
    except httpx.HTTPError as error:
        return type(error).__name__
    status = response.status_code
    return "503 without Retry-After" if status == 503 and "retry-after" not in response.headers else str(status)


async def memory(address: str, pid: int, most: int) -> bool:
    """Prints the server's memory after a tenth of `most` questions and after all; whether it stayed the same."""
    asked, first = questions(), most // 10
    found: list[float] = []
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        for upto in (first, most - first):
            left = iter(range(upto))
            await asyncio.gather(*(several(client, asked, left) for _ in range(4)))
            found.append(resident(pid))
    growth = found[1] / found[0]
    print(f"memory after {first:,} questions {found[0]:.0f} MiB, after {most:,} {found[1]:.0f} MiB: {growth:.3f}")
    return growth <= GROWTH


async def several(client: httpx.AsyncClient, asked: Iterator[str], left: Iterator[int]) -> None:
    for _ in left:
        await ask(client, next(asked))


def resident(pid: int) -> float:
    """MiB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    raise SystemExit(main())
