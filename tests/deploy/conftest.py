"""docker-compose.yml as compose reads it without an .env, and the secrets that deploy/init makes."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.log.conftest import decision, delivery, fact  # noqa: F401 - fixtures

TOP = Path(__file__).parents[2]
_VARIABLE = re.compile(r"\$\{(\w+):-([^${}]*)\}")


@pytest.fixture(scope="session")
def compose_text() -> str:
    """docker-compose.yml as it is written."""
    return (TOP / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def compose(compose_text: str) -> dict[str, Any]:
    """docker-compose.yml with the defaults of its variables, anchors and merges resolved."""
    while _VARIABLE.search(compose_text):  # from the inside out
        compose_text = _VARIABLE.sub(r"\2", compose_text)
    found: dict[str, Any] = yaml.safe_load(compose_text)
    return found


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what deploy/init makes."""
    folder = tmp_path_factory.mktemp("secrets")
    subprocess.run(["sh", TOP / "deploy/init", folder], check=True, capture_output=True)
    return folder
