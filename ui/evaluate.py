"""`qa eval`: questions in, measures and a report out."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from index import Library, embedder_for
from index.errors import RiskUnreachable
from qa import Assistant, Config
from qa.config import FILE
from qa.evaluation import Bad, Question, Record, Run, from_feedback, read, read_articles
from qa.evaluation.calibrate import Calibration, calibrate, write_config
from qa.evaluation.gate import Requirement, missed
from qa.evaluation.judge import off_topic
from qa.evaluation.kept import Kept, add, forget
from qa.evaluation.resampling import Difference
from qa.evaluation.run import records_of, run_of, settings
from qa.feedback import kept as kept_feedback
from ui.answer_text import printable
from ui.groups import groups_option, named_groups
from ui.progress import question_bar, sync_bar
from ui.run_text import calibration_text, run_text


class _RequirementType(click.ParamType[Requirement]):
    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Requirement:
        try:
            return Requirement.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for; its help texts say what each is."""

    files: tuple[Path, ...]
    directory: Path | None
    config_file: Path | None
    articles_from: tuple[Path, ...]
    off_topic: bool
    limit: int | None
    seed: int
    report: Path | None
    resume: bool
    as_json: bool
    baseline: Path | None
    requirements: tuple[Requirement, ...]
    from_feedback: bool
    calibrate: bool
    risk: float
    certainty: float
    write_config: bool
    groups: tuple[str, ...]


_PATH = click.Path(path_type=Path)
_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.command("eval")
@click.argument("files", nargs=-1, type=_PATH)
@click.option("--index", "directory", type=_PATH, help="Index directory; default: [paths] index.")
@click.option("--config", "config_file", type=_PATH, help="Settings; default: ./config.toml if there.")
@click.option(
    "--articles-from",
    type=_PATH,
    multiple=True,
    help="Index these articles first: those that a SQuAD file or BEIR folder asks about, or what `qa index` takes. "
    "Into a folder that is thrown away, unless --index names one.",
)
@click.option(
    "--off-topic",
    is_flag=True,
    help="Ask each answerable question once more with its articles taken away, as an unanswerable one.",
)
@click.option("--limit", type=click.IntRange(1), help="Ask only so many of the questions, drawn by --seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of every random choice.")
@click.option("--report", type=_PATH, help="Write report.html, run.json, run.trec and qrels.trec into this folder.")
@click.option("--resume", is_flag=True, help="Go on with the stopped run in the --report folder.")
@click.option("--json", "as_json", is_flag=True, help="The measures as one JSON object in place of the table.")
@click.option("--baseline", type=_PATH, help="run.json of another run over these questions, to compare with.")
@click.option(
    "--require",
    "requirements",
    multiple=True,
    type=_RequirementType(),
    help="Exit with 1 where this measure falls short, as f1=0.7 or p95_ms=150. May be given several times.",
)
@click.option("--from-feedback", is_flag=True, help="Also ask what people judged with thumbs up or down in the chat.")
@click.option(
    "--calibrate",
    is_flag=True,
    help="Fit the threshold to these questions so that at most --risk of the answers given are wrong, and say with "
    "what certainty and at what coverage, checked on the half that was not fitted on.",
)
@click.option("--risk", type=_SHARE, default=0.05, show_default=True, help="Wrong answers / answers given, at most.")
@click.option("--certainty", type=_SHARE, default=0.95, show_default=True, help="With which --risk is kept.")
@click.option("--write-config", is_flag=True, help="Write what --calibrate found into the configuration file.")
@groups_option
def evaluate(**options: Any) -> None:
    """Evaluate the assistant on FILES of questions whose answers are known.

    JSON lines with "question", "answers" (none: the articles do not answer it) and optionally "article_id", "title",
    "history" and "id"; SQuAD 1.1 or 2.0; or a BEIR folder. What is no question is named, the others are evaluated.
    Ctrl+C stops the run and reports what was done.
    """
    _evaluate(Options(**options))


def _evaluate(options: Options) -> None:
    _check(options)
    config = Config.read(options.config_file)
    baseline = Run.read(options.baseline) if options.baseline else None
    questions, bad = _questions(options.files)
    with _assistant(config, options) as whole:
        assistant = whole.seen_by(named_groups(options.groups))
        if options.from_feedback:
            questions += from_feedback.questions(kept_feedback(assistant.library.directory), assistant.article)
        questions = _drawn(questions, options.limit, options.seed)
        if options.off_topic:
            questions += off_topic(questions)
        records, stopped = _asked(assistant, questions, options.report, options.resume)
        if stopped and not records:
            raise KeyboardInterrupt
        run = run_of(assistant, records, len(questions), options.seed)
    differences = run.against(baseline) if baseline else None
    calibration = _calibrated(run, options) if options.calibrate and not stopped else None
    _show(run, differences, calibration, options)
    if options.report and not stopped:
        forget(options.report)
    short = list(missed(run, options.requirements))
    for line in short:
        click.echo(f"qa: {line}", err=True)
    if isinstance(calibration, RiskUnreachable):
        raise calibration
    if stopped:
        raise KeyboardInterrupt
    if bad or short:
        click.get_current_context().exit(1)


def _check(options: Options) -> None:
    if not options.files and not options.from_feedback:
        raise click.UsageError("name a file of questions, or --from-feedback")
    if options.resume and options.report is None:
        raise click.UsageError("--resume needs the --report folder of the stopped run")
    if options.write_config and not options.calibrate:
        raise click.UsageError("--write-config writes what --calibrate finds; add that")


def _questions(files: Sequence[Path]) -> tuple[list[Question], list[Bad]]:
    """Of all files. An id that an earlier file had already gets its file's name before it."""
    questions: dict[str, Question] = {}
    bad = []
    for file in files:
        for found in read(file):
            if isinstance(found, Bad):
                bad.append(found)
                click.echo(f"qa: {printable(f'{found.source}, {found.place}: {found.reason}')}", err=True)
                continue
            if found.id in questions:
                found = replace(found, id=f"{file}: {found.id}")
            questions[found.id] = found
    return list(questions.values()), bad


def _drawn(questions: list[Question], limit: int | None, seed: int) -> list[Question]:
    """At most `limit` of them, in their order."""
    if limit is None or limit >= len(questions):
        return questions
    return [questions[i] for i in sorted(random.Random(seed).sample(range(len(questions)), limit))]


@contextmanager
def _assistant(config: Config, options: Options) -> Iterator[Assistant]:
    """Over the index that is named, or one of the --articles-from alone."""
    if not options.articles_from:
        with closing(Assistant.open(options.directory or config.paths.index, config)) as assistant:
            yield assistant
        return
    with TemporaryDirectory() as temporary:
        directory, kept = options.directory or Path(temporary) / "index", Path(config.paths.index)
        embedder = embedder_for(config.index, kept if kept.is_dir() else directory)
        library = Library.open(directory, embedder, config.index, config.search, create=True)
        paths = [_indexable(path, Path(temporary)) for path in options.articles_from]
        with sync_bar() as tell:
            report = library.sync(paths, tell)
        for skipped in report.skipped:
            if skipped.kind != "ignored":
                click.echo(f"qa: {printable(f'{skipped.source}: {skipped.reason}')}", err=True)
        library.close()
        with closing(Assistant.open(directory, config, embedder=embedder)) as assistant:
            yield assistant


def _indexable(path: Path, folder: Path) -> str:
    """The path as it is, or for a test set a file with its articles."""
    articles = read_articles(path)
    if articles is None:
        return str(path)
    name = folder / f"{path.name}.jsonl"
    with name.open("w", encoding="utf-8") as file:
        for article in articles:
            file.write(json.dumps(article, ensure_ascii=False) + "\n")
    return str(name)


def _asked(
    assistant: Assistant, questions: Sequence[Question], report: Path | None, resume: bool
) -> tuple[list[Record], bool]:
    """A record for each question, and whether Ctrl+C came before the last."""
    kept = Kept(report, settings(assistant)) if report else None
    known = {question.id: question for question in questions}
    earlier = kept.earlier() if kept and resume else {}
    records = {i: record for i, record in earlier.items() if known.get(i) == record.question}
    missing = [question for question in questions if question.id not in records]
    stopped = False
    with kept.writing(records.values()) if kept else nullcontext() as file, question_bar(len(questions)) as bar:
        bar.update(len(records))
        try:
            for record in records_of(assistant, missing):
                records[record.question.id] = record
                if file:
                    add(file, record)
                bar.update()
        except KeyboardInterrupt:
            stopped = True
    return [records[i] for i in known if i in records], stopped


def _calibrated(run: Run, options: Options) -> Calibration | RiskUnreachable:
    """Written down where that was asked for; an error is kept until the measures have been shown."""
    try:
        calibration = calibrate(run, options.risk, options.certainty)
    except RiskUnreachable as error:
        return error
    if options.write_config:
        file = options.config_file or FILE
        write_config(calibration, file)
        click.echo(f"written: {file}", err=True)
    return calibration


def _show(
    run: Run,
    differences: dict[str, Difference] | None,
    calibration: Calibration | RiskUnreachable | None,
    options: Options,
) -> None:
    if options.as_json:
        found = run.summary()
        if differences:
            found["against_baseline"] = {name: _plain(d) for name, d in differences.items()}
        if isinstance(calibration, Calibration):
            found["calibration"] = asdict(calibration)
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo(run_text(run, differences))
        if isinstance(calibration, Calibration):
            click.echo(f"\n{calibration_text(calibration)}")
    if options.report:
        from qa.evaluation.report import write

        click.echo(f"report: {write(run, options.report, differences)}", err=options.as_json)


def _plain(difference: Difference) -> dict[str, float | None]:
    return {name: None if isnan(value) else round(value, 6) for name, value in asdict(difference).items()}
