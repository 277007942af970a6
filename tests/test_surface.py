"""What is public: a change of it is always seen here."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import index
import index.load
import qa
import qa.evaluation
import qa.evaluation.report
import qa.reader
import ui.signin

ROOT = Path(__file__).parents[1]

SURFACE = {
    index: "Article Chunk Embedder Filter Hit IndexSettings Library SearchSettings Sentence "
    "SentenceTransformerEmbedder SyncReport UserError embedder_for",
    index.load: "READERS File Inputs Skipped Unusable find read",
    qa: "Alternative Answer Assistant Citation Config UserError evaluate",
    qa.evaluation: "MEASURES Bad Measure Question Record Run evaluate read read_articles",
    qa.evaluation.report: "write",
    qa.reader: "Reader SentenceScorer Span SpanModel SpanReader",
    ui.signin: "ANONYMOUS Asker Key Keys SignIn SignInFailed Tokens",
}
TABLES = [path for package in ("index", "qa", "ui") for path in sorted((ROOT / package).rglob("__init__.py"))]


@pytest.mark.parametrize("package", SURFACE, ids=lambda package: package.__name__)
def test_each_package_exports_what_is_listed_here(package):
    assert package.__all__ == SURFACE[package].split()
    assert all(hasattr(package, name) for name in package.__all__)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.parent.name)
def test_a_package_file_is_a_table_of_contents(path):
    docstring, *rest = ast.parse(path.read_text("utf-8")).body
    assert isinstance(docstring, ast.Expr)
    assert all(isinstance(node, ast.Import | ast.ImportFrom | ast.Assign) for node in rest)


def test_importing_the_command_line_loads_no_model_library():
    code = "import sys, json, ui.cli; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT).stdout)
    assert not {"torch", "sentence_transformers", "transformers", "gradio", "scipy", "sklearn", "jinja2"} & set(loaded)
