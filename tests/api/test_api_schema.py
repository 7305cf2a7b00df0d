"""What OpenAPI says is true: schemathesis asks for whatever it allows, and for what it does not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import settings
from pydantic import TypeAdapter
from schemathesis.specs.openapi.checks import positive_data_acceptance

from monitor.api import documents
from monitor.api.app import create_app
from monitor.api.documents import EXAMPLES
from monitor.readmodel.queries import ReadModel
from tests.api.serving import context_of

NOWHERE = context_of(ReadModel(Path("nowhere")))
REFUSALS = [400, 401, 404, 405, 414, 422]
schema = schemathesis.openapi.from_dict(
    create_app(NOWHERE).openapi(),
    config=schemathesis.Config.from_dict(
        {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
    ),
)


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One connection for thousands of questions."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@schema.exclude(path_regex="/stream$").parametrize()  # which has no end
@settings(max_examples=60, derandomize=True, deadline=None, database=None)
def test_every_answer_is_as_described(
    case: schemathesis.Case, client: httpx.Client, session: requests.Session
) -> None:
    if "topic" in case.path_parameters:
        case.path_parameters["topic"] = "docks"
    # Not every text is a cursor, and OpenAPI cannot say which are.
    left_out = [positive_data_acceptance] if "cursor" in case.query else []
    case.call_and_validate(base_url=str(client.base_url), session=session, excluded_checks=left_out)


DOCUMENTS = {
    route.name: route.response_model
    for route in documents.router(NOWHERE).routes
    if isinstance(route, APIRoute)
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_example_of_every_document_is_one(name: str) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(DOCUMENTS[name])
    found = adapter.validate_python(EXAMPLES[name])
    assert found
    assert adapter.dump_python(found, mode="json", by_alias=True) == EXAMPLES[name]


def test_no_example_is_of_a_document_that_is_not_there() -> None:
    assert set(EXAMPLES) == set(DOCUMENTS)
