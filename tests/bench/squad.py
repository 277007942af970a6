"""The public data sets: which part of each is trained on, and which is the development split.

    python tests/bench/squad.py FOLDER [--sets new_wiki qed tydiqa] [--data DIR]

writes parts as files of SQuAD's format, for `qa eval FOLDER/new_wiki.json --articles-from FOLDER/new_wiki.json`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from qa.reader.train.corpus import HELD_BACK, development_size, read_records

DATA = Path(__file__).parents[3] / "shared" / "data"
"""Where the public data sets lie, one folder each; the benchmarks take another place by --data."""

DEVELOPMENT = ("new_wiki", "qed", "tydiqa")
TRAINING = ("squad", "new_wiki-train", "qed-train", "tydiqa-train")
TUNING = ("squad-tune", "new_wiki-tune", "qed-tune", "tydiqa-tune")


def read(name: str, data: Path = DATA) -> list[dict[str, Any]]:
    """The articles in SQuAD's format.

    new_wiki: its last 12; qed, tydiqa: the last tenth: the development split, on which nothing is trained. With
    "-train" behind it: the first 800 of the rest; with "-tune": those at the end of the rest that the span reader is
    not trained on. squad: 60 articles of SQuAD 1.1's training set. Raises FileNotFoundError.
    """
    source, _, part = name.partition("-")
    articles = read_records(data, source)
    if name == "squad":
        return articles[:60]
    rest = articles[: len(articles) - development_size(source, len(articles))]
    return {"": articles[len(rest) :], "train": rest[:800], "tune": rest[-HELD_BACK[source] :]}[part]


def write(name: str, folder: Path, data: Path = DATA) -> Path:
    """The part as folder/name.json."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"data": read(name, data)}), encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=DEVELOPMENT)
    parser.add_argument("--data", type=Path, default=DATA)
    args = parser.parse_args()
    for name in args.sets:
        print(write(name, args.folder, args.data))


if __name__ == "__main__":
    main()
