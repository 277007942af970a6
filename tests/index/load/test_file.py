"""Every format, and every way in which input can be unusable."""

import gzip
import json

import pytest

from index import Article
from index.load import Skipped, file, find, read


@pytest.fixture
def load(articles):
    """Writes one file and reads it: load("a.txt", content) → articles and skips."""

    def write_and_read(name, content):
        folder = articles({name: content})
        (found,) = find([str(folder / name)]).files
        return list(read(found))

    return write_and_read


def test_text_has_its_first_line_as_title_and_stays_as_it_is(load):
    (article,) = load("a.txt", "Parking\n\nCars park here.\r\nBikes too.")
    assert article == Article("a.txt", "Parking", "Parking\n\nCars park here.\nBikes too.")


def test_text_without_a_title_line_is_called_by_its_file(load):
    (article,) = load("annual-leave.txt", "Cars park here.\nBikes too.")
    assert article.title == "annual leave"


def test_markdown_gives_its_words_without_marks(load):
    source = (
        "---\ntitle: Leave\ndate: 2025-03-14\nauthor: [Ann, Bo]\ngroups: [hr]\nreviewed: 2026-01-02\n---\n"
        "# Annual *leave*\n\nStaff get **28 days**, see [the form](x.html)\nand `leave.xlsx`.\n\n"
        "- one\n- two\n\n  more\n  1. deep\n\n| Grade | Days |\n|---|---|\n| A | **28** |\n\n"
        "> Said Bo.\n\n```\ncode  x\n```\n"
    )
    (article,) = load("leave.md", source)
    assert article.text == (
        "# Annual leave\n\nStaff get 28 days, see the form and leave.xlsx.\n\n"
        "- one\n- two\nmore\n  1. deep\n\nGrade | Days\nA | 28\n\nSaid Bo.\n\ncode  x\n"
    )
    assert (article.title, article.published, article.author) == ("Leave", "2025-03-14", "Ann, Bo")
    assert (article.groups, article.metadata) == (("hr",), {"reviewed": "2026-01-02"})


def test_markdown_without_front_matter_takes_its_title_from_the_first_heading(load):
    (article,) = load("leave.md", "Intro.\n\n## Annual leave\n\nText.")
    assert article.title == "Annual leave"


def test_html_gives_the_main_text_and_what_the_head_says(load):
    page = (
        '<html lang="en-GB"><head><title>Parking</title><meta name="author" content="Ann Lee">'
        '<meta property="article:published_time" content="2025-03-04T10:00:00Z">'
        '<link rel="canonical" href="https://x.example/parking"></head><body><nav>Home About</nav><main><article>'
        "<h1>Parking</h1><p>You can <b>park</b> at <a href='/x'>site A</a>, which has 120 places for staff. "
        "It is free for everyone who has a permit issued by the facilities team.</p><h2>Permits</h2>"
        "<ol><li>Fill in the form.</li><li>Send it to <i>Dr. Ho</i>.</li></ol>"
        "<table><tr><th>Site</th><th>Places</th></tr><tr><td>A</td><td>120</td></tr></table>"
        "</article></main><footer>© Cookies</footer></body></html>"
    )
    (article,) = load("parking.html", page)
    assert article.text == (
        "# Parking\n\nYou can park at site A, which has 120 places for staff. "
        "It is free for everyone who has a permit issued by the facilities team.\n\n## Permits\n\n"
        "1. Fill in the form.\n2. Send it to Dr. Ho.\n\nSite | Places\nA | 120\n"
    )
    assert (article.title, article.author, article.published) == ("Parking", "Ann Lee", "2025-03-04")
    assert (article.url, article.language) == ("https://x.example/parking", "en")


def test_html_is_decoded_as_it_declares(load):
    text = "Das Café öffnet täglich um neun Uhr morgens. " * 9
    page = f'<html><head><meta charset="iso-8859-1"></head><body><article><p>{text}</article></body></html>'
    (article,) = load("cafe.html", page.encode("iso-8859-1"))
    assert article.text.startswith("Das Café öffnet")


RECORD = {
    "id": "n1",
    "title": "T",
    "text": "Words.",
    "published": "2025-01-31",
    "groups": ["b", "a"],
    "topic": {"x": 1},
}
ARTICLE = Article("n1", "T", "Words.", published="2025-01-31", groups=("a", "b"), metadata={"topic": {"x": 1}})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps(RECORD)),
        ("a.json", json.dumps([RECORD])),
        ("a.jsonl", "\n" + json.dumps(RECORD) + "\r\n"),
        ("a.jsonl.gz", gzip.compress(json.dumps(RECORD).encode())),
        ("a.json", b"\xef\xbb\xbf" + json.dumps(RECORD).encode()),
        ("a.json", b"\xff\xfe" + json.dumps(RECORD).encode("utf-16-le")),
    ],
)
def test_records_become_articles_with_unknown_fields_as_metadata(load, name, content):
    assert load(name, content) == [ARTICLE]


def test_csv_rows_become_articles(load):
    (article,) = load("a.csv", 'id;title;text;groups;topic\nn1;T;"Words; more.\nLines.";a;\n')
    assert article == Article("n1", "T", "Words; more.\nLines.", groups=("a",))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", "Text."),
        ("a.md", "---\ngroups: []\n---\nText."),
        ("a.json", '{"text": "A."}'),
        ("a.json", '{"text": "A.", "groups": null}'),
        ("a.json", '{"text": "A.", "groups": []}'),
        ("a.csv", "text,groups\nA.,\n"),
        ("a.csv", "text,groups\nA.,  \n"),
    ],
)
def test_who_names_no_groups_writes_for_everybody(load, name, content):
    (article,) = load(name, content)
    assert (article.groups, article.metadata) == ((), {})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", "---\ngroups: hr\n---\nText."),
        ("a.md", "---\ngroups: [hr, ' hr ']\n---\nText."),
        ("a.json", '{"text": "A.", "groups": "hr"}'),
        ("a.csv", "text,groups\nA.,hr; ;\n"),
    ],
)
def test_one_group_may_be_named_alone(load, name, content):
    (article,) = load(name, content)
    assert article.groups == ("hr",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", "---\ngroups:\n---\nText."),
        ("a.md", "---\ngroups: ''\n---\nText."),
        ("a.md", "---\ngroups: [hr, ' ']\n---\nText."),
        ("a.json", '{"text": "A.", "groups": ""}'),
        ("a.json", '{"text": "A.", "groups": [""]}'),
        ("a.csv", 'text,groups\nA.,";"\n'),
    ],
)
def test_blank_groups_never_open_an_article(load, name, content):
    (skipped,) = load(name, content)
    assert skipped.kind == "refused"
    assert '"groups" is blank; name the groups, or leave it out where everybody may read this' in skipped.reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("a.md", f"---\n{field}: hr\n---\nText.") for field in ("Groups", "GROUPS", "group", "Group", "' groups'")),
        ("a.md", "---\ngroups: [hr]\nGroup: board\n---\nText."),
        ("a.json", '{"text": "A.", "Groups": ["hr"]}'),
        ("a.json", '{"text": "A.", "groups ": ["hr"]}'),
        ("a.csv", "text,group\nA.,hr\n"),
        ("a.csv", "text,groups \nA.,hr\n"),
    ],
)
def test_groups_under_another_name_never_open_an_article(load, name, content):
    (skipped,) = load(name, content)
    assert skipped.kind == "refused"
    assert 'would restrict nobody; write it as "groups"' in skipped.reason


def test_a_row_that_ends_before_its_groups_never_opens_an_article(load):
    cut, rest, whole = load("a.csv", "text,groups\nSecret\nwords.\nOpen words.,\n")
    assert (cut.kind, rest.kind, whole.text) == ("refused", "refused", "Open words.")
    assert cut.reason == 'line 2: ends before its "groups"; quote texts that hold a line end'


def test_a_record_without_id_is_named_by_its_place(load):
    assert [a.id for a in load("a.jsonl", '{"text": "A."}\n\n{"text": "B."}')] == ["a.jsonl#1", "a.jsonl#3"]


def test_text_is_kept_but_for_nfc_and_line_ends(load):
    (article,) = load("a.json", json.dumps({"text": " Cafe\u0301 \r\n x\r"}))
    assert article.text == " Caf\u00e9 \n x\n"


def test_a_date_that_is_not_iso_8601_is_kept_as_metadata(load):
    (article,) = load("a.json", json.dumps({"text": "A.", "published": "last spring"}))
    assert (article.published, article.metadata) == (None, {"published": "last spring"})


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t ", "empty"),
        ("a.md", "---\ntitle: T\n---\n", "empty"),
        ("a.html", "<html><body></body></html>", "empty"),
        ("a.txt", b"abc\0\x01def", "binary"),
        ("a.txt", "Caf\u00e9".encode("latin-1"), "not UTF-8 (at byte 3); save it as UTF-8"),
        ("a.html", b"<meta charset=x-nope><p>Words", "declares an unknown encoding ('x-nope')"),
        ("a.pdf", b"%PDF", "not a kind of file that is read"),
        ("a.json", "{", "not JSON"),
        ("a.json", DEEP, "not JSON"),
        ("a.jsonl", '{"text": "A."', "line 1: not JSON"),
        ("a.json", "[1]", "record 1: not an object"),
        ("a.json", '{"title": "T"}', 'record 1: no "text"'),
        ("a.json", '{"text": ["A."]}', 'record 1: "text" is not text'),
        ("a.json", '{"text": "\\ud800"}', 'record 1: "text" holds half a character'),
        ("a.json", '{"text": "A.", "groups": 7}', 'record 1: "groups" is not a list of names'),
        ("a.json", '{"text": "A.", "groups": {}}', 'record 1: "groups" is not a list of names'),
        ("a.csv", "id,text\n1,a,b\n", "more cells than the first row names"),
        ("a.md", "---\na: [\n---\nText.", "its front matter is not YAML"),
        ("a.txt.gz", b"\x1f\x8b not gzip", "damaged gzip file"),
        ("a.txt.gz", gzip.compress(b"words " * 1000)[:-20], "damaged gzip file"),
    ],
)
def test_unusable_input_is_named_with_the_reason(load, name, content, reason):
    (skipped,) = load(name, content)
    assert isinstance(skipped, Skipped)
    assert skipped.source == name
    assert reason in skipped.reason
    assert skipped.kind == ("empty" if reason == "empty" else "refused" if "groups" in reason else "failed")


def test_one_bad_record_does_not_lose_the_others(load):
    first, bad, last = load("a.jsonl", '{"text": "A."}\n{"text": 0.5, "title": []\n{"text": "C."}')
    assert (first.text, bad.kind, last.text) == ("A.", "failed", "C.")


def test_a_set_of_questions_is_not_taken_for_articles(load):
    (skipped,) = load("questions.jsonl", '{"question": "Why?", "answers": []}\n' * 3)
    assert (skipped.reason, skipped.kind) == ("questions, not articles", "ignored")


def test_a_gzip_bomb_is_not_unpacked(load, monkeypatch):
    monkeypatch.setattr(file, "MAX_BYTES", 2**20)
    (skipped,) = load("a.txt.gz", gzip.compress(b"a" * 2**22))
    assert skipped.reason == "larger than 1 MiB"


def test_hostile_html_is_an_article_or_a_skip(load):
    for n, page in enumerate(
        ["<div>" * 20_000 + "x", "<p>" + "&#x1F600;" * 500, "<!DOCTYPE x [<!ENTITY a 'b'>]><p>&a;"]
    ):
        assert len(load(f"{n}.html", page)) == 1
