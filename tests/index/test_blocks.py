from hypothesis import given
from hypothesis import strategies as st

from index.blocks import blocks


def cut(text):
    return [(block.kind, text[block.start : block.end]) for block in blocks(text)]


def test_markdown_headings_lose_their_marks_and_keep_their_level():
    assert [(b.kind, b.level) for b in blocks("# Leave\n\n### Sick ##\n\nText.")] == [
        ("heading", 1),
        ("heading", 3),
        ("paragraph", 0),
    ]
    assert cut("### Sick ##")[0] == ("heading", "Sick")


def test_a_short_line_between_blank_lines_is_a_heading():
    assert cut("Opening hours\n\nWe open at nine.") == [
        ("heading", "Opening hours"),
        ("paragraph", "We open at nine."),
    ]


def test_a_line_with_digits_or_punctuation_is_no_heading():
    assert cut("Room 12\n\nPhone: Ann Lee\n\nDone.") == [
        ("paragraph", "Room 12"),
        ("paragraph", "Phone: Ann Lee"),
        ("paragraph", "Done."),
    ]


def test_an_empty_heading_is_no_block():
    assert cut("# #\n##\nText.") == [("paragraph", "Text.")]


def test_the_last_line_is_no_heading():
    assert cut("We open at nine.\n\nAnn Lee") == [("paragraph", "We open at nine."), ("paragraph", "Ann Lee")]


def test_list_items_and_table_rows_stand_alone_without_their_marks():
    assert cut("- one\n2. two\n| a | b |\n|---|---|\nc | d") == [
        ("item", "one"),
        ("item", "two"),
        ("row", "a | b"),
        ("row", "c | d"),
    ]


def test_hard_wrapped_lines_are_one_paragraph():
    text = "The canteen on the second floor is open from nine in\nthe morning until three.\nIt is closed on Sundays."
    assert cut(text) == [
        ("paragraph", text[: text.index("\nIt")]),
        ("paragraph", "It is closed on Sundays."),
    ]


def test_short_lines_are_not_run_together():
    assert cut("12 Mill Lane\nHarrow Quay") == [("paragraph", "12 Mill Lane"), ("paragraph", "Harrow Quay")]


@given(st.text(alphabet="aA1 \n\t#-|.=é😀", max_size=80))
def test_blocks_come_in_order_without_overlap_or_outer_spaces(text):
    end = 0
    for block in blocks(text):
        assert end <= block.start < block.end <= len(text)
        assert text[block.start : block.end] == text[block.start : block.end].strip()
        end = block.end
