"""What the doctor looks at around Parley: clocks, the database's server, the mail server, files of secrets, the backup.

Each check says what it found; what is wrong is raised as an error that says so.
"""

import os
import smtplib
import ssl
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from monitor.alerts.vault import KEY_FILE
from monitor.errors import ParleyError, SettingsError
from monitor.log.stream import EventLog
from monitor.readmodel.backups import last_backup
from monitor.service.settings import Settings, SmtpSettings, variables

SKEW = timedelta(seconds=5)
"""Clocks that differ by more make moments that contradict each other."""
BACKUP_IS_OLD = timedelta(days=2)
_MAIL_TIMEOUT_S = 10.0
_SIGNS_OF_CONTAINERS = (Path("/.dockerenv"), Path("/run/.containerenv"), Path("/run/secrets"))
"""Nobody else is in a container: who may read its files is decided outside."""


def clock(log: EventLog | None, service: Engine | None) -> str:
    """How far this machine's clock is from Redis' and from the database's.

    Raises:
        ParleyError: too far.
        LogError: Redis does not answer, or does not tell.
    """
    found: list[str] = []
    wrong: list[str] = []
    for name, theirs in _clocks(log, service):
        ahead = (datetime.now(UTC) - theirs).total_seconds()
        words = f"{abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} {name}"
        (wrong if abs(ahead) > SKEW.total_seconds() else found).append(words)
    if wrong:
        raise ParleyError(f"this machine's clock is {' and '.join(wrong)}")
    return ", ".join(found) or "there is no other clock to compare with"


def _clocks(log: EventLog | None, service: Engine | None) -> Iterator[tuple[str, datetime]]:
    if log is not None:
        yield "Redis", log.server().now
    if service is not None and service.dialect.name == "postgresql":
        with service.connect() as connection:
            yield "the database", connection.execute(text("SELECT clock_timestamp()")).scalar_one()


def database(service: Engine) -> str:
    """Which database it is; SQLite's file is looked through.

    Raises:
        ParleyError: it is damaged, does not answer, or is full.
    """
    try:
        with service.connect() as connection:
            if service.dialect.name == "postgresql":
                version = connection.execute(text("SHOW server_version")).scalar_one()
                return f"PostgreSQL {version}, its tables are this version's"
            state = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
    except SQLAlchemyError as error:
        raise ParleyError(
            f"it cannot be read: {' '.join(str(getattr(error, 'orig', error)).split())}"
        ) from error
    if state != "ok":
        raise ParleyError(f"{service.url.database} is damaged: {state}")
    return "SQLite, sound"


def mail(smtp: SmtpSettings) -> str:
    """Connect to the mail server and say EHLO; nothing is sent.

    Raises:
        ParleyError: it does not answer, or does not speak as the settings say.
    """
    where = f"{smtp.host}:{smtp.port}"
    begun = time.monotonic()
    try:
        with closing(_greeted(smtp)) as session:
            if smtp.security == "starttls":
                session.starttls(context=ssl.create_default_context())
                session.ehlo()
            session.quit()
    except (smtplib.SMTPException, OSError) as error:
        raise ParleyError(f"{where} ({smtp.security}): {type(error).__name__}: {error}") from error
    return f"{where} answers in {time.monotonic() - begun:.1f} s"


def _greeted(smtp: SmtpSettings) -> smtplib.SMTP:
    session: smtplib.SMTP
    if smtp.security == "tls":
        session = smtplib.SMTP_SSL(
            smtp.host, smtp.port, timeout=_MAIL_TIMEOUT_S, context=ssl.create_default_context()
        )
    else:
        session = smtplib.SMTP(smtp.host, smtp.port, timeout=_MAIL_TIMEOUT_S)
    session.ehlo()
    return session


def secrets(settings: Settings, environ: Mapping[str, str] = os.environ) -> str:
    """Whether only their owner reads the files that hold secrets.

    Raises:
        ParleyError: others may read or change some.
    """
    files = list(dict.fromkeys(_files_of_secrets(settings, environ)))
    if wrong := [f"{path} (mode {_mode(path):o})" for path in files if _is_open(path)]:
        raise ParleyError(f"others than their owner may read or change {', '.join(wrong)}")
    return (
        f"files with secrets: {len(files)}, readable by their owner alone"
        if files
        else "no files with secrets"
    )


def _files_of_secrets(settings: Settings, environ: Mapping[str, str]) -> Iterator[Path]:
    """Those that the environment names, the vault's key, and the settings file where it holds a secret itself."""
    yield from (Path(environ[f"{name}_FILE"]) for name, _ in variables() if f"{name}_FILE" in environ)
    if (key := settings.data / KEY_FILE).exists():
        yield key
    in_file = [one for one in _secret_values(settings) if one]
    if settings.file and any(one in settings.file.read_text(encoding="utf-8") for one in in_file):
        yield settings.file


def _secret_values(settings: Settings) -> Iterable[str]:
    yield settings.smtp.password.get_secret_value()
    yield settings.key.get_secret_value()
    yield settings.heartbeat.url.get_secret_value()
    for subscription in settings.subscriptions:
        if subscription.secret:
            yield subscription.secret.get_secret_value()
        if subscription.kind == "chat" and subscription.url:
            yield subscription.url


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _is_open(path: Path) -> bool:
    if not path.exists():
        raise SettingsError(f"there is no file {path}")
    is_shared = not any(sign.exists() for sign in _SIGNS_OF_CONTAINERS)
    may_be_read = stat.S_IRGRP | stat.S_IROTH if is_shared else 0
    return bool(_mode(path) & (may_be_read | stat.S_IWGRP | stat.S_IWOTH))


def backup(settings: Settings, now: datetime) -> str:
    """When the last backup was made.

    Raises:
        ParleyError: long ago.
    """
    last = last_backup(settings.data)
    if last is None:
        return "none is known of; `parley backup` makes one"
    found = f"{last.at:%Y-%m-%d %H:%M} UTC, {last.events} events, {last.place}"
    if now - last.at > BACKUP_IS_OLD:
        raise ParleyError(f"the last was made {(now - last.at).days} days ago: {found}")
    return found
