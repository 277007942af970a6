"""The API keeps what its description promises: documented statuses and bodies, and never a mistake of its own."""

import asyncio

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from qa import Assistant, Config
from qa.config import ChatSettings, ServerSettings
from tests.conftest import WordEmbedder
from tests.ui.serving import SOUP, index_of
from ui.app import create_app


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """The description, as the whole application gives it."""
    directory = tmp_path_factory.mktemp("schema")
    index_of(directory, [SOUP])
    config = Config(
        server=ServerSettings(requests_per_minute=0, hosts=("testserver",)),
        chat=ChatSettings(title="Handbook", examples=("When is soup served?",)),
    )
    assistant = Assistant.open(directory / "index", config, embedder=WordEmbedder())

    async def built():
        return create_app(assistant, config)

    yield schemathesis.openapi.from_asgi("/openapi.json", asyncio.run(built()).asgi)
    assistant.close()


OPERATIONS = (
    ("/api/ask", "POST"), ("/api/examples", "GET"), ("/api/articles/{article_id}", "GET"), ("/api/feedback", "POST"),
    ("/health", "GET"), ("/health/live", "GET"), ("/metrics", "GET"),
)  # fmt: skip
TAKING_SOMETHING = [OPERATIONS[0], OPERATIONS[2], OPERATIONS[3]]


def test_every_operation_is_listed(described):
    found = [result.ok() for result in described.get_all_operations()]
    assert {(operation.path, operation.method.upper()) for operation in found} == set(OPERATIONS)


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [(*operation, "positive") for operation in OPERATIONS] + [(*each, "negative") for each in TAKING_SOMETHING],
)
def test_an_operation_does_as_described(described, path, method, mode):
    @given(case=described[path][method].as_strategy(generation_mode=schemathesis.GenerationMode(mode)))
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def check(case):
        response = case.call()
        if response.status_code != 413:  # proper for a body that is too large, whatever stands in it
            # A made-up answer quotes nothing that stands in the articles, and is refused.
            left_out = [positive_data_acceptance] if path == "/api/feedback" else []
            case.validate_response(response, excluded_checks=left_out)

    check()
