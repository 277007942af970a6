from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.chunks import MAX_CONTEXT, chunks, context


def article(text, title="T"):
    return Article("a", title, text)


def sentence(words):
    return " ".join(["Word"] + ["word"] * (words - 1)) + "."


def test_a_chunk_begins_with_the_last_sentence_of_the_one_before():
    found = list(chunks(article(" ".join(sentence(25) for _ in range(12)))))
    assert len(found) == 4
    for before, after in pairwise(found):
        assert after.sentences[0] == before.sentences[-1]


def test_chunks_never_cross_a_heading():
    text = "# Leave\n\nOne.\n\n## Sick\n\nTwo.\n\n# Pay\n\nThree."
    assert [(c.heading, text[c.start : c.end]) for c in chunks(article(text))] == [
        ("Leave", "One."),
        ("Leave › Sick", "Two."),
        ("Pay", "Three."),
    ]


def test_a_heading_that_repeats_the_title_is_left_out_of_the_context():
    assert [c.heading for c in chunks(article("# Leave\n\n## Sick\n\nOne.", "Leave"))] == ["Sick"]


def test_long_headings_are_cut_each_to_its_share():
    text = f"# {'outer ' * 20_000}\n\n## {'h' * 100_000}\n\n### Sick\n\nOne.\n\n## Pay\n\nTwo."
    first, second = (c.heading for c in chunks(article(text)))
    assert max(len(first), len(second)) <= MAX_CONTEXT
    outer, middle, inner = first.split(" › ")
    assert set(outer.split()) == {"outer"}
    assert set(middle) == {"h"}
    assert inner == "Sick"
    assert second.endswith("outer › Pay")


def test_headings_of_usual_length_stay_whole():
    headings = [
        "A heading of some length that still is one " * 2 + "end",
        "Another of some length " * 3 + "end",
        "Sick",
    ]
    text = "\n\n".join(f"{'#' * n} {heading}" for n, heading in enumerate(headings, 1))
    assert [c.heading for c in chunks(article(f"{text}\n\nOne."))] == [" › ".join(headings)]


def test_a_title_is_cut_between_words_if_it_has_several():
    assert context("Annual leave") == "Annual leave"
    assert context("Annual leave", 10) == "Annual"
    assert context("Annual leave", 6) == "Annual"
    assert context("Urlaubsanspruch", 6) == "Urlaub"


def test_chunks_of_a_section_are_of_about_equal_length():
    found = list(chunks(article(" ".join(sentence(10) for _ in range(23))), words=100, overlap=0))
    assert [len(c.sentences) for c in found] == [12, 11]


def test_a_heading_alone_makes_no_chunk():
    assert list(chunks(article("# Leave"))) == []


@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.integers(20, 150), st.integers(0, 2))
def test_every_sentence_is_in_a_chunk_and_none_is_cut(lengths, words, overlap):
    text = " ".join(sentence(n) for n in lengths)
    found = list(chunks(article(text), words, overlap))
    seen = [s for c in found for s in c.sentences]
    assert {text[s.start : s.end] for s in seen} == {sentence(n) for n in lengths}
    assert list(dict.fromkeys(seen)) == sorted(set(seen), key=lambda s: s.start)
    assert len(set(seen)) == len(lengths)
