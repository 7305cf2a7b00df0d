"""What the doctor finds around Parley: clocks, files of secrets, the mail server, the last backup."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from monitor.errors import LogError, ParleyError
from monitor.log.stream import EventLog, Server
from monitor.readmodel import backups
from monitor.readmodel.store import Store
from monitor.service import surroundings
from monitor.service.settings import Settings, SmtpSettings, load_settings
from monitor.service.wiring import open_service
from tests.processes import free_port

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_clocks_that_agree_are_named(embedded_log: EventLog) -> None:
    found = surroundings.clock(embedded_log, None)
    assert found.endswith("Redis")
    assert found.startswith("0.")


@pytest.mark.parametrize(("minutes", "words"), [(10, "behind Redis"), (-10, "ahead of Redis")])
def test_a_clock_that_differs_is_told(minutes: int, words: str, embedded_log: EventLog) -> None:
    class Odd(EventLog):
        def server(self) -> Server:
            return Server("7.0", datetime.now(UTC) + timedelta(minutes=minutes))

    with pytest.raises(ParleyError, match=f"clock is 600.0 s {words}"):
        surroundings.clock(Odd(embedded_log._redis), None)


def test_a_sound_database_says_so_and_a_damaged_one_too(data_dir: Path) -> None:
    service = open_service(Store(data_dir))
    assert surroundings.database(service) == "SQLite, sound"
    service.dispose()
    path = data_dir / "service.sqlite"
    raw = bytearray(path.read_bytes())
    raw[4096 : 4096 * 3] = b"x" * 4096 * 2
    path.write_bytes(raw)
    with pytest.raises(ParleyError, match=r"damaged|cannot be read"):
        surroundings.database(Store(data_dir).service())


class Polite:
    """A mail server that remembers what was said to it."""

    def __init__(self) -> None:
        self.greeted: list[str] = []
        self.mails = 0

    async def handle_EHLO(  # noqa: N802  (aiosmtpd's name)
        self, server: object, session: Any, envelope: object, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.greeted.append(hostname)
        return responses

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802  (aiosmtpd's name)
        self.mails += 1
        return "250 taken"


@pytest.fixture
def polite() -> Iterator[tuple[Polite, int]]:
    handler = Polite()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_the_mail_server_is_greeted_and_gets_no_mail(polite: tuple[Polite, int]) -> None:
    handler, port = polite
    found = surroundings.mail(SmtpSettings(host="127.0.0.1", port=port, security="none"))
    assert found.startswith(f"127.0.0.1:{port} answers in 0.")
    assert (len(handler.greeted), handler.mails) == (1, 0)


def test_a_mail_server_that_is_not_as_the_settings_say_is_told(polite: tuple[Polite, int]) -> None:
    _, port = polite
    with pytest.raises(ParleyError, match=r"\(starttls\): SMTPNotSupportedError"):
        surroundings.mail(SmtpSettings(host="127.0.0.1", port=port))
    with pytest.raises(ParleyError, match=r"127.0.0.1:1 \(none\): ConnectionRefusedError"):
        surroundings.mail(SmtpSettings(host="127.0.0.1", port=1, security="none"))


def test_files_of_secrets_are_for_their_owner_unless_nobody_else_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.service.surroundings._SIGNS_OF_CONTAINERS", ())
    password, config = tmp_path / "password", tmp_path / "parley.toml"
    password.write_text("hunter2")
    password.chmod(0o600)
    config.write_text("[heartbeat]\nurl = 'https://beat.example/T0K3N'\n")
    config.chmod(0o600)
    environ = {"PARLEY_SMTP_PASSWORD_FILE": str(password)}
    settings = load_settings(config, tmp_path / "data", environ)
    assert surroundings.secrets(settings, environ) == "files with secrets: 2, readable by their owner alone"
    password.chmod(0o640)
    config.chmod(0o644)
    with pytest.raises(ParleyError) as told:
        surroundings.secrets(settings, environ)
    assert f"{password} (mode 640), {config} (mode 644)" in str(told.value)
    assert "hunter2" not in str(told.value)
    monkeypatch.setattr("monitor.service.surroundings._SIGNS_OF_CONTAINERS", (tmp_path,))
    assert surroundings.secrets(settings, environ).startswith("files with secrets: 2")
    config.chmod(0o666)
    with pytest.raises(ParleyError, match=r"parley.toml \(mode 666\)"):
        surroundings.secrets(settings, environ)
    plain = load_settings(config=None, data=tmp_path / "data", environ={})
    assert surroundings.secrets(plain, {}) == "no files with secrets"


def test_a_settings_file_without_secrets_may_be_read_by_all(tmp_path: Path) -> None:
    config = tmp_path / "parley.toml"
    config.write_text("seeds = false\n")
    config.chmod(0o644)
    assert surroundings.secrets(load_settings(config, tmp_path / "data", {}), {}) == "no files with secrets"


def test_the_last_backup_is_told_and_an_old_one_is_wrong(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert "parley backup" in surroundings.backup(settings, NOW)
    noted = {"at": NOW.isoformat(), "place": "/backup/7", "events": 12}
    (tmp_path / backups.FILE).write_text(json.dumps(noted))
    assert (
        surroundings.backup(settings, NOW + timedelta(hours=30))
        == "2026-03-02 09:00 UTC, 12 events, /backup/7"
    )
    with pytest.raises(ParleyError, match="3 days ago"):
        surroundings.backup(settings, NOW + timedelta(days=3))


def test_a_redis_that_does_not_answer_has_no_clock() -> None:
    import redis

    with pytest.raises(LogError):
        surroundings.clock(EventLog(redis.Redis(port=1, socket_timeout=1, retry=None)), None)
