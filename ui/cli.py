"""The command line: `qa index`, `ask`, `serve`, `key`, `eval`, `status`, `remove`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index import Filter, Library, UserError, embedder_for
from index.errors import IndexMissing
from index.place import files
from qa import Assistant, Config
from ui.answer_text import answer_text, printable
from ui.evaluate import evaluate
from ui.groups import groups_option, named_groups
from ui.indexing import follow, sync
from ui.progress import chunk_bar, question_bar

if TYPE_CHECKING:
    from ui.signin.keys import Keys


class Commands(click.Group):
    """Shows what a user can put right as one line, exit code 2; anything else is a bug and keeps its traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UserError as error:
            click.echo(f"qa: {error}", err=True)
            context.exit(2)
        except KeyboardInterrupt:
            click.echo("qa: stopped; what was finished is kept", err=True)
            context.exit(130)
        except BrokenPipeError:
            sys.stderr.close()
            context.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="qa-articles")
def main() -> None:
    """Ask your articles; get the answer as a quotation.

    Exit codes: 0 done; 1 some inputs failed, each named with the reason; 2 wrong usage, or nothing that can be done.
    """


def options(command: Callable[..., None]) -> Callable[..., None]:
    """--index and --config, on every command."""
    path = click.Path(path_type=Path)
    command = click.option("--config", "config_file", type=path, help="Settings; default: ./config.toml if there.")(
        command
    )
    return click.option("--index", "directory", type=path, help="Index directory; default: [paths] index.")(command)


@main.command()
@click.argument("paths", nargs=-1)
@click.option("--watch", "watching", is_flag=True, help="Then go on: index every change when it happens.")
@options
def index(paths: tuple[str, ...], watching: bool, directory: Path | None, config_file: Path | None) -> None:
    """Bring the index up to date with folders, files and patterns of articles.

    Reads .txt, .md, .html, .json, .jsonl and .csv, each also with .gz behind it. Only new and changed articles are
    embedded; articles whose file has gone from a folder or pattern named here are removed. Without PATHS, those in
    [paths] articles of the configuration.
    """
    config = Config.read(config_file)
    library, paths = _library(config, directory, create=True), paths or config.paths.articles
    if watching:
        follow(library, config.index, paths)
        return
    report = sync(library, config.index, paths)
    if any(skipped.kind in ("failed", "empty", "refused") for skipped in report.skipped):
        sys.exit(1)


@main.command()
@click.argument("question")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a question.")
@groups_option
@click.option("--language", "languages", multiple=True, help="Only from articles in this language (en, de, …).")
@click.option("--since", default="", help="Only from articles published on this day or later (2026-04-01).")
@click.option("--until", default="", help="Only from articles published on this day or earlier.")
@click.option("--article", "articles", multiple=True, help="Only from the article with this id.")
@options
def ask(
    question: str, as_json: bool, groups: tuple[str, ...], languages: tuple[str, ...], since: str, until: str,
    articles: tuple[str, ...], directory: Path | None, config_file: Path | None,
) -> None:  # fmt: skip
    """Answer a QUESTION; "-" reads questions from standard input, one a line."""
    config = Config.read(config_file)
    only = Filter(frozenset(languages), since, until, frozenset(articles))
    assistant = Assistant.open(directory or config.paths.index, config).seen_by(named_groups(groups))
    many = question == "-"
    failed = False
    for asked in _questions() if many else [question]:
        try:
            answer = assistant.ask(asked, only=only)
        except UserError as error:
            if not many:
                raise
            failed = True
            click.echo(f"qa: {error}", err=True)
            if as_json:
                click.echo(json.dumps({"question": asked, "error": str(error)}, ensure_ascii=False))
            continue
        found = json.dumps(answer.to_dict(), ensure_ascii=False) if as_json else answer_text(answer, with_question=many)
        click.echo(found)
    if failed:
        sys.exit(1)


@main.command("serve")
@click.option("--host", help="Address to listen on; default: [server] host, 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: [server] port, 7860.")
@click.option("--root-path", help="Path below which a reverse proxy serves this, as /kb; default: [server] root_path.")
@options
def serve_all(
    host: str | None, port: int | None, root_path: str | None, directory: Path | None, config_file: Path | None
) -> None:
    """Serve the chat, the HTTP API (described at /docs) and the widget.

    Where there is no index yet, [paths] articles are indexed first. Log: one line of JSON a request, on stderr. On
    Ctrl+C or SIGTERM the questions in flight are answered before it ends.
    """
    config = Config.read(config_file)
    server = replace(
        config.server,
        host=host or config.server.host,
        port=config.server.port if port is None else port,
        root_path=config.server.root_path if root_path is None else root_path,
    )
    config = replace(config, server=server)
    from ui.app import check_listening, create_app  # Gradio takes seconds to import
    from ui.server.listen import serve

    check_listening(server.host, config.access)
    place = directory or Path(config.paths.index)
    try:
        assistant = Assistant.open(place, config)
    except IndexMissing:
        sync(_library(config, place, create=True), config.index, config.paths.articles)
        assistant = Assistant.open(place, config)
    app = create_app(assistant, config)
    assistant.warm_up()
    noun = "article" if assistant.n_articles == 1 else "articles"
    line = f"Chat over {assistant.n_articles:,} {noun}: {{}} (Ctrl+C stops it)"
    serve(app.asgi, app.drained, server.host, server.port, lambda url: click.echo(line.format(url)), server.timeout)


@main.group("key")
def keys() -> None:
    """API keys: for scripts and other programs that ask over HTTP."""


@keys.command("add")
@click.argument("name")
@click.option("--groups", multiple=True, help="Groups whose articles it may read too, separated by commas.")
@click.option("--days", type=click.IntRange(1), help="Days until it expires; default: never.")
@click.option("--operator", is_flag=True, help="It may also read /metrics, from anywhere.")
@options
def add_key(
    name: str, groups: tuple[str, ...], days: int | None, operator: bool, directory: Path | None,
    config_file: Path | None,
) -> None:  # fmt: skip
    """Make a key called NAME and print it; it is stored as a hash and never shown again."""
    click.echo(_keys(directory, config_file).add(name, named_groups(groups) or (), days=days, operator=operator))


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object a key.")
@options
def list_keys(as_json: bool, directory: Path | None, config_file: Path | None) -> None:
    """Say which keys there are; the keys themselves are not known."""
    for key in _keys(directory, config_file).all():
        if as_json:
            click.echo(json.dumps({name: value for name, value in asdict(key).items() if name != "sha256"}))
            continue
        groups = f"groups {', '.join(key.groups)}" if key.groups else "no groups"
        until = f", {'expired' if key.expired() else 'expires'} {key.expires[:10]}" if key.expires else ""
        operator = ", operator" if key.operator else ""
        click.echo(f"{printable(key.name)}: {printable(groups)}, made {key.created[:10]}{until}{operator}")


@keys.command("revoke")
@click.argument("name")
@options
def revoke_key(name: str, directory: Path | None, config_file: Path | None) -> None:
    """Take the key NAME away; a running server refuses it at once."""
    _keys(directory, config_file).revoke(name)
    click.echo(f"{printable(name)} revoked")


def _keys(directory: Path | None, config_file: Path | None) -> Keys:
    from ui.signin.keys import Keys  # cryptography takes a while to import

    return Keys(directory or Path(Config.read(config_file).paths.index))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@click.option("--verify", is_flag=True, help="Check everything in it; exit code 1 where something does not hold.")
@options
def status(as_json: bool, verify: bool, directory: Path | None, config_file: Path | None) -> None:
    """Say what the index holds."""
    config = Config.read(config_file)
    library = _library(config, directory)
    problems = _verified(library) if verify else []
    counts, readers = library.counts(), library.readers()
    size = sum(stat.st_size for _, stat in files(library.directory))
    if as_json:
        found = {"index": str(library.directory), **asdict(counts), "bytes": size, "model": config.index.model}
        found["groups"] = _articles_of(readers)
        if verify:
            found["problems"] = problems
        click.echo(json.dumps(found))
    else:
        click.echo(
            f"{library.directory}: {counts.articles:,} articles, {counts.chunks:,} chunks, {size / 2**20:.1f} MiB"
        )
        click.echo(f"embedding model: {config.index.model}")
        if of := _articles_of(readers):
            restricted = sum(articles for groups, articles in readers.items() if groups)
            named = ", ".join(f"{printable(group)} ({articles:,})" for group, articles in of.items())
            noun = "article" if restricted == 1 else "articles"
            click.echo(f"for some groups only: {restricted:,} {noun}, {named}")
        if verify and not problems:
            click.echo("verified: everything holds")
    for problem in problems:
        click.echo(f"  {printable(problem)}", err=True)
    if problems:
        sys.exit(1)


def _verified(library: Library) -> list[str]:
    with chunk_bar() as tell:
        return library.verify(tell)


def _articles_of(readers: Mapping[tuple[str, ...], int]) -> dict[str, int]:
    """Group → how many articles name it, by name."""
    found: Counter[str] = Counter()
    for groups, articles in readers.items():
        found.update(dict.fromkeys(groups, articles))
    return dict(sorted(found.items()))


@main.command()
@click.argument("ids", nargs=-1, required=True)
@options
def remove(ids: tuple[str, ...], directory: Path | None, config_file: Path | None) -> None:
    """Remove the articles with these IDS from the index, until a sync brings them again."""
    removed = _library(Config.read(config_file), directory).remove(ids)
    click.echo(f"{len(removed)} removed")
    for missing in sorted(set(ids) - set(removed)):
        click.echo(f"  no article {missing!r}", err=True)
    if set(ids) - set(removed):
        sys.exit(1)


def _library(config: Config, directory: Path | None, *, create: bool = False) -> Library:
    place = directory or Path(config.paths.index)
    return Library.open(place, embedder_for(config.index, place), config.index, config.search, create=create)


def _questions() -> Iterator[str]:
    """The lines of standard input that hold anything, with a progress bar where nobody sees the answers go by."""
    lines = [line for line in sys.stdin if line.strip()]
    with question_bar(len(lines), hidden=sys.stdout.isatty()) as bar:
        for line in lines:
            yield line
            bar.update()


main.add_command(evaluate)


if __name__ == "__main__":
    main()
