"""Indexing from the shell: a sync with its progress and report, once or at every change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import perf_counter

import click

from index import IndexSettings, Library, SyncReport, UserError
from index.load import find
from index.quantised import FOLDER
from index.watch import watch
from ui.answer_text import printable
from ui.progress import sync_bar

RETRY = 5.0
"""Seconds after which what could not be done is tried again, even if nothing else changes."""


def sync(library: Library, settings: IndexSettings, paths: tuple[str, ...]) -> SyncReport:
    """Sync with a progress bar, and say what it did."""
    began = perf_counter()
    if settings.quantised and not (library.directory / FOLDER).exists():
        find(paths, library.directory.resolve())  # a path that is not there is named before anything takes long
        click.echo(f"preparing the embedding model {settings.model}, once", err=True)
    with sync_bar() as tell:
        report = library.sync(paths, tell)
    click.echo(_report_text(report, library, perf_counter() - began))
    return report


def follow(library: Library, settings: IndexSettings, paths: tuple[str, ...]) -> None:
    """Sync, then sync what changes until Ctrl+C, with a line each time; what fails for the moment is tried again."""
    watched = watch(paths, library.directory.resolve())  # from now on: the first sync may take hours
    report = sync(library, settings, paths)
    click.echo("watching for changes (Ctrl+C stops it)", err=True)
    changed: set[Path] = set()
    complaint, again = "", 0.0
    for found in watched:
        changed |= found
        began = perf_counter()
        if not changed or (not found and began < again):
            continue
        named = set(report.skipped)
        try:
            report = library.sync(paths, changed=changed | report.waiting)
        except UserError as error:
            if str(error) != complaint:
                click.echo(f"qa: {error}; trying again", err=True)
            complaint, again = str(error), perf_counter() + RETRY
            continue
        changed, complaint = set(), ""
        said = replace(report, skipped=[skipped for skipped in report.skipped if skipped not in named])
        if said.new or said.changed or said.gone or said.skipped:
            click.echo(_report_text(said, library, perf_counter() - began))


def _report_text(report: SyncReport, library: Library, seconds: float) -> str:
    """What a sync did, in a line, and a line for each input left out; files of other kinds only counted."""
    counts = ", ".join(f"{len(getattr(report, what))} {what}" for what in ("new", "changed", "unchanged", "gone"))
    done = f"{counts}; {report.embedded} chunks embedded in {seconds:.1f} s; {library.n_articles} articles now"
    lines = [f"{library.directory}: {done}"]
    if report.skipped:
        lines.append(f"{len(report.skipped)} skipped:")
        lines += [f"  {printable(f'{skipped.source}: {skipped.reason}')}" for skipped in report.skipped]
    return "\n".join(lines)
