"""How well the main text of a web page is found: what `qa index` does, beside other extractors.

    python tests/bench/extraction.py [--data DIR]

On the 61 pages of the article extraction benchmark (github.com/scrapinghub/article-extraction-benchmark, MIT) that the
shared data holds, by its measure, written anew from its definition. A page's text is the multiset of its runs of four
words (shingles; a word is what `\\w+` matches). Precision is the share of the found text's shingles that the text typed
out by people has too, recall the share of that text's shingles that were found; each is averaged over the pages, those
on which it is undefined left out (precision where nothing was found). F1 is the harmonic mean of the two averages;
accuracy the share of pages whose words are exactly those typed out. "low" counts the pages whose own F1 is below 0.8.
ms is the extraction alone, page as a string → text. Extractors that are not installed are named as skipped.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any

import squad
import trafilatura

from index import Article
from index.load import html
from index.load.fields import Empty

WORD = re.compile(r"\w+")
RUN = 4


def ours(page: str) -> str:
    try:
        (article,) = html.read(page, "page.html")
    except Empty:
        return ""
    assert isinstance(article, Article)
    return article.text


def by_trafilatura(**settings: Any) -> Callable[[str], str]:
    return lambda page: trafilatura.extract(page, **settings) or ""


def readability(page: str) -> str:
    document = import_module("readability").Document(page)
    return "\n".join(import_module("lxml.html").fromstring(document.summary()).itertext())


def resiliparse(page: str) -> str:
    # texts instead of images are no part of what people typed out
    extract = import_module("resiliparse.extract.html2text").extract_plain_text
    return str(extract(page, main_content=True, alt_texts=False))


def newspaper(page: str) -> str:
    # without fetch_images=False, it asks the network for the page's pictures
    article = import_module("newspaper").Article("http://localhost/", fetch_images=False)
    article.download(input_html=page)
    article.parse()
    return str(article.text)


EXTRACTORS: dict[str, Callable[[str], str]] = {
    "qa index": ours,
    "trafilatura, default": by_trafilatura(),
    "trafilatura, no comments": by_trafilatura(include_comments=False),
    "trafilatura, no comments, precision": by_trafilatura(include_comments=False, favor_precision=True),
    "trafilatura, no comments, recall": by_trafilatura(include_comments=False, favor_recall=True),
    "trafilatura, no comments, no tables": by_trafilatura(include_comments=False, include_tables=False),
    "readability-lxml": readability,
    "resiliparse": resiliparse,
    "newspaper4k": newspaper,
}


def shingles(words: list[str]) -> Counter[tuple[str, ...]]:
    """Runs of four words; a shorter text is one run, an empty one none."""
    return Counter(tuple(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1))) if words else Counter()


def row(name: str, extract: Callable[[str], str], pages: Mapping[str, str], truth: Mapping[str, str]) -> str:
    """The extractor's line of the table. Raises ImportError where it is not installed."""
    extract(next(iter(pages.values())))  # imports and tables are loaded before the clock starts
    precisions, recalls, exact, low, failed, seconds = [], [], 0, 0, 0, 0.0
    for page_name, page in pages.items():
        began = perf_counter()
        try:
            text = extract(page)
        except Exception:  # a page it can't read is a page without a text
            text, failed = "", failed + 1
        seconds += perf_counter() - began
        found_words, gold_words = WORD.findall(text), WORD.findall(truth[page_name])
        found, gold = shingles(found_words), shingles(gold_words)
        shared = (found & gold).total()
        if found:
            precisions.append(shared / found.total())
        if gold:
            recalls.append(shared / gold.total())
        exact += found_words == gold_words
        low += 2 * shared < 0.8 * (found.total() + gold.total())
    precision, recall = (fmean(values) if values else 0.0 for values in (precisions, recalls))
    f1 = 2 * precision * recall / ((precision + recall) or 1)
    figures = [f"{precision:9.3f}", f"{recall:6.3f}", f"{f1:5.3f}", f"{exact / len(pages):8.3f}", f"{low:3}"]
    figures.append(f"{1000 * seconds / len(pages):4.0f}")
    return f"| {name:36} | {' | '.join(figures)} |" + (f" failed on {failed}" if failed else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=squad.DATA / "web-pages")
    data = parser.parse_args().data
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")  # of the extractors, about parts of theirs that are not used here
    if not (data / "ground-truth.json").is_file():
        print(f"no pages at {data}; name their folder with --data")
        return
    truth = {
        name: page["articleBody"] for name, page in json.loads((data / "ground-truth.json").read_text("utf-8")).items()
    }
    files = {name: data / f"{name}.html.gz" for name in sorted(truth)}
    pages = {n: gzip.decompress(f.read_bytes()).decode("utf-8", "replace") for n, f in files.items() if f.is_file()}
    if not pages:
        print(f"no pages at {data}; name their folder with --data")
        return
    print(f"{len(pages)} pages")
    print(f"| {'extractor':36} | precision | recall | F1    | accuracy | low | ms   |")
    print(f"| {'-' * 36} | --------- | ------ | ----- | -------- | --- | ---- |")
    for name, extract in EXTRACTORS.items():
        try:
            print(row(name, extract, pages, truth), flush=True)
        except ImportError as error:
            print(f"| {name:36} | skipped: {error.name or error} is not installed |")


if __name__ == "__main__":
    main()
