"""How the sample articles' questions are answered.

    python tests/bench/samples.py [--show]

A citation is right when it is of an article named for the question and its sentence holds one of the answers.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from index import Library, SentenceTransformerEmbedder
from qa import Answer, Assistant, Config

ARTICLES = Path(__file__).parents[2] / "articles"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    show = parser.parse_args().show
    questions = [json.loads(line) for line in (ARTICLES / "questions.jsonl").read_text("utf-8").splitlines()]
    config = Config()
    with TemporaryDirectory() as directory:
        embedder = SentenceTransformerEmbedder(config.index.model)
        Library.open(Path(directory), embedder, config.index, config.search, create=True).sync([str(ARTICLES)])
        assistant = Assistant.open(directory, config, embedder=embedder)
        answers = [assistant.ask(q["question"], q.get("history", ())) for q in questions]
    right, declined, answerable, follow_up = [], [], [], []
    for q, answer in zip(questions, answers, strict=True):
        right.append(is_right(q, answer))
        declined.append(not answer.answered)
        answerable.append(bool(q["answers"]))
        follow_up.append(bool(q.get("history")))
        if show and (declined[-1] == answerable[-1] or answerable[-1] != right[-1]):
            first = (*answer.citations, *answer.closest)[0]
            mark = "right" if right[-1] else "wrong"
            print(f"{q['id']} {'declined ' if declined[-1] else ''}{mark} {answer.confidence:.2f} {q['question']}")
            print(f"    {q['answers']} {q.get('article_id')}\n    {first.sentence!r} {first.article_id}")
    r, d, a, f = map(np.array, (right, declined, answerable, follow_up))
    print(f"{a.sum()} answerable questions: first citation right {r[a].mean():.3f}, declined {d[a].mean():.3f}")
    print(
        f"  of those answered, right {r[a & ~d].mean():.3f}; follow-ups right {r[a & f].mean():.3f} of {(a & f).sum()}"
    )
    print(f"{(~a).sum()} unanswerable questions: declined {d[~a].mean():.3f}")
    total = np.array([answer.timings_ms["total"] for answer in answers])
    print(f"milliseconds for an answer: median {np.median(total):.0f}, 95 % {np.percentile(total, 95):.0f}")


def is_right(question: dict, answer: Answer) -> bool:
    """Whether the first citation, or the first of the closest, is right."""
    first = (*answer.citations, *answer.closest)[0]
    articles = [question.get("article_id"), *question.get("also", ())]
    return first.article_id in articles and any(a in first.sentence for a in question["answers"])


if __name__ == "__main__":
    main()
