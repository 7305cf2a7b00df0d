"""What must not be shown: addresses of people and receivers, and what may be a secret, are taken out of words. Pure."""

import re

_MAILBOX = re.compile(r"[^\s<>\"'(),:;@]+@([A-Za-z0-9.-]+)")
_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.-]*)://(?:[^\s/@]*@)?([^\s/?#\"'<>]*)[^\s\"'<>]*", re.IGNORECASE)
_WITH_HOST = frozenset({"http", "https", "redis", "rediss", "postgresql", "smtp", "smtps"})
"""Schemes whose addresses begin with a host; with others, as those of chats, a token may stand there."""
_TOKEN = re.compile(r"\b[A-Za-z0-9][A-Za-z0-9_+=-]{23,}")
# Ids of events and names in tracebacks are long too; but secrets are random, or say what they are.
_SECRET = re.compile(
    r"\b(?:whsec_|parley_(?=\S{40}))[A-Za-z0-9_+/=-]+|"
    r"\b(?=[A-Za-z_+=-]*[0-9])(?=[a-z0-9_+=-]*[A-Z])(?=[A-Z0-9_+=-]*[a-z])[A-Za-z0-9][A-Za-z0-9_+=-]{23,}"
)


def masked(words: str) -> str:
    """What a receiver or a library said, without addresses and without what may be a secret."""
    return _TOKEN.sub(_beginning, _without_addresses(words))


def masked_line(words: str) -> str:
    """A line of the service's own log: as `masked`, but with ids, which are no secret and which one searches for."""
    return _SECRET.sub(_beginning, _without_addresses(words))


def _without_addresses(words: str) -> str:
    return _MAILBOX.sub(r"…@\1", _ADDRESS.sub(_host, words))


def _host(found: re.Match[str]) -> str:
    host = f"{found[2]}/" if found[1].lower() in _WITH_HOST else ""
    return f"{found[1]}://{host}…"


def _beginning(found: re.Match[str]) -> str:
    return f"{found[0][:4]}…"
