"""python -m qa.reader.train"""

from __future__ import annotations

import argparse
import logging
import signal
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from threading import Event

import torch
from tokenizers import Tokenizer

from index.embed import bundled
from qa.reader.sequence import PairTokenizer
from qa.reader.train import corpus
from qa.reader.train.groups import SHARES, Assembler, Sampler
from qa.reader.train.loop import Recipe, Run, latest
from qa.reader.train.model import from_encoder
from qa.reader.train.pool import Pool

log = logging.getLogger("qa.reader.train")


def main() -> None:
    args = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    if args.threads:
        torch.set_num_threads(args.threads)
    recipe = Recipe(**{f.name: getattr(args, f.name) for f in fields(Recipe)})
    directory = bundled()
    tokenizer = PairTokenizer(Tokenizer.from_file(str(directory / "tokenizer.json")))
    parts = {name: corpus.load(name, args.data, "train") for name in SHARES}
    pool = Pool(list(parts.values()), tokenizer)
    log.info("%d passages, %d questions", len(pool.passages), sum(len(p.questions) for p in parts.values()))
    torch.manual_seed(recipe.seed)
    run = Run(from_encoder(directory).to("cuda" if torch.cuda.is_available() else "cpu"), recipe)
    if found := args.resume or latest(args.out):
        run.resume(found)
        log.info("resumed from %s", found)
    run.train(
        Sampler(parts, recipe.seed), Assembler(pool, tokenizer, recipe.budget), _keeper(args.out, args.keep_every)
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m qa.reader.train",
        description="Train the span reader. Goes on from the last checkpoint in OUT; so does the decay of the rate, "
        "which may begin at any checkpoint (--steady).",
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the question sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--resume", type=Path, help="this checkpoint instead of the last one in OUT")
    parser.add_argument("--keep-every", type=int, default=200, help="steps between checkpoints")
    parser.add_argument("--threads", type=int, default=0, help="0 for torch's own choice")
    for field in fields(Recipe):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    return parser.parse_args()


def _keeper(out: Path, every: int) -> Callable[[Run], None]:
    """Saves a checkpoint every so many steps, at the end, and when the process is asked to stop."""
    stopped = Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: stopped.set())

    def after(run: Run) -> None:
        step = run.place.step
        if step % every == 0 or step == run.recipe.steps or stopped.is_set():
            run.save(out)
        if stopped.is_set():
            log.info("stopped at step %d; the same command goes on from there", step)
            raise SystemExit(1)

    return after


if __name__ == "__main__":
    main()
