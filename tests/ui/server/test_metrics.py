"""What a server says of itself."""

import shutil

import pytest

from tests.ui.serving import PAY, SOUP, ask, index_of, serving

pytestmark = pytest.mark.model


def test_a_server_without_its_index_is_not_ready_and_counts_nothing_until_there_is_one_again(tmp_path):
    index_of(tmp_path, [SOUP])
    with serving(tmp_path) as client:
        assert client.get("/health").status_code == 200
        assert ask(client, "When is soup served?").status_code == 200
        shutil.rmtree(tmp_path / "index")
        assert client.get("/health").json() == {"live": True, "ready": False}
        assert ask(client, "When is soup served?").status_code >= 500
        assert {"qa_index_articles NaN", "qa_index_chunks NaN"} < set(client.get("/metrics").text.splitlines())
        index_of(tmp_path, [{**PAY, "groups": []}])
        assert client.get("/health").json() == {"live": True, "ready": True}
        assert ask(client, "When is the bonus paid?").json()["citations"][0]["article_id"] == "pay"
        assert client.get("/api/articles/news/soup.md").status_code == 404
        assert "qa_index_articles 1.0" in client.get("/metrics").text.splitlines()
