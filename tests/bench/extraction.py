"""How well the main text of a web page is found: what `qa index` does, beside other extractors.

    python tests/bench/extraction.py [--data DIR]

On the 61 pages of the article extraction benchmark (scrapinghub/article-extraction-benchmark, MIT) that the shared data
holds. Its measure: a page's text as the multiset of its runs of four words; precision and recall of those against the
text typed out by people, averaged over the pages; F1 of the two averages. Extractors that are not installed are named.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import perf_counter

import squad
import trafilatura

from index import Article
from index.load import html

WORD = re.compile(r"\w+")


def ours(page: str) -> str:
    try:
        (article,) = html.read(page, "page.html")
    except html.Empty:
        return ""
    assert isinstance(article, Article)
    return article.text


def readability(page: str) -> str:
    document = import_module("readability").Document(page)
    return str(import_module("lxml.html").fromstring(document.summary()).text_content())


def resiliparse(page: str) -> str:
    return str(import_module("resiliparse.extract.html2text").extract_plain_text(page, main_content=True))


EXTRACTORS: dict[str, Callable[[str], str]] = {
    "qa index (trafilatura, no comments)": ours,
    "trafilatura, default": lambda page: trafilatura.extract(page) or "",
    "trafilatura, favour precision": lambda page: trafilatura.extract(page, favor_precision=True) or "",
    "trafilatura, favour recall": lambda page: trafilatura.extract(page, favor_recall=True) or "",
    "readability-lxml": readability,
    "resiliparse": resiliparse,
}


def runs(text: str) -> Counter[tuple[str, ...]]:
    """Runs of four words; a shorter text is one run."""
    words = WORD.findall(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=squad.DATA / "web-pages")
    data = parser.parse_args().data
    if not (data / "ground-truth.json").is_file():
        print(f"no pages at {data}; name their folder with --data")
        return
    truth = json.loads((data / "ground-truth.json").read_text("utf-8"))
    packed = {name: (data / f"{name}.html.gz").read_bytes() for name in sorted(truth)}
    pages = {name: gzip.decompress(content).decode("utf-8", "replace") for name, content in packed.items()}
    print(f"| {'extractor':36} | precision | recall | F1 | ms a page |\n| --- | --- | --- | --- | --- |")
    for extractor, extract in EXTRACTORS.items():
        scores, began = [], perf_counter()
        try:
            for name, page in pages.items():
                found, gold = runs(extract(page)), runs(truth[name]["articleBody"])
                shared = (found & gold).total()
                scores.append((shared / max(1, found.total()), shared / max(1, gold.total())))
        except ImportError as error:
            print(f"| {extractor:36} | not installed ({error.name}) |")
            continue
        precision, recall = (sum(column) / len(scores) for column in zip(*scores, strict=True))
        f1 = 2 * precision * recall / (precision + recall)
        ms = 1000 * (perf_counter() - began) / len(pages)
        print(f"| {extractor:36} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {ms:.0f} |", flush=True)


if __name__ == "__main__":
    main()
