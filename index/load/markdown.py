"""Markdown → article: the words without the marks, headings, list items and table rows on lines of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.article import Article
from index.load.fields import Unusable, article
from index.load.text import stem

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
_FENCE = "---"


def read(content: str, name: str) -> Iterator[Article]:
    """Front matter (YAML between lines of ---) gives the fields; date stands for published.

    The title is the front matter's, else the first heading's, else the file's name. In the text, headings keep their
    # marks, list items begin with "- " or their number, the cells of a table row stand between " | ".
    """
    fields, body = _front_matter(content)
    if "date" in fields and "published" not in fields:
        fields["published"] = fields.pop("date")
    if "groups" in fields and fields["groups"] is None:
        fields["groups"] = ""  # typed with nothing behind it: a slip, where null in JSON is an exporter's "none"
    tokens = _PARSER.parse(body)
    headings = [_inline(after) for before, after in pairwise(tokens) if before.type == "heading_open"]
    fields["text"] = _text(tokens)
    yield article(fields, name, headings[0] if headings else stem(name))


def _front_matter(content: str) -> tuple[dict[str, object], str]:
    lines = content.split("\n")
    if lines[0].rstrip() != _FENCE:
        return {}, content
    ends = [n for n, line in enumerate(lines[1:], 1) if line.rstrip() in (_FENCE, "...")]
    if not ends:
        return {}, content
    try:
        fields = yaml.safe_load("\n".join(lines[1 : ends[0]]))
    except (yaml.YAMLError, RecursionError) as error:
        raise Unusable(f"its front matter is not YAML ({' '.join(str(error).split())})") from error
    if fields is None:
        fields = {}
    if not isinstance(fields, dict):
        return {}, content
    fields.pop("text", None)
    return fields, "\n".join(lines[ends[0] + 1 :])


def _text(tokens: Sequence[Token]) -> str:
    """Blocks as lines; a blank line between blocks, none within a list or table."""
    lines: list[str] = []
    numbers: list[int | None] = []  # of the open lists: the next item's number, None in a bulleted one
    mark = ""  # what the next text in a list item begins with
    row: list[str] | None = None
    for token in tokens:
        match token.type:
            case "heading_open":
                mark = "#" * int(token.tag[1]) + " "
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)))
            case "list_item_open":
                mark = "  " * (len(numbers) - 1) + ("- " if numbers[-1] is None else f"{numbers[-1]}. ")
                if numbers[-1] is not None:
                    numbers[-1] += 1
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
                if not numbers:
                    lines.append("")
            case "tr_open":
                row = []
            case "tr_close" if row is not None:
                lines.append(" | ".join(row))
                row = None
            case "inline" if row is not None:
                row.append(" ".join(_inline(token).split()))
            case "inline":
                lines.append(mark + _inline(token))
                mark = ""
            case "fence" | "code_block":
                lines += [token.content.rstrip("\n"), ""]
            case "paragraph_close" | "heading_close" if not numbers:
                lines.append("")
            case "table_close":
                lines.append("")
    return "\n".join(lines).strip() + "\n"


def _inline(token: Token) -> str:
    """The words of a run of text: no emphasis, no link targets, no HTML tags; pictures as their description."""
    words = []
    for child in token.children or ():
        match child.type:
            case "text" | "code_inline":
                words.append(child.content)
            case "image":
                words.append(_inline(child))
            case "softbreak":
                words.append(" ")
            case "hardbreak":
                words.append("\n")
    return "".join(words).strip()
