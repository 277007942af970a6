import re
from dataclasses import fields, replace
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from index.errors import ConfigInvalid
from qa import Config

FILE = Path(__file__).parents[2] / "config.toml"


def test_the_file_holds_every_setting_with_its_default_and_an_explanation():
    config = Config.read(FILE)
    assert replace(config, chat=replace(config.chat, examples=())) == Config()
    text = FILE.read_text("utf-8")
    for section in fields(Config):
        assert f"\n[{section.name}]\n" in text
        for setting in fields(getattr(Config(), section.name)):
            assert re.search(rf"^{setting.name} = .*\S  +# \w", text, re.MULTILINE), f"{setting.name} is not explained"


@pytest.fixture
def read(tmp_path):
    def write_and_read(text):
        path = tmp_path / "c.toml"
        path.write_text(text)
        return Config.read(path)

    return write_and_read


def test_what_is_left_out_keeps_its_default(read):
    config = read("[search]\ntop_k = 3\n")
    assert (config.search.top_k, config.search.depth) == (3, Config().search.depth)


def test_a_whole_number_will_do_for_a_number(read):
    assert read("[search]\ndense_weight = 1").search.dense_weight == 1.0


NUMBERS = [
    (section.name, name, *get_args(hint))
    for section in fields(Config)
    for name, hint in get_type_hints(type(getattr(Config(), section.name)), include_extras=True).items()
    if {hint, *get_args(hint)} & {int, float}
]


@pytest.mark.parametrize(("section", "name", "kind", "allowed"), NUMBERS)
def test_every_number_has_a_range_and_is_refused_outside(read, section, name, kind, allowed):
    step = 1 if kind is int else 2**-14
    for value in (allowed.least, allowed.most):
        assert getattr(getattr(read(f"[{section}]\n{name} = {value}"), section), name) == value
    for value in (allowed.least - step, allowed.most + step, -(10**400)):
        said = re.escape(f"[{section}] {name} must be a ") + f".*number {re.escape(str(allowed))}, not "
        with pytest.raises(ConfigInvalid, match=said):
            read(f"[{section}]\n{name} = {value}")


def test_numbers_are_as_many_as_the_file_has():
    assert len(NUMBERS) == len(re.findall(r"(?m)^\w+ = -?\d", FILE.read_text("utf-8")))


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_what_is_no_finite_number_is_in_no_range(read, value):
    with pytest.raises(ConfigInvalid, match=r"timeout must be a number from 1 to 86,400, not"):
        read(f"[server]\ntimeout = {value}")


@pytest.mark.parametrize(
    "name", ["qa.example", "QA.Example", "localhost", "my_host-1", "10.0.0.5", "2001:db8::1", "xn--q-wia.example"]
)
def test_hosts_are_names_or_addresses(read, name):
    assert read(f"[server]\nhosts = ['{name}']").server.hosts == (name,)


@pytest.mark.parametrize(
    "name",
    [
        "https://qa.example",
        "qa.example:443",
        "qa.example/kb",
        "*.example",
        "",
        " qa",
        "qa.example.",
        "[::1]",
        "q\u00e4",
    ],
)
def test_a_host_that_no_request_could_name_is_refused(read, name):
    said = r'\[server\] hosts must be .* names, as "qa.example", without scheme, port or path, not'
    with pytest.raises(ConfigInvalid, match=said):
        read(f"[server]\nhosts = ['wiki.example', '{name}']")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[search]\ntopk = 3", r"unknown key \[search\] topk; known here: depth, top_k"),
        ("[serch]\ntop_k = 3", r"unknown key \[serch\]; known here: paths, index"),
        ("[search]\ntop_k = '3'", r"\[search\] top_k must be a whole number from 1 to 1,000, not '3'"),
        ("[search]\ntop_k = true", r"\[search\] top_k must be a whole number from 1 to 1,000, not True"),
        ("[chat]\nexamples = [1]", r"\[chat\] examples must be a list of texts"),
        ("search = 3", r"\[search\] is a section, not a value"),
        ("[server]\nport = 99999", r"\[server\] port must be a whole number from 0 to 65,535, not 99999"),
        ("[search", "is not TOML"),
        ("[server]\nport = " + "9" * 5000, "is not TOML"),
    ],
)
def test_mistakes_are_refused_by_name(read, text, message):
    with pytest.raises(ConfigInvalid, match=message):
        read(text)


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(ConfigInvalid, match=r"cannot read nowhere\.toml"):
        Config.read(Path("nowhere.toml"))


def test_without_a_file_the_defaults_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Config.read() == Config()
