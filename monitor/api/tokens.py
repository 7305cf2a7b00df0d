"""Tokens that let people and programs in: named, with a scope; their secret is told once, and kept as a hash.

A secret is 256 random bits, so a plain hash keeps it as safe as a slow one would.
"""

import re
import secrets
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Engine
from sqlmodel import Field, MetaData, Session, SQLModel, col, select

from monitor.errors import BadInputError, NotFoundError
from monitor.readmodel.store import Store, UtcDateTime

METADATA = MetaData()
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,40}")


class Scope(StrEnum):
    """What a token lets its holder do; each covers those before it."""

    READ = "read"
    WRITE = "write"
    OPERATOR = "operator"

    def covers(self, other: "Scope") -> bool:
        """Whether this scope is enough where `other` is asked for."""
        order = list(Scope)
        return order.index(self) >= order.index(other)


class TokenRow(SQLModel, table=True):
    """A token, without its secret."""

    __tablename__ = "api_token"
    metadata = METADATA

    name: str = Field(primary_key=True)
    scope: str
    digest: str = Field(unique=True, repr=False)
    made_at: datetime = Field(sa_type=UtcDateTime)
    """When its present secret was made."""


def add(service: Engine, name: str, scope: Scope, now: datetime) -> str:
    """Make a token at `now` (UTC-aware); returns its secret, which nobody can tell again.

    Raises:
        BadInputError: there is a token of that name, or it is no name.
    """
    if not _NAME.fullmatch(name):
        raise BadInputError(
            f"{name!r} is no name for a token: up to 41 of a-z, 0-9, dot, dash and underscore"
        )
    secret, digest = _new()
    with Session(service) as session:
        if session.get(TokenRow, name):
            raise BadInputError(f"there is a token {name!r} already; rotate it, or remove it first")
        session.add(TokenRow(name=name, scope=scope, digest=digest, made_at=now))
        session.commit()
    return secret


def rotate(service: Engine, name: str, now: datetime) -> str:
    """Give the token another secret at `now` (UTC-aware), which is returned; the old one no longer lets anybody in.

    Raises:
        NotFoundError: there is no such token.
    """
    secret, digest = _new()
    with Session(service) as session:
        row = _row(session, name)
        row.digest, row.made_at = digest, now
        session.commit()
    return secret


def remove(service: Engine, name: str) -> None:
    """Take the token away; raises as `rotate` does."""
    with Session(service) as session:
        session.delete(_row(session, name))
        session.commit()


def known(service: Engine) -> list[TokenRow]:
    """All tokens by name."""
    with Session(service) as session:
        return list(session.exec(select(TokenRow).order_by(TokenRow.name)))


def holder(store: Store, secret: str) -> TokenRow | None:
    """Whose secret this is; None: nobody's.

    Raises:
        StoreError: the service's database cannot be read.
    """
    with store.reading(TokenRow) as session:
        if session is None:
            return None
        return session.exec(select(TokenRow).where(col(TokenRow.digest) == _digest(secret))).first()


def _row(session: Session, name: str) -> TokenRow:
    row = session.get(TokenRow, name)
    if row is None:
        names = ", ".join(session.exec(select(TokenRow.name).order_by(TokenRow.name)))
        raise NotFoundError(f"there is no token {name!r}; there is: {names or 'none yet'}")
    return row


def _new() -> tuple[str, str]:
    secret = f"parley_{secrets.token_urlsafe(32)}"
    return secret, _digest(secret)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
