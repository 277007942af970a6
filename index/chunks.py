"""Sentences → chunks: what is embedded, indexed and retrieved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.article import Article, Chunk, Sentence
from index.blocks import blocks
from index.sentences import sentences

FORMAT = 2
"""Raised by one when sentences or chunks are cut differently: the next sync then cuts every article anew."""

HEADING_JOINT = " › "

MAX_CONTEXT = 300
"""Characters; longer titles and headings are cut where they stand above a chunk, as every chunk repeats them."""


def chunks(article: Article, words: int = 100, overlap: int = 1) -> Iterator[Chunk]:
    """Cut an article into chunks of about `words` words, each beginning with the last `overlap` sentences before it.

    A chunk never crosses a heading and never cuts a sentence; the chunks of one section are of about equal length.
    """
    for heading, section in sections(article):
        for first, last in _windows([len(article.text[s.start : s.end].split()) for s in section], words, overlap):
            yield Chunk(tuple(section[first:last]), heading)


def sections(article: Article) -> Iterator[tuple[str, Sequence[Sentence]]]:
    """The headings above a section, outermost first, and its sentences; sections without sentences are left out."""
    path: list[tuple[int, str]] = []
    section: list[Sentence] = []
    for block in blocks(article.text):
        if block.kind != "heading":
            section.extend(sentences(article.text, block, article.language))
            continue
        if section:
            yield _joined(path, article), section
            section = []
        path = [(level, title) for level, title in path if level < block.level]
        path.append((block.level, article.text[block.start : block.end]))
    if section:
        yield _joined(path, article), section


def _joined(path: Sequence[tuple[int, str]], article: Article) -> str:
    """Headings as one line, of each its share; the first one is left out where it only repeats the article's title."""
    titles = [title for _, title in path]
    if titles and titles[0].casefold() == article.title.casefold():
        del titles[0]
    joined = HEADING_JOINT.join(titles)
    if len(joined) <= MAX_CONTEXT:
        return joined
    return HEADING_JOINT.join(context(title, MAX_CONTEXT // len(titles) - len(HEADING_JOINT)) for title in titles)


def context(title: str, most: int = MAX_CONTEXT) -> str:
    """A title as it stands above a chunk: at most so many characters of it, whole words if there are several."""
    if len(title) <= most:
        return title
    return title[: most + 1].rpartition(" ")[0].rstrip() or title[:most]


def _windows(lengths: Sequence[int], words: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Half-open windows over sentences of these lengths (in words), each of about `words` words, overlap included."""
    total = sum(lengths)
    repeated = overlap * total / len(lengths)
    n = max(1, round((total - repeated) / max(words - repeated, words / 2)))
    first, done = 0, 0
    for i in range(n):
        last = first
        while last < len(lengths) and (i == n - 1 or done + lengths[last] / 2 <= total * (i + 1) / n):
            done += lengths[last]
            last += 1
        if last > first:
            yield max(0, first - overlap), last
        first = last
