import pytest

from index.errors import InputMissing
from index.load import find, read


def names(inputs):
    return [file.name for file in inputs.files]


def test_folders_are_searched_to_the_bottom_but_for_hidden_files(articles):
    folder = articles({"b.md": "x", "a/c.txt": "x", ".git/d.txt": "x", ".e.txt": "x"})
    assert names(find([str(folder)])) == ["a/c.txt", "b.md"]


def test_a_file_in_two_inputs_comes_once(articles):
    folder = articles({"a.txt": "x"})
    assert names(find([str(folder), str(folder / "a.txt")])) == ["a.txt"]


def test_patterns_match_files_and_folders(articles):
    folder = articles({"2024/a.txt": "x", "2025/b.txt": "x", "c.txt": "x"})
    assert names(find([str(folder / "20*")])) == ["2024/a.txt", "2025/b.txt"]
    assert names(find([str(folder / "**" / "*.txt")])) == ["a.txt", "b.txt", "c.txt"]


def test_symbolic_links_are_not_followed(articles, tmp_path):
    folder = articles({"a.txt": "x"})
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    (folder / "link.txt").symlink_to(secret)
    assert names(find([str(folder)])) == ["a.txt"]


@pytest.mark.parametrize("path", ["nowhere", "nowhere/*.md"])
def test_what_is_not_there_is_named(path):
    with pytest.raises(InputMissing, match=f"nothing at {path}".replace("*", r"\*")):
        find([path])


def test_a_name_that_is_no_text_is_skipped_and_named(articles):
    folder = articles({"a.txt": "x"})
    (folder / "b\udcff.txt").write_text("Words.")
    found = [*find([str(folder)]).files]
    (skipped,) = read(found[1])
    assert (skipped.reason, skipped.kind) == ("its name is not UTF-8; rename it", "failed")


def test_inputs_speak_for_the_files_they_would_hold(articles):
    folder = articles({"a.txt": "x", "sub/b.txt": "x"})
    everything = find([str(folder)])
    assert everything.cover(str(folder / "sub" / "gone.txt"))
    assert not everything.cover(str(folder.parent / "other.txt"))
    pattern = find([str(folder / "*.txt")])
    assert pattern.cover(str(folder / "gone.txt"))
    assert not pattern.cover(str(folder / "sub" / "b.txt"))
    deep = find([str(folder / "**" / "*.txt")])
    assert deep.cover(str(folder / "sub" / "gone.txt"))
    assert not deep.cover(str(folder / "sub" / "gone.md"))
