"""Operators who are signed in. Each has a cookie with a random key; the server keeps their token sealed with that key.

So what the server keeps tells nobody a token, and a cookie alone, once it is signed out or its time is up, is worth
nothing: its other half is gone. A start of the dashboard signs everybody out.
"""

import base64
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken

COOKIE = "parley_operator"
HELD_S = 12 * 3600
_MOST = 1000
_KEY_BYTES = 32


class Operator(NamedTuple):
    """Who is signed in: the name of their token, and the token."""

    name: str
    token: str


@dataclass
class _Held:
    name: str
    sealed: bytes
    ends_at: float
    asked_at: float


class Sessions:
    """Who is signed in at this process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._held: dict[bytes, _Held] = {}
        self._lock = threading.Lock()

    def begin(self, operator: Operator) -> str:
        """Sign an operator in; gives the cookie's value. Of too many sessions the oldest end."""
        now, key = self._clock(), secrets.token_bytes(_KEY_BYTES)
        sealed = _fernet(key).encrypt(operator.token.encode())
        with self._lock:
            self._held = {id_: one for id_, one in self._held.items() if one.ends_at > now}
            while len(self._held) >= _MOST:
                del self._held[next(iter(self._held))]
            self._held[_id(key)] = _Held(operator.name, sealed, now + HELD_S, now)
        return base64.urlsafe_b64encode(key).decode().rstrip("=")

    def find(self, cookie: str) -> Operator | None:
        """Whose cookie it is, while their time is not up."""
        key = _key(cookie)
        with self._lock:
            held = self._held.get(_id(key))
        if held is None or held.ends_at <= self._clock():
            return None
        try:
            return Operator(held.name, _fernet(key).decrypt(held.sealed).decode())
        except InvalidToken:
            return None

    def is_due(self, cookie: str, every_s: float) -> bool:
        """Whether it is time to ask again if the token still holds; who is told so, asks."""
        now = self._clock()
        with self._lock:
            held = self._held.get(_id(_key(cookie)))
            if held is None or now - held.asked_at < every_s:
                return False
            held.asked_at = now
            return True

    def end(self, cookie: str) -> None:
        """Sign out."""
        with self._lock:
            self._held.pop(_id(_key(cookie)), None)


SESSIONS = Sessions()
"""Those of this process: the routes that sign in and the pages share it."""


def _key(cookie: str) -> bytes:
    """A cookie's key; of what is no cookie of ours, one that nobody has."""
    try:
        key = base64.urlsafe_b64decode(cookie.encode("ascii") + b"=" * (-len(cookie) % 4))
    except ValueError:
        key = b""
    return key if len(key) == _KEY_BYTES else bytes(_KEY_BYTES)


def _id(key: bytes) -> bytes:
    return sha256(b"parley.operator" + key).digest()


def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))
