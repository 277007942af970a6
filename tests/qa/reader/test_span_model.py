"""The shipped reader's files."""

import shutil

import pytest

from index.errors import ModelMissing
from qa.reader.span_model import MANIFEST, MODEL, SHIPPED, TOKENIZER, SpanModel


def test_the_shipped_model_scores_the_words_that_answer_highest():
    model = SpanModel.open(threads=1)
    from index.article import Article
    from index.chunks import chunks

    article = Article("a", "Ferry", "The ferry is called Dunlin. It was built in 1998 by a yard in Leith.")
    (chunk,) = chunks(article)
    (question,), (text,) = (
        model.tokenizer.questions(["When was the ferry built?"]),
        model.tokenizer.texts([(article, chunk)]),
    )
    (scores,) = model.scores([model.tokenizer.join(question, text)])
    first, last = int(scores.start.argmax()), int(scores.end.argmax())
    assert article.text[text.starts[first] : text.ends[last]] == "1998"


@pytest.mark.parametrize("name", [MODEL, TOKENIZER, MANIFEST])
def test_a_damaged_or_missing_file_is_refused_with_the_remedy(tmp_path, name):
    shutil.copytree(SHIPPED, tmp_path, dirs_exist_ok=True)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ModelMissing, match="install the program again"):
        SpanModel.open(tmp_path)
    path.unlink()
    with pytest.raises(ModelMissing, match="install the program again"):
        SpanModel.open(tmp_path)


def test_it_comes_with_a_model_card_and_stays_small():
    assert (SHIPPED / "README.md").read_text().startswith("# ")
    assert (SHIPPED / MODEL).stat().st_size < 30 * 10**6
