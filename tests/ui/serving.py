"""The whole application over a few articles, in this process, asked as the network asks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from index import Library
from qa import Assistant, Config
from qa.config import AccessSettings, ChatSettings, ServerSettings
from tests.conftest import WordEmbedder
from ui.app import Application, create_app

SOUP = {"id": "news/soup.md", "title": "Canteen", "text": "The canteen serves soup at noon. It is hot."}
PAY = {"id": "pay", "title": "Payroll", "text": "The secret bonus is paid in March.", "groups": ["hr"]}


def index_of(directory: Path, articles: Iterable[Mapping[str, Any]]) -> None:
    """Makes the index in directory/index hold just these articles."""
    directory.mkdir(exist_ok=True)
    (directory / "articles").mkdir(exist_ok=True)
    (directory / "articles" / "all.jsonl").write_text("\n".join(map(json.dumps, articles)))
    library = Library.open(directory / "index", WordEmbedder(), create=True)
    library.sync([str(directory / "articles")])
    library.close()


@contextmanager
def serving(
    directory: Path,
    server: Mapping[str, Any] | None = None,
    access: Mapping[str, Any] | None = None,
    *,
    client: tuple[str, int] = ("127.0.0.1", 50000),
    examples: tuple[str, ...] = (),
) -> Iterator[TestClient]:
    """client: the address that requests come from."""
    config = Config(
        server=replace(ServerSettings(), **(server or {})),
        access=replace(AccessSettings(), **(access or {})),
        chat=ChatSettings(title="Handbook", examples=examples),
    )
    assistant = Assistant.open(directory / "index", config, embedder=WordEmbedder())

    async def built() -> Application:
        """Inside a running event loop, because outside Gradio makes loops that it never closes."""
        return create_app(assistant, config)

    app = asyncio.run(built())
    with TestClient(
        app.asgi, "http://127.0.0.1", raise_server_exceptions=False, client=client, headers={"Accept": "*/*"}
    ) as client_of_it:
        yield client_of_it
    assistant.close()


def ask(client: TestClient, question: str, **headers: str) -> Any:
    """The response to a question."""
    return client.post("/api/ask", json={"question": question}, headers=headers)
