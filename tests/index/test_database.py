"""Where an index's file is made."""

import pytest

from index.database import Database


def test_a_directory_that_is_made_is_for_its_owner_only_and_those_above_it_as_usual(tmp_path):
    (tmp_path / "usual").mkdir()
    Database.create(tmp_path / "above" / "index").close()
    assert (tmp_path / "above" / "index").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "above").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_directory_that_is_there_keeps_its_mode(tmp_path, mode):
    tmp_path.chmod(mode)
    for _ in range(2):
        Database.create(tmp_path).close()
        assert tmp_path.stat().st_mode & 0o777 == mode
