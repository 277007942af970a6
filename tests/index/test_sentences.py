import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.blocks import Block, blocks
from index.sentences import MAX_WORDS, sentences


def split(text, language=None):
    found = sentences(text, Block("paragraph", 0, len(text)), language)
    return [text[s.start : s.end] for s in found]


@pytest.mark.parametrize(
    "text",
    [
        "Ask Dr. Smith at ext. 4471. | She knows.",
        "The U.S. Army came. | It left the U.S. | They won.",
        "Use fruit, e.g. apples, i.e. red ones. | Eat them.",
        "See No. 4 and Fig. 3. | It helps.",
        "J. R. Smith wrote it. | It sold.",
        "“Is it open?” she asked. | He left.",
        "We meet at 9 a.m. on Monday. | Bring tea.",
        "Prices rose 3.5%. | Nobody knew why.",
        "It grew.[9][3] | The end came.",
        "Visit https://x.example/a.b?c=d or mail a.b@x.example. | Then go.",
        "Set it in config.toml v2.1. | Then run it.",
        "Wait... what? | No way!",
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text):
    assert split(text.replace(" | ", " ")) == text.split(" | ")


def test_the_language_decides():
    assert split("Am 3. März kam Dr. Müller z. B. nach Bonn. Er blieb.", "de") == [
        "Am 3. März kam Dr. Müller z. B. nach Bonn.",
        "Er blieb.",
    ]


def test_a_table_row_is_one_sentence():
    assert len(list(sentences("Ann. Lee | Bob. Ray", Block("row", 0, 19)))) == 1


def test_offsets_count_code_points():
    text = "Ä 😀 naïve “quote”. Next é one."
    assert split(text) == ["Ä 😀 naïve “quote”.", "Next é one."]


def test_a_run_on_is_cut_behind_a_clause_mark_never_inside_a_word():
    text = " ".join(["word"] * 100 + ["mark;"] + ["tail"] * 100)
    parts = split(text)
    assert parts[0].endswith(" mark;")
    assert " ".join(parts) == text
    assert max(len(part.split()) for part in parts) <= MAX_WORDS


@given(st.text(alphabet="abA. !?\n\"“”'1é😀-", max_size=200))
def test_sentences_come_in_order_and_leave_out_only_space(text):
    covered = set()
    end = 0
    for block in blocks(text):
        for s in sentences(text, block):
            assert end <= s.start < s.end
            end = s.end
            covered.update(range(s.start, s.end))
        assert not text[block.start : block.end].translate({ord(c): None for c in " \n"}) or all(
            i in covered or text[i].isspace() for i in range(block.start, block.end)
        )
