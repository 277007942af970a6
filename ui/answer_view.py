"""An answer as HTML: quotations with their sources. Everything that comes from articles and questions is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from qa.answer import Alternative, Answer, Citation
from qa.feedback import Verdict
from ui.answer_text import NOT_FOUND, WHY, percent
from ui.article_view import original_link, readable_date


def question_html(question: str) -> str:
    return f'<p class="qa-asked" dir="auto">{escape(question)}</p>'


def waiting_html(n_articles: int) -> str:
    noun = "article" if n_articles == 1 else "articles"
    return f'<p class="qa-waiting">Searching {n_articles:,} {noun}<span class="qa-dots" aria-hidden="true"></span></p>'


def error_html(message: str) -> str:
    """A line that says what went wrong; it starts with a capital letter, as the shell's don't."""
    message = message[:1].upper() + message[1:]
    return f'<p class="qa-error" role="alert">{escape(message)}</p>'


def answer_html(answer: Answer, verdict: str = "") -> str:
    """verdict: the buttons below it, from verdict_html."""
    parts = [_understood(answer)]
    if answer.answered:
        parts += [_sources(answer.citations), _confidence(answer.confidence)]
        parts += [_alternative(alternative) for alternative in answer.alternatives]
    else:
        why = f" <span>{WHY[answer.declined]}</span>" if answer.declined else ""
        parts.append(f'<p class="qa-declined">{NOT_FOUND}{why}</p>')
        if answer.closest:
            parts.append('<p class="qa-label">Closest sentences, which may not answer your question:</p>')
            unmarked = [replace(citation, span=None) for citation in answer.closest]
            parts.append(_sources(unmarked, "qa-closest"))
    return f'<div class="qa-answer">{"".join(parts)}{verdict}</div>'


def verdict_html(answer: Answer, number: int, verdict: Verdict | None) -> str:
    """Asks whether the answer is right; number: its turn's in the conversation, from 0, which the script sends back."""
    asked = "Does this answer it?" if answer.answered else "Is it right that the articles don't say?"
    buttons = "".join(
        f'<button type="button" class="qa-button" data-verdict="{value}" data-turn="{number}"'
        f' aria-pressed="{"true" if verdict == value else "false"}">{word}</button>'
        for value, word in (("up", "Yes"), ("down", "No"))
    )
    return (
        f'<div class="qa-verdict" role="group" aria-label="{asked}"><span>{asked}</span> {buttons}'
        '<span role="status"></span></div>'
    )


def confidence_words(confidence: float) -> str:
    """A calibrated probability in words: 0.8 and more is high, 0.5 and more is medium."""
    if confidence >= 0.8:
        return "High confidence"
    return "Medium confidence" if confidence >= 0.5 else "Low confidence"


def quotation_html(citation: Citation) -> str:
    """The cited sentence with the answering span in <mark>; unmarked where the span is the whole sentence."""
    sentence = citation.sentence
    if citation.span is None:
        return escape(sentence)
    start, end = citation.span[0] - citation.start, citation.span[1] - citation.start
    if not 0 <= start < end <= len(sentence) or end - start >= len(sentence.rstrip(" .!?")):
        return escape(sentence)
    return f"{escape(sentence[:start])}<mark>{escape(sentence[start:end])}</mark>{escape(sentence[end:])}"


def _understood(answer: Answer) -> str:
    if answer.standalone_question.strip() == answer.question.strip():
        return ""
    return f'<p class="qa-label" dir="auto">Understood as: {escape(answer.standalone_question)}</p>'


def _sources(citations: Sequence[Citation], more_classes: str = "") -> str:
    items = "".join(_source(citation) for citation in citations)
    return f'<ol class="qa-sources {more_classes}">{items}</ol>'


def _source(citation: Citation) -> str:
    """A quotation and the button that opens its article; the button's data tell the page's script what to open."""
    known = [escape(part) for part in (readable_date(citation.published), citation.author) if part]
    meta = f' <span class="qa-meta">{" · ".join(known)}</span>' if known else ""
    return (
        '<li class="qa-source">'
        f'<blockquote class="qa-quote" dir="auto">{quotation_html(citation)}</blockquote>'
        '<div class="qa-from">'
        f'<button type="button" class="qa-cite" data-article="{escape(citation.article_id)}"'
        f' data-start="{citation.start}" data-end="{citation.end}">'
        f'<span class="qa-n">[{citation.n}]</span> <span class="qa-title">{escape(citation.title)}</span>{meta}'
        '<span class="qa-unseen">, show in the article</span></button>'
        f"{original_link(citation.url)}</div></li>"
    )


def _confidence(confidence: float) -> str:
    return f'<p class="qa-confidence">{confidence_words(confidence)} · {percent(confidence)}</p>'


def _alternative(alternative: Alternative) -> str:
    return (
        '<section class="qa-alternative"><p class="qa-label">Another article says '
        f"<span>· {confidence_words(alternative.confidence).lower()} · {percent(alternative.confidence)}</span></p>"
        f"{_sources(alternative.citations)}</section>"
    )
