"""The made-up story behind the HTTP interface; nothing in these tests changes it."""

from collections.abc import Iterator

import httpx
import pytest

from monitor.readmodel.queries import ReadModel
from tests.api.serving import context_of, served, told_model


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> ReadModel:
    return told_model(tmp_path_factory.mktemp("told") / "data")


@pytest.fixture(scope="session")
def client(told: ReadModel) -> Iterator[httpx.Client]:
    with served(context_of(told)) as client:
        yield client
