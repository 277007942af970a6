import re
from dataclasses import fields, replace
from pathlib import Path

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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[search]\ntopk = 3", r"unknown key \[search\] topk; known here: depth, top_k"),
        ("[serch]\ntop_k = 3", r"unknown key \[serch\]; known here: paths, index"),
        ("[search]\ntop_k = '3'", r"\[search\] top_k must be a whole number, not '3'"),
        ("[search]\ntop_k = true", r"\[search\] top_k must be a whole number, not True"),
        ("[chat]\nexamples = [1]", r"\[chat\] examples must be a list of texts"),
        ("search = 3", r"\[search\] is a section, not a value"),
        ("[search", "is not TOML"),
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
