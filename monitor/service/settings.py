"""Settings: one file `parley.toml`, overridden by `PARLEY_*` environment variables and `PARLEY_*_FILE` secrets.

A setting `port` in the table `[dashboard]` is `PARLEY_DASHBOARD_PORT` in the environment; `PARLEY_SMTP_PASSWORD_FILE`
names a file that holds `smtp.password`. Lists (`[[sources]]`, `[[subscriptions]]`) come from the file only.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from monitor.alerts.config import SubscriptionConfig, one_mailbox
from monitor.errors import SettingsError
from monitor.service.logs import Form
from monitor.sources.book import OWN_FILE, SourceBook
from monitor.sources.config import PRIVATE, SourceConfig
from monitor.toml import faults, line_of
from monitor.topics import Topic

if TYPE_CHECKING:
    from monitor.readmodel.store import Store

_PRIVATE = {
    "subscriptions",
    "key",
    "token",
    "password",
    "username",
    "redis_url",
    "database_url",
    "database_admin_url",
    "database_reader_url",
    "heartbeat",
    *PRIVATE,
}
Port = Annotated[int, Field(ge=0, le=65535)]


def _mailbox_or_none(address: str) -> str:
    return one_mailbox(address) if address else address


_SHORTEST_TOKEN = 20
_RATE = re.compile(r"([1-9][0-9]{0,6}/(second|minute|hour|day))?")
_ORIGIN = re.compile(r"\*|https?://[^/\s]+")


def _rate(text: str) -> str:
    if not _RATE.fullmatch(text):
        raise ValueError("expected a number and a time (second, minute, hour, day), as in 300/minute")
    return text


def _origins(value: object) -> tuple[str, ...]:
    """From the environment they come as one text with commas."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, (list, tuple)):
        raise ValueError('expected a list, as in ["https://desk.example"]')
    origins = tuple(str(one).strip() for one in listed if one)
    if wrong := [one for one in origins if not _ORIGIN.fullmatch(one)]:
        raise ValueError(
            f'expected sites like "https://desk.example" without a path, or "*", not {wrong[0]!r}'
        )
    return origins


def _web_or_none(address: str) -> str:
    if address and not (address.startswith(("https://", "http://")) and urlsplit(address).hostname):
        raise ValueError("expected an address that begins with https:// or http://")
    return address.rstrip("/")


class Section(BaseModel):
    """Base of the settings' tables; an unknown key is an error, so that a typing slip is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DashboardSettings(Section):
    """Where the dashboard listens."""

    host: str = "127.0.0.1"
    port: Port = 8501
    read: Literal["open", "token", "proxy"] = "open"
    """Who may read: everybody who reaches it, who has its token, or whom a proxy in front of it names."""
    token: SecretStr = SecretStr("")
    """At least 20 characters."""
    user_header: str = "X-Forwarded-User"
    """Where that proxy says who asks."""
    api_url: Annotated[str, AfterValidator(_web_or_none)] = ""
    """Where the dashboard asks the HTTP interface, to sign operators in; empty: the one that this service runs."""

    @model_validator(mode="after")
    def _has_token(self) -> Self:
        if self.read == "token" and len(self.token.get_secret_value()) < _SHORTEST_TOKEN:
            raise ValueError(
                f"the setting dashboard.read = token needs dashboard.token, of at least {_SHORTEST_TOKEN} characters"
            )
        return self


class ApiSettings(Section):
    """Where the HTTP interface listens."""

    host: str = "127.0.0.1"
    port: Port = 8500
    public_url: str = ""
    """Its address as others see it, for links in feeds and mails."""
    read: Literal["open", "token", "proxy"] = "open"
    """Who may read: everybody who reaches it, who has a token, or whom a proxy in front of it names."""
    user_header: str = "X-Forwarded-User"
    """Where that proxy says who asks."""
    rate: Annotated[str, AfterValidator(_rate)] = "300/minute"
    """So many requests are answered to one token, else to one address; empty: any number."""
    origins: Annotated[tuple[str, ...], BeforeValidator(_origins)] = ()
    """Web sites whose pages may read it (CORS)."""
    subscribe: bool = False
    """People may subscribe themselves, by email; this needs a mail server."""


class HealthSettings(Section):
    """Where a process without the HTTP interface answers for its health and its numbers; port 0: nowhere."""

    host: str = "127.0.0.1"
    port: Port = 0


class LogSettings(Section):
    """How the service's own log looks: text on a terminal and JSON elsewhere (auto), or always the one or the other."""

    form: Form = "auto"


class SmtpSettings(Section):
    """The mail server for email subscriptions; without a host no mail is sent."""

    host: str = ""
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = "parley@localhost"
    unsubscribe: Annotated[str, AfterValidator(_mailbox_or_none)] = ""
    """A mailbox that somebody reads, to which mail programs may send a request to unsubscribe; empty: there is none."""


class LimitSettings(Section):
    """How many messages a minute go to one place (mail server, host of a webhook, account of a chat); 0: no limit."""

    email: Annotated[int, Field(ge=0)] = 120
    chat: Annotated[int, Field(ge=0)] = 20
    webhook: Annotated[int, Field(ge=0)] = 0


class HeartbeatSettings(Section):
    """A dead man's switch: an address that is asked for again and again while all is well. Without one, none is."""

    url: SecretStr = SecretStr("")
    every_s: Annotated[int, Field(ge=10, le=24 * 3600)] = 60
    allow_private: bool = False
    """Let it lie on a private network."""

    @field_validator("url")
    @classmethod
    def _of_the_web(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() and not url.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("expected an address that begins with https:// or http://")
        return url


class ArchiveSettings(Section):
    """Where old entries of the log go, so that Redis's memory stays bounded."""

    place: str = ""
    """A folder (a relative one lies in the data folder), or s3://bucket/folder; empty: everything stays in Redis."""
    keep_days: Annotated[int, Field(ge=0)] = 90
    """What is younger stays in Redis."""


class Settings(Section):
    """Everything that an operator can set."""

    data: Path = Path(platformdirs.user_data_dir("parley"))
    redis_url: str = ""
    """Empty: Parley runs a Redis server of its own on the data folder."""
    database_url: SecretStr = SecretStr("")
    """A PostgreSQL database for the read model, the queue and the subscriptions; empty: SQLite in the data folder."""
    database_admin_url: SecretStr = SecretStr("")
    """The login of that database's administrator, for `parley migrate` alone: it makes the login of `database_url`."""
    database_reader_url: SecretStr = SecretStr("")
    """The login of that database which may only read; `parley migrate` makes it, for the dashboard."""
    topics: tuple[str, ...] = ("pti",)
    topic_dirs: tuple[Path, ...] = ()
    seeds: bool = True
    """Load the articles that ship with Parley."""
    public_url: str = ""
    """The dashboard's address as others see it, for links in alerts."""
    contact: str = ""
    """An address (mail or web) for complaints, which goes with every request to a source."""
    key: SecretStr = SecretStr("")
    """Seals subscribers' addresses and secrets; empty: the key in the data folder, made at the first start."""
    dashboard: DashboardSettings = DashboardSettings()
    api: ApiSettings = ApiSettings()
    health: HealthSettings = HealthSettings()
    logs: LogSettings = LogSettings()
    smtp: SmtpSettings = SmtpSettings()
    per_minute: LimitSettings = LimitSettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    archive: ArchiveSettings = ArchiveSettings()
    behind_after_s: Annotated[int, Field(ge=10)] = 300
    """Operators are told of a reader when something in its log waits for so long."""
    sources: tuple[SourceConfig, ...] = ()
    source_files: tuple[Path, ...] = ()
    """More files with `[[sources]]`; in the settings file their paths are relative to it."""
    subscriptions: tuple[SubscriptionConfig, ...] = ()

    _file: Path | None = PrivateAttr(None)

    @property
    def file(self) -> Path | None:
        """The settings file, where there is one."""
        return self._file

    @property
    def store(self) -> "Store":
        """Where the SQL lies."""
        from monitor.readmodel.store import Store  # here: detection must not wait for SQL to load

        return Store(self.data, self.database_url.get_secret_value())

    @field_validator("database_url", "database_admin_url", "database_reader_url")
    @classmethod
    def _of_postgres(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if url.get_secret_value() and not (parts.scheme.startswith("postgres") and parts.path.strip("/")):
            raise ValueError("expected postgresql://user:password@host/database")
        return url

    @property
    def dashboard_url(self) -> str:
        """The address that links in alerts lead to."""
        return self.public_url.rstrip("/") or f"http://{self.dashboard.host}:{self.dashboard.port}"

    @property
    def dashboards_api_url(self) -> str:
        """The address at which the dashboard's process asks the HTTP interface."""
        host = "127.0.0.1" if self.api.host in {"0.0.0.0", "::"} else self.api.host  # noqa: S104  # nosec B104
        return self.dashboard.api_url or f"http://{f'[{host}]' if ':' in host else host}:{self.api.port}"

    @property
    def api_url(self) -> str:
        """The address of the HTTP interface that links in feeds and mails lead to."""
        return self.api.public_url.rstrip("/") or f"http://{self.api.host}:{self.api.port}"


def book_of(settings: Settings, topics: Mapping[str, Topic]) -> SourceBook:
    """The sources that the settings, the files that they name and the data folder's own file hold, for these topics."""
    own = settings.data / OWN_FILE
    return SourceBook(settings.sources, settings.file, settings.source_files, own, topics)


def load_settings(
    config: Path | None = None, data: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """Read the settings: file `config` (else `PARLEY_CONFIG`, else ./parley.toml if there), environment, `data`.

    Raises:
        SettingsError: naming the file and line, or the variable, the value and what is expected.
    """
    path = config or (Path(environ["PARLEY_CONFIG"]) if environ.get("PARLEY_CONFIG") else None)
    if path is None and Path("parley.toml").is_file():
        path = Path("parley.toml")
    text = _read(path) if path else ""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    if path and isinstance(values.get("source_files"), list):
        values["source_files"] = [
            path.parent / one if isinstance(one, str) else one for one in values["source_files"]
        ]
    origin: dict[tuple[str, ...], str] = {}
    for name, keys, value in _from_environment(environ):
        table = values
        for key in keys[:-1]:
            table = table.setdefault(key, {})
        table[keys[-1]] = value
        origin[keys] = name
    if data is not None:
        values["data"] = data
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_explain(error, path, text, origin)) from error
    folder = settings.data.expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"the data folder {folder} is no folder but a file; name another with --data")
    settings = settings.model_copy(update={"data": folder})
    settings._file = path
    return settings


def variables() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every environment variable that sets something, with the keys of what it sets."""
    for key, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            for inner in field.annotation.model_fields:
                yield f"PARLEY_{key}_{inner}".upper(), (key, inner)
        elif key not in {"sources", "subscriptions"}:
            yield f"PARLEY_{key}".upper(), (key,)


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    for name, keys in variables():
        if f"{name}_FILE" in environ:
            path = Path(environ[f"{name}_FILE"])
            try:
                yield f"{name}_FILE", keys, path.read_text().strip()
            except OSError as error:
                raise SettingsError(
                    f"{name}_FILE names {path}, which cannot be read: {error.strerror}"
                ) from error
        elif name in environ:
            value: Any = environ[name]
            if len(keys) == 1 and get_args(Settings.model_fields[keys[0]].annotation):
                value = [part.strip() for part in value.split(",") if part.strip()]
            yield name, keys, value


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"cannot read the settings file {path}: {why}") from error


def _explain(
    error: ValidationError, path: Path | None, text: str, origin: Mapping[tuple[str, ...], str]
) -> str:
    """Every setting that is wrong, each with where it was set."""
    found = []
    for key, fault in faults(error, _PRIVATE):
        line = f"{path}, line {line_of(text, key)}" if path else "the command line"
        found.append(f"{origin.get(tuple(map(str, key)), line)}: {fault}")
    return "; ".join(found)
