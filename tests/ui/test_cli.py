"""The command line, as a user meets it: output, exit codes, one-line errors."""

import json
import re
import sqlite3

import pytest
from click.testing import CliRunner

from qa import Assistant
from ui.cli import main
from ui.server import listen

FILES = {
    "leave.md": "---\ntitle: Annual leave\ndate: 2025-03-14\n---\nFull-time staff get 28 days of annual leave a year.",
    "parking.txt": "Parking\n\nThe car park at Mill Lane has 120 places. It is free after 6 p.m.",
    "broken.json": "{",
    "picture.png": b"\x89PNG\0",
}


@pytest.fixture
def qa(tmp_path, monkeypatch):
    """Runs `qa` in an empty working directory: qa("status") → result."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, stdin=None):
        return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)

    return run


@pytest.fixture
def indexed(qa, articles):
    result = qa("index", str(articles(FILES)))
    assert result.exit_code == 1
    return result


def test_without_an_index_the_remedy_is_one_line_and_the_code_2(qa):
    result = qa("ask", "Anything?")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "qa: no index at my-index; make one with: qa index PATH --index my-index\n"


def test_a_path_that_is_not_there_is_named(qa):
    result = qa("index", "nowhere")
    assert (result.exit_code, result.stderr) == (
        2,
        "qa: nothing at nowhere; name a folder, a file or a pattern of articles\n",
    )


def test_an_unknown_setting_is_named(qa, tmp_path):
    (tmp_path / "config.toml").write_text("[search]\ntopk = 1\n")
    assert "config.toml: unknown key [search] topk" in qa("status").stderr


def test_groups_say_who_asks(qa, articles):
    files = {"open.txt": "The open soup is at noon.", "hr.md": "---\ngroups: [hr]\n---\nThe secret soup is at nine."}
    qa("index", str(articles(files)))
    cited = {
        groups: {citation["article_id"] for citation in json.loads(found)["citations"] + json.loads(found)["closest"]}
        for groups in ("", "staff", "staff, hr")
        for found in [qa("ask", "When is the secret soup?", "--json", "--groups", groups).stdout]
    }
    assert cited == {"": {"open.txt"}, "staff": {"open.txt"}, "staff, hr": {"hr.md"}}
    assert "secret" in qa("ask", "When is the secret soup?").stdout
    assert "for some groups only: 1 article, hr (1)" in qa("status").stdout
    assert json.loads(qa("status", "--json").stdout)["groups"] == {"hr": 1}


def test_keys_are_made_shown_once_and_taken_away(qa, indexed, tmp_path):
    made = qa("key", "add", "wiki", "--groups", "staff, hr", "--days", "30").stdout.strip()
    assert made.startswith("qa_")
    assert made not in (tmp_path / "my-index" / "keys.json").read_text()
    assert (tmp_path / "my-index" / "keys.json").stat().st_mode & 0o077 == 0
    assert qa("key", "list").stdout.startswith("wiki: groups hr, staff, made 2")
    assert "sha256" not in qa("key", "list", "--json").stdout
    assert "there is a key 'wiki' already" in qa("key", "add", "wiki").stderr
    assert qa("key", "revoke", "wiki").stdout == "wiki revoked\n"
    assert qa("key", "revoke", "wiki").stderr == "qa: there is no key 'wiki'; there are: none\n"


def test_a_key_needs_an_index(qa):
    assert qa("key", "add", "wiki").stderr.startswith("qa: no index at my-index")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[server]\nhost = '0.0.0.0'", "listening on 0.0.0.0 lets the network in; set .access. sign_in = true"),
        ("[access]\nuser_header = 'X-User'", "needs .server. trusted_proxies"),
        ("[access]\ngroups_header = 'X-Groups'", "needs .access. user_header"),
        ("[access]\nwidget_origins = ['*']", "'\\*' is not an origin"),
        ("[access]\nwidget_origins = ['https://wiki.example/']", "is not an origin"),
        ('[server]\nframe_ancestors = ["https://a; script-src *"]', "is not an origin"),
        ("[access]\ntoken_key = 'nowhere'", "cannot read .access. token_key nowhere"),
        ("[server]\nroot_path = 'kb'", "root path 'kb': name the path"),
        ("[server]\ntrusted_proxies = ['proxy']", ".server. trusted_proxies: 'proxy' does not appear to be"),
    ],
)
def test_what_would_leave_the_door_open_is_refused_before_serving(qa, indexed, tmp_path, monkeypatch, settings, said):
    monkeypatch.setattr(listen, "serve", lambda *_: pytest.fail("it serves"))
    (tmp_path / "config.toml").write_text(settings)
    result = qa("serve", "--port", "0")
    assert result.exit_code == 2
    assert re.search(said, result.stderr)


def test_wrong_usage_is_code_2(qa):
    assert qa("ask").exit_code == 2
    assert qa("nonsense").exit_code == 2


def test_help_names_the_commands_and_exit_codes(qa):
    text = qa("--help").stdout
    for word in ("index", "ask", "serve", "status", "remove", "Exit codes: 0 done; 1 some inputs failed"):
        assert word in text


@pytest.mark.model
def test_index_says_what_it_did_and_names_what_it_skipped(indexed):
    assert "my-index: 2 new, 0 changed, 0 unchanged, 0 gone; 2 chunks embedded" in indexed.stdout
    assert "preparing the embedding model all-MiniLM-L6-v2, once" in indexed.stderr
    assert "\n2 skipped:\n  broken.json: not JSON (" in indexed.stdout
    assert "\n  picture.png: not a kind of file that is read (.txt, .md" in indexed.stdout


@pytest.mark.model
def test_ask_quotes_the_sentence_with_its_source(indexed, qa):
    result = qa("ask", "How many days of annual leave do full-time staff get?")
    assert result.exit_code == 0
    answer, quoted = result.stdout.split("\n", 1)
    assert answer in ("28", "28 days")
    assert quoted.startswith(
        "[1] “Full-time staff get 28 days of annual leave a year.”\n"
        "    Annual leave · 2025-03-14 · leave.md\nconfidence "
    )


@pytest.mark.model
@pytest.mark.parametrize(
    ("options", "answered"),
    [
        (["--since", "2025-03-14", "--until", "2025-12-31"], True),
        (["--since", "2025-03-15"], False),
        (["--article", "leave.md"], True),
        (["--article", "parking.txt"], False),
        (["--language", "de"], False),
    ],
)
def test_ask_looks_only_where_it_is_told_to(indexed, qa, options, answered):
    result = qa("ask", "How many days of annual leave do full-time staff get?", "--json", *options)
    assert json.loads(result.stdout)["answered"] is answered


def test_a_date_that_is_none_is_one_line(indexed, qa):
    result = qa("ask", "How many days?", "--since", "May")
    assert (result.exit_code, result.stderr) == (2, "qa: since: 'May' is no date; write one as 2026-04-01\n")


def test_ask_without_an_answer_says_so_and_is_no_error(indexed, qa):
    result = qa("ask", "Who won the chess tournament in Lisbon?")
    assert result.exit_code == 0
    assert result.stdout.startswith("Not found in these articles. None of them is about this.\nclosest:\n[1] “")


@pytest.mark.model
def test_many_questions_give_one_json_object_a_line(indexed, qa, tmp_path):
    questions = ["How many places has the car park?", "How many days of annual leave?"]
    result = qa("ask", "-", "--json", stdin="\n\n".join(questions) + "\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["question"] for answer in answers] == questions
    assistant = Assistant.open(tmp_path / "my-index")
    for answer in answers:
        for citation in answer["citations"]:
            text = assistant.article(citation["article_id"]).text
            assert text[citation["start"] : citation["end"]] == citation["sentence"]
    untimed = [{**assistant.ask(q).to_dict(), "timings_ms": None} for q in questions]
    assert [{**a, "timings_ms": None} for a in answers] == json.loads(json.dumps(untimed))


@pytest.mark.model
def test_a_bad_question_among_many_is_named_and_the_rest_answered(indexed, qa):
    result = qa("ask", "-", "--json", stdin="x" * 1001 + "\nWhere is the car park?\n")
    assert result.exit_code == 1
    first, second = map(json.loads, result.stdout.splitlines())
    assert "1,001 characters" in first["error"]
    assert second["question"] == "Where is the car park?"


@pytest.mark.model
def test_status_and_remove(indexed, qa):
    assert qa("status").stdout.startswith("my-index: 2 articles, 2 chunks, ")
    assert json.loads(qa("status", "--json").stdout)["articles"] == 2
    result = qa("remove", "leave.md", "nope")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "1 removed\n", "  no article 'nope'\n")
    assert json.loads(qa("status", "--json").stdout)["articles"] == 1


@pytest.mark.model
def test_status_verifies_everything(indexed, qa, tmp_path):
    assert qa("status", "--verify").stdout.endswith("verified: everything holds\n")
    (file,) = (tmp_path / "my-index").glob("segments/*/dense.faiss")
    file.write_bytes(b"something else")
    result = qa("status", "--verify")
    assert result.exit_code == 1
    assert "its files are missing, damaged or out of date" in result.stderr
    assert json.loads(qa("status", "--verify", "--json").stdout)["problems"]
    assert qa("ask", "How many places has the car park?").exit_code == 0
    assert qa("status", "--verify").exit_code == 0


def test_a_sentence_outside_its_article_and_a_wrong_vector_are_found(indexed, qa, tmp_path):
    with sqlite3.connect(tmp_path / "my-index" / "store.sqlite") as database:
        database.execute("UPDATE article SET text = substr(text, 1, 9) WHERE id = 'parking.txt'")
        database.execute("UPDATE chunk SET vector = zeroblob(1536) WHERE key = 1")
    database.close()
    assert qa("status", "--verify").stderr == (
        "  article leave.md: not as it was written, a vector is not of unit length; qa remove leave.md, then qa index "
        "again\n"
        "  article parking.txt: not as it was written, a sentence lies outside its text; qa remove parking.txt, then "
        "qa index again\n"
    )


def test_a_damaged_index_is_one_line(indexed, qa, tmp_path):
    with sqlite3.connect(tmp_path / "my-index" / "store.sqlite") as db:
        db.execute("DROP TABLE meta")
    db.close()
    result = qa("ask", "Anything?")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_another_language_than_the_indexs_is_one_line(indexed, qa, articles, tmp_path):
    (tmp_path / "config.toml").write_text("[index]\nlanguage = 'de'\n")
    said = (
        "qa: the index at my-index was made with language en, the configuration says de; set it back, or index into "
        "another directory with --index\n"
    )
    for command in (["ask", "Anything?"], ["status"], ["index", str(articles({}))]):
        result = qa(*command)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", said)
