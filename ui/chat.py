"""The web chat: the conversation, the question box below it, the cited article beside it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from typing import Any, Protocol

import gradio as gr
from gradio.events import api

from index.article import Article
from index.errors import UserError
from qa.answer import Answer
from qa.feedback import Feedback
from ui.answer_view import answer_html, error_html, question_html, verdict_html, waiting_html
from ui.article_view import CHANGED, article_html, locate
from ui.conversation import Turn, history, question_problem, read_history, read_turns, write_conversation
from ui.server.gate import Busy
from ui.server.service import turned_down

SERVER_ERROR = "Something went wrong on the server. Ask again; if it stays so, tell whoever runs it to look at its log."

GREETING = "What would you like to know?"

_log = logging.getLogger(__name__)

Message = dict[str, Any]
Update = dict[str, Any]


class Answering(Protocol):
    """What the chat needs of a visitor's assistant. article may be called from any thread."""

    @property
    def n_articles(self) -> int: ...

    async def examples(self) -> list[str]: ...

    async def ask(self, question: str, history: Sequence[Mapping[str, str | None]] = ()) -> Answer: ...

    def article(self, article_id: str) -> Article | None: ...

    def keep(self, feedback: Feedback) -> None: ...


class Visitor(Protocol):
    """Who asks, as the request says that brought the event; Gradio hands on one with every event."""

    def __call__(self, request: gr.Request | None, door: str = "chat") -> Answering: ...


def build_chat(visitor: Visitor, title: str, feedback: bool) -> gr.Blocks:
    """The page. Its one public endpoint is /ask; the page's own events are private.

    feedback: whether it asks if an answer was right. Theme, style and head belong to whoever mounts it: see ui.app.
    """
    page = gr.Blocks(title=title, analytics_enabled=False, fill_height=True, fill_width=True)
    with page:
        bar = _component("bar", title=escape(title), server_functions=[_judge(visitor)])
        with gr.Row(elem_id="qa-main"):
            with gr.Column(elem_id="qa-chat"):
                log = _log_component()
                box = _question_box()
            _component("panel", server_functions=[_opener(visitor)])
        _wire(page, visitor, feedback, bar, log, box)
        # Not queued by Gradio: how many are answered at once, and how many wait, the service decides for all doors.
        api(_api(visitor), api_name="ask", queue=False)
    page.queue(api_open=False)  # the others are called through it
    return page


def page_text(name: str) -> str:
    """A file of ui/page: style, script or markup."""
    return (files("ui") / "page" / name).read_text(encoding="utf-8")


def _component(name: str, **options: Any) -> gr.HTML:
    return gr.HTML(
        None,
        html_template=page_text(f"{name}.html"),
        js_on_load=page_text(f"{name}.js"),
        apply_default_css=False,
        elem_id=f"qa-{name}",
        **options,
    )


def _log_component() -> gr.Chatbot:
    return gr.Chatbot(
        label="Conversation",
        show_label=False,
        container=False,
        height="100%",
        elem_id="qa-log",
        buttons=[],
        layout="panel",
        latex_delimiters=[],
        autoscroll=False,  # bar.js scrolls
        group_consecutive_messages=False,
        placeholder=f"<h2>{GREETING}</h2>",  # how many articles there are for the visitor is told when the page loads
    )


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        show_label=False,
        placeholder="Ask a question…",
        lines=1,
        max_lines=6,
        autofocus=True,
        submit_btn=True,
        elem_id="qa-box",
        html_attributes=gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send"),
    )


def _empty_state(n_articles: int, examples: Sequence[str]) -> dict[str, Any]:
    """What the conversation shows before the first question."""
    if n_articles == 0:
        note = "Whoever runs this adds them with <code>qa index PATH</code>."
        return {"placeholder": f"<h2>No articles yet</h2><p>{note}</p>", "examples": []}
    noun = "article" if n_articles == 1 else "articles"
    note = f"Answers are exact quotations from {n_articles:,} {noun}, with their source. Nothing is made up."
    return {
        "placeholder": f"<h2>{GREETING}</h2><p>{note}</p>",
        "examples": [{"text": example} for example in examples],
    }


def _wire(page: gr.Blocks, visitor: Visitor, feedback: bool, bar: gr.HTML, log: gr.Chatbot, box: gr.Textbox) -> None:
    async def submitted(question: str, conversation: object, request: gr.Request) -> AsyncIterator[dict[Any, Any]]:
        async for messages, kept in respond(visitor(request), question, conversation, feedback):
            yield {log: messages, **({bar: kept} if kept else {box: ""})}

    async def example(conversation: object, event: gr.SelectData, request: gr.Request) -> AsyncIterator[dict[Any, Any]]:
        async for messages, kept in respond(visitor(request), event.value["text"], conversation, feedback):
            yield {log: messages, **({bar: kept} if kept else {})}

    def verdict(question: str, _: object) -> list[Update]:
        problem = question_problem(question)
        return [gr.validate(problem is None, problem or ""), gr.validate(True, "")]

    async def greeted(request: gr.Request) -> Update:
        """Takes a while the first time; touches no message, as the visitor may have asked meanwhile."""
        asking = visitor(request)
        return gr.update(**_empty_state(asking.n_articles, await asking.examples()))

    def restored(conversation: object) -> list[Any]:
        turns = read_turns(conversation)
        return [conversation, messages_of(turns, feedback)] if turns else [gr.skip(), gr.skip()]

    answering: dict[str, Any] = {
        "outputs": [log, bar, box],
        "concurrency_limit": None,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    asked: list[dict[str, Any]] = [
        box.submit(submitted, [box, bar], validator=verdict, **answering),
        log.example_select(example, [bar], **answering),
    ]
    quiet: dict[str, Any] = {"show_progress": "hidden", "queue": False, "api_visibility": "private"}
    bar.select(lambda conversation: messages_of(read_turns(conversation), feedback), bar, log, cancels=asked, **quiet)
    page.load(restored, bar, [bar, log], js=page_text("restore.js"), **quiet)
    page.load(greeted, None, log, **quiet)


def messages_of(turns: Sequence[Turn], feedback: bool) -> list[Message]:
    """Chatbot messages; with feedback, answers ask whether they were right.

    All of them are HTML made here: Gradio's Markdown would load a question's images.
    """
    messages = []
    for number, turn in enumerate(turns):
        if turn.answer is None:
            reply = error_html(turn.error or "")
        else:
            reply = answer_html(turn.answer, verdict_html(turn.answer, number, turn.verdict) if feedback else "")
        messages += [_message("user", question_html(turn.question)), _message("assistant", reply)]
    return messages


def _message(role: str, html: str) -> Message:
    return {"role": role, "content": gr.HTML(html, js_on_load=None, apply_default_css=False, render=False)}


async def respond(
    asking: Answering, question: str, conversation: object, feedback: bool
) -> AsyncIterator[tuple[list[Message], dict[str, Any] | None]]:
    """First the question and "searching", with None; then the answer or error, with the conversation to be kept."""
    question = question.strip()
    before = read_turns(conversation)
    asked = [_message("user", question_html(question)), _message("assistant", waiting_html(asking.n_articles))]
    yield messages_of(before, feedback) + asked, None
    turns = [*before, await answered_turn(asking, question, history(before))]
    yield messages_of(turns, feedback), write_conversation(conversation, turns)


async def answered_turn(asking: Answering, question: str, before: Sequence[Mapping[str, str | None]]) -> Turn:
    """Asks; what goes wrong becomes a turn too: a UserError with its message, a bug with a line that tells nothing."""
    try:
        return Turn(question, await asking.ask(question, before))
    except (UserError, Busy) as error:
        return Turn(question, error=str(error))
    except Exception:
        _log.exception("a question failed")
        return Turn(question, error=SERVER_ERROR)


def _opener(visitor: Visitor) -> Callable[[Any, gr.Request], str]:
    def open_article(wanted: Any, request: gr.Request) -> str:
        match wanted:
            case {"article_id": str(article_id), "start": int(start), "end": int(end), "quoted": str(quoted)}:
                return opened_article(visitor(request), article_id, start, end, quoted)
        return error_html("This citation can't be read.")

    return open_article


def opened_article(asking: Answering, article_id: str, start: int, end: int, quoted: str) -> str:
    """The article's HTML with the quotation marked, or a line that says why not."""
    try:
        article = asking.article(article_id)
    except UserError as error:
        return error_html(str(error))
    except Exception:
        _log.exception("an article could not be opened")
        return error_html(SERVER_ERROR)
    if article is None:
        return error_html("This article is no longer there.")
    place = locate(article.text, start, end, quoted)
    if place is None:
        return CHANGED + article_html(article, 0, 0)
    return article_html(article, *place)


def _judge(visitor: Visitor) -> Callable[[Any, gr.Request], str]:
    def judge(turns: Any, request: gr.Request) -> str:
        """The conversation up to the turn that was judged → what went wrong, "" if nothing."""
        return judged(visitor(request), read_turns({"turns": turns}))

    return judge


def judged(asking: Answering, turns: Sequence[Turn]) -> str:
    """Keeps the verdict on the last turn; returns what went wrong, "" if nothing."""
    answer = turns[-1].answer if turns else None
    if answer is None:
        return "This answer can't be judged."
    now = datetime.now(UTC).isoformat()
    try:
        asking.keep(Feedback(now, turns[-1].verdict, answer, tuple(history(turns[:-1]))))
    except UserError as error:
        _log.warning("a verdict was not kept: %s", error)
        return "Your verdict could not be kept."
    return ""


def _api(visitor: Visitor) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def ask(
        question: str, history: list[dict[str, Any]] | None = None, request: gr.Request | None = None
    ) -> dict[str, Any]:
        """Answer a question with a quotation from the articles.

        Args:
            question: in plain language, at most 1000 characters.
            history: earlier turns of the conversation, oldest first, each {"question": ..., "answer": ...}.
        """
        if problem := question_problem(question if isinstance(question, str) else ""):
            raise _refused(request, 422, problem)
        try:
            answer = await visitor(request, "gradio").ask(question.strip(), read_history(history))
        except (UserError, Busy) as error:
            raise _refused(request, *turned_down(error)) from None
        return answer.to_dict()

    return ask


def _refused(request: gr.Request | None, status: int, message: str, headers: dict[str, str] | None = None) -> gr.Error:
    """To be raised: Gradio makes a 500 of it, and ui.server.gradio_calls this status."""
    if request is not None:
        request.state.refused = status, message, headers
    return gr.Error(message, print_exception=False)
