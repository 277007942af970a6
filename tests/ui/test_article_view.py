"""An article as HTML: structure, exact marks, nothing unescaped."""

import re
from html import unescape

import pytest

from index.article import Article
from index.blocks import blocks
from ui.article_view import article_html, locate, original_link, readable_date, safe_url


def body(text: str, start: int = 0, end: int = 0, title: str = "Title") -> str:
    html = article_html(Article("a", title, text), start, end)
    return re.sub(r".*<div class=\"qa-article-text\" dir=\"auto\">\n(.*)\n</div>", r"\1", html, flags=re.DOTALL)


def marked(html: str) -> list[str]:
    return [unescape(found) for found in re.findall(r"<mark[^>]*>(.*?)</mark>", html)]


def test_a_line_is_a_paragraph():
    assert body("One.\n\nTwo.\nThree.") == "<p>One.</p>\n<p>Two.</p>\n<p>Three.</p>"


def test_headings_go_below_the_title():
    assert body("# A\n## B\n###### C") == "<h3>A</h3>\n<h4>B</h4>\n<h6>C</h6>"


def test_neighbouring_items_are_one_list():
    assert body("- a\n- b\nC.") == "<ul><li>a</li><li>b</li></ul>\n<p>C.</p>"


def test_numbered_items_keep_their_numbers():
    assert body("1. a\n2. b\n- c") == "<ol><li>a</li><li>b</li></ol>\n<ul><li>c</li></ul>"


def test_neighbouring_rows_are_one_table_with_a_head():
    assert "<tr><th>k</th><th>v</th></tr><tr><td>a</td><td>1</td></tr></table>" in body("k | v\na | 1")
    assert "<tr><th>k</th><th>v</th></tr><tr><td>a</td><td>1</td></tr></table>" in body("|k | v|\n|---|---|\n| a | 1 |")


def test_a_single_row_is_a_paragraph():
    assert body("home | about") == "<p>home | about</p>"


def test_a_first_heading_that_repeats_the_title_is_left_out():
    assert body("# Title\nText.", 8, 13) == '<p><mark id="qa-highlight">Text.</mark></p>'


def test_a_cited_heading_stays():
    assert marked(body("# Title\nText.", 2, 7)) == ["Title"]


def test_the_mark_may_begin_and_end_within_a_line():
    assert body("One two three.", 4, 7) == '<p>One <mark id="qa-highlight">two</mark> three.</p>'


def test_a_span_over_several_blocks_is_marked_in_each_and_named_once():
    text = "# Head\nOne.\n- two\n- three\nk | v\na | 1"
    html = body(text, 2, len(text))
    assert marked(html) == ["Head", "One.", "two", "three", "k", "v", "a", "1"]
    assert html.count('id="qa-highlight"') == 1


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-5, -1), (99, 120)])
def test_an_empty_or_outlying_span_marks_nothing(start, end):
    assert marked(body("Some words.", start, end)) == []


def test_every_span_marks_exactly_its_own_visible_characters():
    text = "# A <b>\n\n- x & y\n  - 🙂 z\nk | v\n1 | 2\n\ttail "
    shown = {i for block in blocks(text) for i in range(block.start, block.end)}
    shown -= {i for i in range(len(text)) if text[i - 1 : i + 2] == " | "}
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            expected = "".join(text[i] for i in range(start, end) if i in shown).replace(" ", "")
            assert "".join(marked(body(text, start, end))).replace(" ", "") == expected


def test_nothing_of_an_article_gets_through_unescaped():
    evil = '"><img src=x onerror=alert(1)>'
    html = article_html(Article("a", evil, f"# {evil}\n- {evil}\n{evil} | {evil}", evil, evil, evil, evil), 3, 20)
    assert "<img" not in html
    assert "href" not in html


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "//host/x",
        "/x",
        "http:",
        "https://a b",
        "http://[",
        "\x01http://a",
    ],
)
def test_only_absolute_web_addresses_become_links(url):
    assert safe_url(url) is None
    assert original_link(url) == ""


def test_a_link_opens_a_new_tab_that_knows_nothing_of_this_one():
    link = original_link('https://host/?a=1&b="')
    assert 'href="https://host/?a=1&amp;b=&quot;" target="_blank" rel="noopener noreferrer"' in link


@pytest.mark.parametrize(
    ("published", "shown"),
    [("2024-03-02", "2 Mar 2024"), ("2024-03-12T08:00:00Z", "12 Mar 2024"), ("spring", "spring"), (None, None)],
)
def test_dates(published, shown):
    assert readable_date(published) == shown


@pytest.mark.parametrize(
    ("text", "place"),
    [("ab. cd.", (4, 7)), ("new ab. cd.", (8, 11)), ("cd. and cd.", (0, 3)), ("ab.", None)],
)
def test_a_quotation_is_found_again_where_it_stands_now(text, place):
    assert locate(text, 4, 7, "cd.") == place
