"""A subscription: what it wishes, and how the operator writes it in the settings.

It imports no SQL: every command reads the settings.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from monitor.alerts.services import flaw_of
from monitor.errors import SettingsError
from monitor.log.events import Severity
from monitor.vocabulary import Certainty, Status

SEVERITIES: tuple[Severity, ...] = ("minor", "major", "critical")
"""Mildest first."""

SECRET_PREFIX = "whsec_"  # noqa: S105  (the standard's prefix, not a secret)
_SECRET_BYTES = range(24, 65)
# One mailbox in ASCII, no display name: what goes into a header and an SMTP command must not be able to end either.
_ADDRESS = re.compile(r"""[^\s<>()\[\]\\,;:@"\x00-\x1f\x7f-\U0010ffff]+@[A-Za-z0-9.-]+""")
_LONGEST_ADDRESS = 254


Kind = Literal["webhook", "email", "chat", "file", "console"]
TARGET: Mapping[str, str] = {
    "webhook": "url",
    "email": "address",
    "chat": "url",
    "file": "path",
    "console": "",
}
"""Kind of subscription -> the setting that says where it is delivered to."""
HIDDEN = frozenset({"url", "address", "secret"})
"""Settings whose values no message shows."""


class Wishes(BaseModel):
    """Which alerts a subscription wants, and when. An empty list wants all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    """Ids of channels, of whatever topic."""
    statuses: tuple[Status, ...] = ()
    """The statuses that talks shift to."""
    min_severity: Severity = "minor"
    min_certainty: Certainty = Certainty.REPORTED
    """With `confirmed`, a shift is told when it is confirmed."""
    time_zone: str = "UTC"
    """The IANA name of the zone in which the times below are meant."""
    quiet_from: time | None = None
    quiet_until: time | None = None
    """The quiet hours, which may run over midnight; both or neither."""
    quiet_then: Literal["hold", "drop"] = "hold"
    """What becomes of an alert in quiet hours: held until they end, or not sent at all."""
    digest: Literal["off", "hourly", "daily"] = "off"
    digest_at: time = time(8)
    """When the daily digest is sent."""
    group_s: Annotated[int, Field(ge=0, le=3600)] = 0
    """How many seconds an alert waits for others that go with it in one message."""
    urgent: Severity | None = "critical"
    """From this severity on an alert waits for nothing: no quiet hours, no digest, no group. None: all wait."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("expected the name of a time zone like Asia/Karachi") from error
        return name

    @model_validator(mode="after")
    def _both_ends(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None) or (
            self.quiet_from is not None and self.quiet_from == self.quiet_until
        ):
            raise ValueError("quiet hours have two different ends: quiet_from and quiet_until")
        return self


class SubscriptionConfig(Wishes):
    """One `[[subscriptions]]` table of parley.toml.

    A webhook has a `url` and a secret (`whsec_` and the base64 of 24 to 64 random bytes, as in Standard Webhooks 1.0),
    given as `secret` or in the file `secret_file`; an email subscription has an `address`; chat has the `url` of a
    service as Apprise writes it, a file has a `path`, the console nothing.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    kind: Kind
    url: Annotated[str | None, Field(repr=False)] = None
    address: Annotated[str | None, Field(repr=False)] = None
    path: Path | None = None
    secret: SecretStr | None = None
    secret_file: Path | None = None
    allow_private: bool = False
    """Let it lead into a private network (a receiver on the operator's own machine)."""

    @field_validator("address")
    @classmethod
    def _one_mailbox(cls, address: str | None) -> str | None:
        return None if address is None else one_mailbox(address)

    @field_validator("secret")
    @classmethod
    def _standard_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            key_of(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = {key for key in _TARGETS if getattr(self, key) is not None}
        own = [one for one in (self.secret, self.secret_file) if one is not None]
        wanted = {TARGET[self.kind]} - {""}
        if given != wanted or len(own) != (self.kind == "webhook"):
            raise ValueError(f"subscription {self.id}: {_EXPECTED[self.kind]}")
        if self.kind == "webhook" and not _WEB_ADDRESS.fullmatch(self.url or ""):
            raise ValueError(f"subscription {self.id}: the url of a webhook begins with https:// or http://")
        if self.kind == "chat" and (flaw := flaw_of(self.url or "")):
            raise ValueError(f"subscription {self.id}: {flaw}")
        return self

    @property
    def target(self) -> str:
        """Where it is delivered to."""
        return self.url or self.address or str(self.path.expanduser().absolute() if self.path else "")

    @property
    def wishes(self) -> Wishes:
        """What it wants, apart from where it is delivered to."""
        return Wishes.model_validate({name: getattr(self, name) for name in Wishes.model_fields})

    def read_secret(self) -> str | None:
        """The webhook's secret, from its file where it has one.

        Raises:
            SettingsError: the file cannot be read, or holds no such secret.
        """
        if self.secret_file is None:
            return self.secret.get_secret_value() if self.secret else None
        try:
            secret = self.secret_file.read_text(encoding="ascii").strip()
            key_of(secret)
        except OSError as error:
            raise SettingsError(
                f"subscription {self.id}: cannot read {self.secret_file}: {error.strerror}"
            ) from error
        except ValueError as error:
            raise SettingsError(f"subscription {self.id}: {self.secret_file}: {error}") from error
        return secret


def one_mailbox(address: str) -> str:
    """The address, when it is one that mail can be sent to.

    Raises:
        ValueError: it is none, or more than one.
    """
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise ValueError("expected one address like name@example.org")
    return address


_TARGETS = {"url", "address", "path"}
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#@]+([/?#]\S*)?")
_EXPECTED: dict[Kind, str] = {
    "webhook": "a webhook has a url and either secret or secret_file, and nothing of another kind",
    "email": "an email subscription has an address and nothing of another kind",
    "chat": "a chat subscription has the url of its service, and nothing of another kind",
    "file": "a file subscription has a path and nothing of another kind",
    "console": "a console subscription has no target",
}


def new_secret() -> str:
    """A webhook's secret, made of 32 random bytes."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def masked(kind: str, target: str) -> str:
    """A target as it may be shown: enough to know it again. Of a chat's URL, every part may be a token."""
    if kind == "email":
        name, _, domain = target.rpartition("@")
        return f"{name[:1]}***@{domain}"
    if kind == "webhook":
        return f"{target.partition('://')[0]}://{urlsplit(target).hostname}/***"
    return f"{target.partition('://')[0]}://***" if kind == "chat" else target


def key_of(secret: str) -> bytes:
    """The key that a `whsec_` secret holds.

    Raises:
        ValueError: it is no such secret (the message does not show it).
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(SECRET_PREFIX) or len(key) not in _SECRET_BYTES:
        raise ValueError(f"expected {SECRET_PREFIX} and the base64 of 24 to 64 random bytes")
    return key
