"""Plain reading comprehension: how well span models answer when they are given the right paragraph.

    python tests/bench/comprehension.py [MODEL …] [--questions 0] [--sets new_wiki qed tydiqa]

A MODEL is a folder with an ONNX file, as the one that is shipped (the default), or a .safetensors file of the training;
several of them, say the checkpoints of a run, give a learning curve. Prints exact match and F1, as SQuAD counts them,
of the best span of the paragraph, over the development split; 0 questions are all of each set.
"""

from __future__ import annotations

import argparse
import random
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import squad
from tokenizers import Tokenizer

from index.article import Article
from index.chunks import chunks
from index.embed import bundled
from index.library import Hit
from index.terms import Terms
from qa.evaluation.gold import exact_match, f1
from qa.reader.sequence import Joined, PairTokenizer
from qa.reader.span_model import SHIPPED, Scores, SpanModel
from qa.reader.span_reader import SpanReader
from qa.reader.train.corpus import plain_title


class TorchModel:
    """Training's own weights, in float32, in place of a SpanModel."""

    def __init__(self, path: Path) -> None:
        from qa.reader.train.model import read

        self.tokenizer = PairTokenizer(Tokenizer.from_file(str(bundled() / "tokenizer.json")))
        self._model = read(path, bundled())

    def scores(self, texts: Sequence[Joined]) -> list[Scores]:
        import torch

        found = []
        for t in texts:
            inputs = [torch.from_numpy(row.astype(np.int64)[None]) for row in (t.ids, np.ones_like(t.ids), t.types)]
            with torch.inference_mode():
                start, end, answerable = (x[0].numpy() for x in self._model(*inputs))
            own = slice(t.offset, t.offset + t.n)
            found.append(Scores(start[own], end[own], float(answerable)))
        return found


def asked(name: str, data: Path) -> Iterator[tuple[str, Article, list[str]]]:
    """Question, paragraph, gold answers."""
    for article in squad.read(name, data):
        title = plain_title(article)
        for paragraph in article["paragraphs"]:
            text = unicodedata.normalize("NFC", paragraph["context"])
            for q in paragraph["qas"]:
                if q["answers"]:
                    yield q["question"], Article("paragraph", title, text), [a["text"] for a in q["answers"]]


def read(model: Any, found: Sequence[tuple[str, Article, list[str]]]) -> tuple[float, float]:
    """Mean exact match and F1."""
    reader = SpanReader(model, Terms("en"))
    rows = []
    for question, paragraph, gold in found:
        hits = [Hit(paragraph, chunk, 0.0, 0.0, 0.0) for chunk in chunks(paragraph)]
        best = max(reader.candidates(question, hits), key=lambda c: c.span)
        rows.append((exact_match(best.text, gold), f1(best.text, gold)))
    exact, overlap = np.mean(rows, axis=0)
    return float(exact), float(overlap)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="*", default=[SHIPPED])
    parser.add_argument("--questions", type=int, default=0, help="of each set, sampled with a fixed seed")
    parser.add_argument("--sets", nargs="+", default=squad.DEVELOPMENT)
    parser.add_argument("--data", type=Path, default=squad.DATA)
    args = parser.parse_args()
    for path in args.models:
        model = TorchModel(path) if path.suffix == ".safetensors" else SpanModel.open(path)
        for name in args.sets:
            found = list(asked(name, args.data))
            if args.questions:
                found = random.Random(7).sample(found, min(args.questions, len(found)))
            exact, overlap = read(model, found)
            print(f"{path} {name}: {len(found)} questions, EM {exact:.3f}, F1 {overlap:.3f}", flush=True)


if __name__ == "__main__":
    main()
