"""How many gold answers a sentence boundary would cut: a sign of sentences that end too early.

    python tests/bench/sentences.py [--data DIR]

Over the first gold answer of every question of the training sets, by place where the set gives it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import squad

from index.blocks import blocks
from index.sentences import sentences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=squad.DATA)
    data = parser.parse_args().data
    for name in squad.TRAINING:
        answers = cut = paragraphs = found = 0
        for article in squad.read(name, data):
            for paragraph in article["paragraphs"]:
                text = paragraph["context"]
                spans = [s for block in blocks(text) if block.kind != "heading" for s in sentences(text, block)]
                paragraphs, found = paragraphs + 1, found + len(spans)
                for asked in paragraph["qas"]:
                    for answer in asked["answers"][:1]:
                        start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
                        answers += 1
                        cut += not any(s.start <= start and end <= s.end for s in spans)
        share = f"{cut} of {answers:,} answers cut ({100 * cut / answers:.2f} %)"
        print(f"{name}: {share}, {found / paragraphs:.1f} sentences a paragraph")


if __name__ == "__main__":
    main()
