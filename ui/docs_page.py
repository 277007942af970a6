"""The API's description as a page: FastAPI's own ones load their scripts from another host."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from ui.article_page import own_page


def docs_page(openapi: Mapping[str, Any], root_path: str) -> str:
    """openapi: the description that /openapi.json gives."""
    info = openapi["info"]
    parts = [
        f"<h1>{escape(info['title'])}</h1>",
        f"<p>{escape(info.get('description', ''))}</p>",
        f'<p>For programs: <a href="{escape(root_path)}/openapi.json">openapi.json</a></p>',
    ]
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            parts += _operation(f"{method.upper()} {root_path}{path}", operation, openapi)
    schemas = openapi.get("components", {}).get("schemas", {})
    parts.append("<h2>Objects</h2>")
    for name, schema in sorted(schemas.items()):
        parts += _schema(name, schema)
    return own_page(info["title"], "\n".join(parts), root_path)


def _operation(heading: str, operation: Mapping[str, Any], openapi: Mapping[str, Any]) -> Iterator[str]:
    yield f"<section><h2>{escape(operation['summary'])}</h2>"
    yield f"<p><code>{escape(heading)}</code></p><p>{escape(operation.get('description', ''))}</p>"
    for parameter in operation.get("parameters", []):
        described = escape(parameter.get("description", ""))
        yield f"<p><code>{escape(parameter['name'])}</code> ({escape(parameter['in'])}): {described}</p>"
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if name := body.get("$ref", "").rpartition("/")[2]:
        yield f'<p>Body: <a href="#{escape(name)}">{escape(name)}</a>, as JSON</p>'
        yield _example(openapi["components"]["schemas"][name].get("example"))
    rows = "".join(
        f"<tr><td>{escape(status)}</td><td>{escape(response['description'])}</td></tr>"
        for status, response in sorted(operation["responses"].items())
    )
    yield f'<div class="qa-table" tabindex="0" role="group" aria-label="Responses"><table>{rows}</table></div>'
    described = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    name = described.get("schema", {}).get("$ref", "").rpartition("/")[2]
    yield _example(described.get("example") or openapi["components"]["schemas"].get(name, {}).get("example"))
    yield "</section>"


def _example(example: Any) -> str:
    return f"<pre>{escape(json.dumps(example, indent=2, ensure_ascii=False))}</pre>" if example is not None else ""


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f'<section id="{escape(name)}"><h3>{escape(name)}</h3>'
    if schema.get("description"):
        yield f"<p>{escape(schema['description'])}</p>"
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{escape(_kind(detail))}</td>"
        f"<td>{escape(detail.get('description', ''))}</td></tr>"
        for field, detail in schema.get("properties", {}).items()
    )
    if rows:
        yield f'<div class="qa-table" tabindex="0" role="group" aria-label="Fields"><table>{rows}</table></div>'
    yield "</section>"


def _kind(detail: Mapping[str, Any]) -> str:
    if "$ref" in detail:
        return str(detail["$ref"]).rpartition("/")[2]
    if "anyOf" in detail:
        return " or ".join(map(_kind, detail["anyOf"]))
    if detail.get("type") == "array":
        return f"list of {_kind(detail.get('items', {}))}" if detail.get("items") else "list"
    if "enum" in detail:
        return " or ".join(json.dumps(value) for value in detail["enum"])
    return str(detail.get("type", "anything"))
