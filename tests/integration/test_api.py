"""The documents of the HTTP interface are those that the command prints."""

import json
from pathlib import Path

import httpx
import pytest

from monitor.api.context import Context
from monitor.cli.context import utc_now
from monitor.readmodel.queries import ReadModel
from tests.api.serving import served
from tests.integration.conftest import run_parley

ALIKE = {
    "status": ["status", "pti"],
    "status?as_of=2025-05-25": ["status", "pti", "--as-of", "2025-05-25"],
    "status?known_at=2025-05-25": ["status", "pti", "--known-at", "2025-05-25"],
    "timeline": ["timeline", "pti"],
    "alerts": ["alerts", "pti"],
    "claims": ["claims", "pti"],
    "claims?channel=government": ["claims", "pti", "--channel", "government"],
}


@pytest.mark.parametrize("asked", ALIKE)
def test_the_documents_are_those_of_the_command(asked: str, seeded: Path, seeded_model: ReadModel) -> None:
    done = run_parley(*ALIKE[asked], "--json", data=seeded)
    with served(Context(seeded_model, dict, utc_now)) as client:
        answer: httpx.Response = client.get(f"/v1/topics/pti/{asked}")
    assert answer.json() == json.loads(done.stdout)
    assert "next" not in answer.links
