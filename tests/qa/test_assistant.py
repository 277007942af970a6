import json

import pytest

from index import IndexSettings, Library
from index.errors import QuestionInvalid
from qa import Answer, Assistant, Config
from qa.reader import Span

KEYS = (
    [
        "question",
        "standalone_question",
        "answered",
        "answer",
        "confidence",
        "citations",
        "alternatives",
        "closest",
        "timings_ms",
        "declined",
    ],
    ["n", "article_id", "title", "url", "author", "published", "sentence", "start", "end", "span", "score"],
)
FILES = {
    "leave.txt": "Leave\n\nFull-time staff get 28 days of annual leave. Part-time staff get it pro rata.",
    "news.txt": "News\n\nFrom May full-time staff get 30 days of annual leave.",
    "twin.txt": "Twin\n\nThe 28 days of annual leave are for full-time staff.",
}


@pytest.fixture
def assistant(library, articles, embedder):
    library.sync([str(articles(FILES))])
    return Assistant.open(library.directory, Config(), embedder=embedder)


class Fixed:
    """A reader with a given verdict on each hit's first sentence."""

    def __init__(self, confidences):
        self.confidences = confidences

    def read(self, question, hits, rarity):
        spans = []
        for hit in hits:
            s = hit.chunk.sentences[0]
            confidence = self.confidences[hit.article.id]
            spans.append(Span(hit.article, s.start, s.end, (s.start, s.end), confidence, confidence))
        return sorted(spans, key=lambda span: -span.score)


def judged(assistant, **confidences):
    reader = Fixed({f"{name}.txt": value for name, value in confidences.items()})
    return Assistant(assistant.library, reader, assistant.config).ask("How many days of annual leave?")


def test_an_answer_is_one_json_object_of_the_documented_form(assistant):
    found = json.loads(json.dumps(assistant.ask("How many days of annual leave do full-time staff get?").to_dict()))
    assert list(found) == KEYS[0]
    for citation in found["citations"] + found["closest"]:
        assert list(citation) == KEYS[1]
    assert set(found["timings_ms"]) == {"retrieve", "read", "total"}
    assert 0 <= found["confidence"] <= 1


def test_the_same_answer_elsewhere_is_cited_and_a_different_one_offered(assistant):
    answer = judged(assistant, twin=0.9, news=0.8, leave=0.7)
    assert answer.answered
    assert [(c.n, c.article_id) for c in answer.citations] == [(1, "twin.txt"), (2, "leave.txt")]
    (other,) = answer.alternatives
    assert "30 days" in other.answer
    assert [(c.n, c.article_id) for c in other.citations] == [(3, "news.txt")]


def test_below_the_threshold_nothing_is_answered(assistant):
    below = assistant.config.answer.decline_below - 0.01
    answer = judged(assistant, twin=below, news=0.1, leave=0.0)
    assert (answer.answered, answer.answer, answer.citations) == (False, None, ())
    assert [c.article_id for c in answer.closest] == ["twin.txt", "news.txt", "leave.txt"]
    assert answer.confidence == below


def test_a_declined_answer_says_why(assistant, library):
    below = assistant.config.answer.decline_below - 0.01
    assert judged(assistant, twin=0.9, news=0.1, leave=0.0).declined is None
    assert judged(assistant, twin=below, news=0.01, leave=0.0).declined == "unsure"
    assert judged(assistant, twin=below, news=below, leave=0.0).declined == "contradiction"
    library.remove(["leave.txt", "news.txt", "twin.txt"])
    assert assistant.ask("How many days of annual leave?").declined == "nothing found"


def test_what_has_no_word_in_common_and_is_far_off_is_not_about_it(assistant):
    assert assistant.ask("Quartz?").declined == "nothing found"


def test_other_languages_than_english_are_answered_with_whole_sentences(tmp_path, articles, embedder):
    config = Config(index=IndexSettings(language="de"))
    library = Library.open(tmp_path / "de", embedder, config.index, create=True)
    library.sync([str(articles({"urlaub.txt": "Urlaub\n\nVollzeitkräfte haben 28 Tage Urlaub. Anträge nimmt Ute."}))])
    trace = Assistant.open(library.directory, config, embedder=embedder).trace("Wie viele Tage Urlaub gibt es?")
    assert {span.text for span in trace.spans} == {"Vollzeitkräfte haben 28 Tage Urlaub.", "Anträge nimmt Ute."}


def test_english_is_answered_with_the_exact_words(assistant):
    best = assistant.trace("How many days of annual leave do full-time staff get?").spans[0]
    assert best.text in ("28", "28 days", "30", "30 days")
    assert best.article.text[slice(*best.quote)].endswith(".")


def test_an_empty_index_declines_without_closest_sentences(tmp_path, embedder):
    Library.open(tmp_path / "none", embedder, create=True)
    answer = Assistant.open(tmp_path / "none", Config(), embedder=embedder).ask("Anything?")
    assert isinstance(answer, Answer)
    assert (answer.answered, answer.closest, answer.confidence) == (False, (), 0.0)


@pytest.mark.parametrize(("question", "message"), [(" \n", "empty"), ("x" * 1001, "1,001 characters long")])
def test_bad_questions_are_refused_with_the_reason(assistant, question, message):
    with pytest.raises(QuestionInvalid, match=message):
        assistant.ask(question)


@pytest.mark.parametrize(
    "question", ["<script>alert(1)</script>", "'; DROP TABLE article; --", "\0", "🦆" * 300, "((((", '"']
)
def test_hostile_questions_are_just_questions(assistant, question):
    assert assistant.ask(question).question == " ".join(question.split())
    assert assistant.n_articles == 3


def test_a_follow_up_is_answered_as_the_question_it_stands_for(assistant):
    history = [{"question": "How many days of annual leave do staff get?", "answer": "28"}]
    answer = assistant.ask("And part-time?", history)
    assert answer.standalone_question == "And part-time? (How many days of annual leave do staff get?)"
