"""The HTTP API: questions, articles, verdicts, and what a machine room wants to know."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import HTTPException
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json
from starlette.responses import HTMLResponse, JSONResponse, Response

from index.errors import FeedbackInvalid, UserError
from index.filter import Filter
from qa.answer import Answer
from qa.assistant import MAX_QUESTION
from qa.feedback import Feedback, Verdict
from ui.article_page import article_page
from ui.conversation import MAX_HISTORY, MAX_TURNS, question_problem
from ui.docs_page import docs_page
from ui.server.door import address, asker_of
from ui.server.gate import Busy
from ui.server.metrics import CONTENT_TYPE, Metrics
from ui.server.proxy import Network, within
from ui.server.service import Service, Visitor
from ui.widget_script import widget_script

EXAMPLE_ANSWER: dict[str, Any] = {
    "question": "How many days of annual leave do full-time staff have?",
    "standalone_question": "How many days of annual leave do full-time staff have?",
    "answered": True,
    "answer": "27 days",
    "confidence": 0.97,
    "citations": [
        {
            "n": 1, "article_id": "handbook/annual-leave.md", "title": "Annual leave", "url": None, "author": None,
            "published": None, "sentence": "Full-time staff have 27 days of paid leave a year.", "start": 120,
            "end": 170, "span": [141, 148], "score": 3.1,
        }
    ],
    "alternatives": [],
    "closest": [],
    "timings_ms": {"retrieve": 9.1, "read": 52.3, "total": 61.4},
    "declined": None,
}  # fmt: skip

_ANSWER = TypeAdapter(Answer)


class Turn(BaseModel):
    """An earlier turn of the conversation."""

    question: str = Field(max_length=MAX_QUESTION)
    answer: str | None = Field(None, max_length=20_000, description="The exact words that were answered, if any")


class Only(BaseModel):
    """Which articles to look in; what is left out leaves nothing out."""

    languages: list[Annotated[str, Field(max_length=35)]] = Field([], max_length=100, description="ISO 639-1")
    since: date | None = Field(None, description="The earliest day of publication")
    until: date | None = Field(None, description="The latest")
    articles: list[Annotated[str, Field(max_length=1000)]] = Field([], max_length=1000, description="Their ids")

    def filter(self) -> Filter:
        since, until = (day.isoformat() if day else "" for day in (self.since, self.until))
        return Filter(frozenset(self.languages), since, until, frozenset(self.articles))


class Question(BaseModel):
    """A question in plain language."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "question": "And for part-time staff?",
                "history": [{"question": "How much annual leave is there?", "answer": "27 days"}],
            }
        }
    )

    question: str = Field(
        max_length=4 * MAX_QUESTION,  # blanks around it don't count
        description=f"At most {MAX_QUESTION:,} characters",
        json_schema_extra={"minLength": 1, "maxLength": MAX_QUESTION, "pattern": r"\S"},
    )
    history: list[Turn] = Field(
        default_factory=list, max_length=MAX_TURNS, description=f"Oldest first; the last {MAX_HISTORY} count"
    )
    only: Only | None = None


def _as_json_has_it(value: object) -> object:
    """Of a parsed value Pydantic would take `true` for a number, and "1" too."""
    try:
        return _ANSWER.validate_json(to_json(value), strict=True)
    except (ValidationError, PydanticSerializationError) as error:
        raise ValueError("this is no answer as the API gives it") from error


class Judgement(BaseModel):
    """Whether an answer was right; null takes an earlier verdict back."""

    verdict: Verdict | None
    answer: Annotated[Answer, BeforeValidator(_as_json_has_it)]
    history: list[Turn] = Field(default_factory=list, max_length=MAX_TURNS)


class ArticleFound(BaseModel):
    """An article; the offsets of citations count its text's Unicode code points."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    title: str
    text: str
    url: str | None
    author: str | None
    published: str | None
    section: str | None
    language: str | None


class Examples(BaseModel):
    """What to show before the first question."""

    title: str
    articles: int = Field(description="How many articles you are answered from")
    examples: list[str]


class Alive(BaseModel):
    live: bool


class Health(Alive):
    ready: bool = Field(description="Whether questions are taken")


class Problem(BaseModel):
    """What went wrong, in one line for people, and the id to find it by in the log."""

    error: str
    request_id: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": description}
    for code, description in {
        400: "The body can't be read",
        401: "Sign-in is needed, or the key or token is unknown, expired or forged",
        403: "The page's origin, or the name the server was called by, is not allowed",
        408: "The request took too long to arrive",
        413: "The request is too large",
        422: "The question is empty or too long, or the body malformed",
        429: "Too many from you: Retry-After says in how many seconds again",
        500: "A mistake here; the log tells more",
        503: "Too many questions at the moment: Retry-After says in how many seconds again",
    }.items()
}


def create_api(
    service: Service, metrics: Metrics, title: str, feedback: bool, operators: Sequence[Network]
) -> APIRouter:
    """The routes. feedback: whether verdicts are taken. operators: addresses that may read the metrics."""
    router = APIRouter(responses=PROBLEMS)
    _questions(router, service, title)
    _articles(router, service)
    if feedback:
        _verdicts(router, service)
    _machine_room(router, metrics, operators)
    _pages(router)
    return router


def _questions(router: APIRouter, service: Service, title: str) -> None:
    described: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"example": EXAMPLE_ANSWER}}}}

    @router.post("/api/ask", response_model=Answer, responses=described, tags=["questions"], summary="Ask a question")
    async def ask(asked: Question, request: Request) -> Response:
        """The answer as a quotation with its citations; or `answered: false` with the closest sentences.

        Offsets (`start`, `end`, `span`) count Unicode code points of the article's text.
        """
        if problem := question_problem(asked.question):
            raise HTTPException(422, problem)
        history = [turn.model_dump() for turn in asked.history[-MAX_HISTORY:]]
        try:
            found = await visitor(service, request).ask(
                asked.question, history, asked.only.filter() if asked.only else None
            )
        except Busy as busy:
            raise HTTPException(503, str(busy), {"Retry-After": str(busy.retry_after)}) from busy
        return JSONResponse(found.to_dict())

    @router.get("/api/examples", tags=["questions"], summary="What to show before the first question")
    async def examples(request: Request) -> Examples:
        """The title, how many articles you are answered from, and questions that they answer."""
        asking = visitor(service, request)
        return Examples(title=title, articles=asking.n_articles, examples=await asking.examples())


def visitor(service: Service, request: Request) -> Visitor:
    return service.visitor(asker_of(request.scope), "api", request.state.request_id)


ArticleId = Annotated[str, Path(description="As a citation names it; slashes may stand as they are", max_length=1000)]


def _articles(router: APIRouter, service: Service) -> None:
    missing: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "No article that you may read"}}

    @router.get("/api/articles/{article_id:path}", responses=missing, tags=["articles"], summary="Get an article")
    def article(article_id: ArticleId, request: Request) -> ArticleFound:
        """The whole text of an article."""
        found = visitor(service, request).article(article_id)
        if found is None:
            raise HTTPException(404, "there is no such article")
        return ArticleFound.model_validate(found)

    @router.get("/articles/{article_id:path}", include_in_schema=False)
    def page(
        article_id: ArticleId,
        request: Request,
        start: Annotated[int, Query(ge=0, le=2**31)] = 0,
        end: Annotated[int, Query(ge=0, le=2**31)] = 0,
    ) -> HTMLResponse:
        found = visitor(service, request).article(article_id)
        if found is None:
            raise HTTPException(404, "there is no such article")
        return HTMLResponse(article_page(found, start, end, request.scope.get("root_path", "")))


def _verdicts(router: APIRouter, service: Service) -> None:
    @router.post("/api/feedback", status_code=204, tags=["questions"], summary="Say whether an answer was right")
    def judge(judgement: Judgement, request: Request) -> None:
        """Kept beside the index, for `qa eval --from-feedback`."""
        history = tuple(turn.model_dump() for turn in judgement.history[-MAX_HISTORY:])
        now = datetime.now(UTC).isoformat()
        try:
            visitor(service, request).keep(Feedback(now, judgement.verdict, judgement.answer, history))
        except FeedbackInvalid as error:
            raise HTTPException(422, str(error)) from error
        except UserError as error:
            raise HTTPException(503, "the verdict could not be kept", {"Retry-After": "60"}) from error


def _machine_room(router: APIRouter, metrics: Metrics, operators: Sequence[Network]) -> None:
    @router.get("/health/live", tags=["operation"], summary="Is the process alive?")
    def live() -> Alive:
        return Alive(live=True)

    unready: dict[int | str, dict[str, Any]] = {503: {"model": Health, "description": "The index can't be read"}}

    @router.get("/health", responses=unready, tags=["operation"], summary="Are questions taken?")
    def health() -> Response:
        ready = metrics.ready()
        return JSONResponse({"live": True, "ready": ready}, 200 if ready else 503)

    @router.get("/metrics", tags=["operation"], summary="Counts and times for Prometheus", response_class=Response)
    def measured(request: Request) -> Response:
        """For operators: from an address of `[server] operators`, or with a key made with `--operator`."""
        if not (asker_of(request.scope).operator or within(address(request.scope), operators)):
            raise HTTPException(403, "the metrics are for operators; see [server] operators")
        return Response(metrics.text(), media_type=CONTENT_TYPE)


def _pages(router: APIRouter) -> None:
    for path, text, kind in (
        ("/widget.js", widget_script(), "text/javascript; charset=utf-8"),
        ("/page.css", (files("ui") / "page" / "own.css").read_text("utf-8"), "text/css; charset=utf-8"),
    ):
        router.add_api_route(path, _file(text.encode(), kind), include_in_schema=False)

    @router.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(docs_page(request.app.openapi(), request.scope.get("root_path", "")))


def _file(content: bytes, kind: str) -> Callable[[Request], Response]:
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    packed = gzip.compress(content)
    headers = {
        "ETag": tag, "Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",  # a script of type "module" is asked for so, from any page
    }  # fmt: skip

    def get(request: Request) -> Response:
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=kind)
        return Response(content, headers=headers, media_type=kind)

    return get
