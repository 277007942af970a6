"""The HTTP API: questions, articles, verdicts, and what a machine room wants to know."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from index.errors import FeedbackInvalid, UserError
from qa.answer import Answer
from qa.feedback import Feedback
from ui.api_objects import EXAMPLE_ANSWER, PROBLEMS, Alive, ArticleFound, Examples, Health, Judgement, Problem, Question
from ui.article_page import article_page
from ui.conversation import MAX_HISTORY, question_problem
from ui.docs_page import docs_page
from ui.server.door import address, asker_of
from ui.server.gate import Busy
from ui.server.metrics import CONTENT_TYPE, Metrics
from ui.server.proxy import Network, within
from ui.server.service import Service, Visitor, turned_down
from ui.widget_script import widget_script


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
        except (UserError, Busy) as error:
            raise HTTPException(*turned_down(error)) from error
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
        check: Annotated[int | None, Query(ge=0, le=2**32)] = None,
    ) -> HTMLResponse:
        found = visitor(service, request).article(article_id)
        if found is None:
            raise HTTPException(404, "there is no such article")
        return HTMLResponse(article_page(found, start, end, check, request.scope.get("root_path", "")))


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
    @router.get("/health/live", tags=["operation"], summary="Is the process alive?", openapi_extra={"security": []})
    def live() -> Alive:
        return Alive(live=True)

    unready: dict[int | str, dict[str, Any]] = {503: {"model": Health, "description": "The index can't be read"}}

    @router.get(
        "/health", response_model=Health, responses=unready, tags=["operation"], summary="Are questions taken?",
        openapi_extra={"security": []},
    )  # fmt: skip
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
