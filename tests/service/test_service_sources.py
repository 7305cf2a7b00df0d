"""Which sources the service polls: those of the settings, of files, of the command, and the seeds."""

from datetime import UTC, datetime
from pathlib import Path

from monitor.log.stream import EventLog
from monitor.service.ingest import source_book, sources
from monitor.service.settings import load_settings
from monitor.service.wiring import assemble
from monitor.sources import ownfile


def test_what_the_command_writes_is_polled_without_a_restart(tmp_path: Path, fake_log: EventLog) -> None:
    config, data = tmp_path / "parley.toml", tmp_path / "data"
    config.write_text('source_files = ["more.toml"]\n\n[[sources]]\nid = "a"\nurl = "https://a.example/"\n')
    search = 'kind = "search"\nurl = "https://web.example/?q={words}"\n'
    (tmp_path / "more.toml").write_text(f'[[sources]]\nid = "web"\n{search}')
    parley = assemble(load_settings(config, data, environ={}), fake_log, lambda: datetime.now(UTC))
    book = source_book(parley)
    assert [one.id for one in sources(parley, book)] == ["a", "web:pti", "seeds"]
    ownfile.add(data / "sources.toml", [{"id": "b", "url": "https://b.example/", "topics": ["pti"]}])
    assert [one.id for one in sources(parley, book)] == ["a", "web:pti", "b", "seeds"]
    ownfile.remove(data / "sources.toml", "b")
    assert [one.id for one in sources(parley)] == ["a", "web:pti", "seeds"]
    parley.service.dispose()
