"""How Parley talks to Redis: every setting that matters is spelled out, and its failures become errors of the log.

Retries are safe because nothing but the append script writes, and doing that twice changes nothing.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis import exceptions
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry

from monitor.errors import BadInputError, LogError, LogUnavailableError

SOCKET_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 3.0
RETRIES = 3

# Answers of a server that is there but cannot serve just now: full, loading, not the primary, disk trouble.
# Their code stands somewhere in the message when a script met them, and redis-py takes some codes out of it.
_PASSING = re.compile(r"\b(OOM|MISCONF|READONLY|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS)\b")


def connect(
    url: str,
    *,
    socket_timeout: float = SOCKET_TIMEOUT_S,
    connect_timeout: float = CONNECT_TIMEOUT_S,
    retries: int = RETRIES,
) -> redis.Redis:
    """A client for `redis://`, `rediss://` or `unix://` URLs; nothing is sent before its first command.

    Raises:
        BadInputError: the URL is none that Redis has.
    """
    try:
        return redis.Redis.from_url(
            url,
            protocol=2,
            legacy_responses=False,
            decode_responses=False,
            socket_timeout=socket_timeout,
            socket_connect_timeout=connect_timeout,
            retry=Retry(ExponentialWithJitterBackoff(base=0.05, cap=1.0), retries),
        )
    except ValueError as error:
        raise BadInputError(f"not a Redis URL (redis://, rediss:// or unix://): {error}") from error


def address_of(client: redis.Redis) -> str:
    """Where a client connects to, without the password, for people to read."""
    settings = client.connection_pool.connection_kwargs
    return str(settings.get("path") or f"{settings.get('host', 'localhost')}:{settings.get('port', 6379)}")


@contextmanager
def redis_errors(client: redis.Redis) -> Iterator[None]:
    """Turn what redis-py raises into errors of the log, with the address that was tried.

    Raises:
        LogUnavailableError: it may go away by itself, or once the server is back.
        LogError: Redis refused the command as such.
    """
    try:
        yield
    except exceptions.AuthenticationError as error:
        raise LogError(f"Redis at {address_of(client)} refuses the password or user: {error}") from error
    except (exceptions.ConnectionError, exceptions.TimeoutError) as error:
        raise LogUnavailableError(f"Redis at {address_of(client)} does not answer: {_line(error)}") from error
    except exceptions.ResponseError as error:
        message = f"{error.status_code or ''} {_line(error)}".strip()
        kind = LogUnavailableError if _PASSING.search(message) else LogError
        raise kind(f"Redis at {address_of(client)} refuses: {message}") from error
    except exceptions.RedisError as error:
        raise LogError(f"Redis at {address_of(client)}: {_line(error)}") from error


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
