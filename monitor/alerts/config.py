"""A subscription as the operator writes it in the settings. It imports no SQL: every command reads the settings."""

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from monitor.errors import SettingsError

Severity = Literal["minor", "major", "critical"]
SEVERITIES: tuple[Severity, ...] = ("minor", "major", "critical")
"""Mildest first."""

SECRET_PREFIX = "whsec_"  # noqa: S105  (the standard's prefix, not a secret)
_SECRET_BYTES = range(24, 65)
# One mailbox in ASCII, no display name: what goes into a header and an SMTP command must not be able to end either.
_ADDRESS = re.compile(r"""[^\s<>()\[\]\\,;:@"\x00-\x1f\x7f-\U0010ffff]+@[A-Za-z0-9.-]+""")


class SubscriptionConfig(BaseModel):
    """One `[[subscriptions]]` table of parley.toml.

    A webhook has a `url` and a secret (`whsec_` and the base64 of 24 to 64 random bytes, as in Standard Webhooks 1.0),
    given as `secret` or in the file `secret_file`; an email subscription has an `address`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    kind: Literal["webhook", "email"]
    url: Annotated[str | None, Field(pattern=r"^https?://[^\s/?#@]+([/?#]\S*)?$", repr=False)] = None
    address: Annotated[str | None, Field(repr=False)] = None
    secret: SecretStr | None = None
    secret_file: Path | None = None
    topics: tuple[str, ...] = ()
    min_severity: Severity = "minor"
    allow_private: bool = False
    """Let this webhook lead into a private network (a receiver on the operator's own machine)."""

    @field_validator("address")
    @classmethod
    def _one_mailbox(cls, address: str | None) -> str | None:
        if address is not None and not _ADDRESS.fullmatch(address):
            raise ValueError("expected one address like name@example.org")
        return address

    @field_validator("secret")
    @classmethod
    def _standard_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            key_of(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = {key for key in ("url", "address", "secret", "secret_file") if getattr(self, key) is not None}
        fits = given == {"address"} if self.kind == "email" else given in _WEBHOOK_KEYS
        if not fits:
            raise ValueError(
                f"subscription {self.id}: an email subscription has an address and nothing of a webhook; "
                "a webhook has a url and either secret or secret_file"
            )
        return self

    @property
    def target(self) -> str:
        """Where it is delivered to."""
        return self.url or self.address or ""

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


_WEBHOOK_KEYS = ({"url", "secret"}, {"url", "secret_file"})


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
