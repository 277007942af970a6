import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentencex import get_sentence_boundaries

from index import sentences as cutting
from index.blocks import Block, blocks
from index.sentences import MARGIN, MAX_WORDS, PIECE, sentences


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


@pytest.mark.parametrize("space", "\u00a0\u2009\u202f\u3000")
def test_a_wide_space_before_a_full_stop_stays_in_its_sentence(space):
    assert split(f"Take vitamin B{space}. It helps.") == [f"Take vitamin B{space}.", "It helps."]


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


QUOTING = 'Dr. Smith said: "One thing. Another, e.g. this. A third." She left at 9 a.m. on Monday. Nobody knew why! '


@pytest.mark.parametrize("before", range(0, 100, 9))
@pytest.mark.parametrize(
    ("language", "prose"), [("en", QUOTING), ("ja", "日本語の文です。「はい。いいえ。」と言った。本当？")]
)
def test_a_long_text_is_cut_as_if_it_were_looked_at_whole(language, prose, before):
    """Wherever in a sentence or quotation a piece ends."""
    text = "x" * before + ". " + prose * (2 * PIECE // len(prose) + 20)
    whole = [found["text"].strip() for found in get_sentence_boundaries(language, text)]
    assert split(text, language) == whole
    assert max(map(len, whole)) < MARGIN


def test_sentencex_is_given_no_more_than_a_piece_at_once(monkeypatch):
    sizes = []

    def recorded(language, text):
        sizes.append(len(text))
        return get_sentence_boundaries(language, text)

    monkeypatch.setattr(cutting, "get_sentence_boundaries", recorded)
    assert split("日本語の文です。" * 8_000, "ja") == ["日本語の文です。"] * 8_000
    assert max(sizes) <= PIECE
    assert sum(sizes) < 1.2 * 64_000


def test_a_sentence_longer_than_a_piece_is_cut_between_words_if_it_has_several():
    words = split("wort " * PIECE)
    assert {word for part in words for word in part.split()} == {"wort"}
    assert "".join(split("字" * 3 * PIECE, "zh")) == "字" * 3 * PIECE


@pytest.mark.parametrize(("piece", "margin"), [(PIECE, MARGIN), (20, 5), (2, 1)])
@given(st.text(alphabet="abA. !?\n\"“”'1é😀-", max_size=200))
def test_sentences_come_in_order_and_leave_out_only_space(piece, margin, text):
    covered = set()
    end = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "PIECE", piece)
        patch.setattr(cutting, "MARGIN", margin)
        found = [(block, list(sentences(text, block))) for block in blocks(text)]
    for block, cut in found:
        for s in cut:
            assert end <= s.start < s.end
            end = s.end
            covered.update(range(s.start, s.end))
        assert not text[block.start : block.end].translate({ord(c): None for c in " \n"}) or all(
            i in covered or text[i].isspace() for i in range(block.start, block.end)
        )
