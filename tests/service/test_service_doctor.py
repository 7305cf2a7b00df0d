"""What the doctor finds wrong, and what it says to do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.service.doctor import Check, examine
from monitor.service.settings import Settings
from monitor.service.wiring import open_service
from monitor.sources.config import SourceConfig
from monitor.sources.state import SourceStates

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def sources_check(settings: Settings) -> Check:
    return next(check for check in examine(settings, lambda: NOW) if check.name == "sources")


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    """A data folder with eight sources, enrolled and well."""
    sources = tuple(
        SourceConfig(id=f"paper-{at}", url=f"https://{at}.example/feed", topics=("pti",)) for at in range(8)
    )
    engine = open_service(data_dir)
    SourceStates(engine).enrol(sources, NOW)
    engine.dispose()
    return Settings(data=data_dir, sources=sources)


def fail(settings: Settings, reasons: dict[str, str]) -> None:
    engine = open_service(settings.data)
    states = SourceStates(engine)
    for source_id, reason in reasons.items():
        states._set(source_id, error_streak=3, last_error=f"{reason}: some words")
    engine.dispose()


def test_sources_that_are_well_are_counted(settings: Settings) -> None:
    assert sources_check(settings) == Check("sources", ok=True, found="8 configured, 8 polled so far")


def test_sources_in_the_same_trouble_are_told_of_together_with_what_to_do(settings: Settings) -> None:
    fail(settings, {f"paper-{at}": "connection" for at in range(7)} | {"paper-7": "gone"})
    check = sources_check(settings)
    assert not check.ok
    first, second = check.found.split("; ")
    assert first == "7 failing (connection): paper-0, paper-1, paper-2, paper-3, paper-4 and 2 more"
    assert second == "1 failing (gone): paper-7"
    assert check.advice.startswith("Nothing answers at this address")
    assert "gone for good" in check.advice


def test_a_file_of_sources_that_cannot_be_read_is_named(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "more.toml"
    path.write_text("[[sources]]\nid = 'x'\nur = 'https://x.example'\n")
    check = sources_check(settings.model_copy(update={"source_files": (path,)}))
    assert not check.ok
    assert f"{path}, line 3: there is no setting 'sources[1].ur'" in check.found
    assert check.advice == "mend what the message names"
