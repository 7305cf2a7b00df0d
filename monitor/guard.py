"""Where Parley may connect to. A feed, a redirect or a webhook must not lead it into the operator's own network.

The check happens where the connection is made: the name is resolved once, every address it resolves to is checked, and
the connection goes to one of the checked addresses, so that a name cannot change its answer in between (DNS rebinding).
"""

import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Any

import httpcore
import httpx

from monitor.errors import BadInputError, ForbiddenAddressError

_NAME = f"Parley/{version('parley-monitor')}"
USER_AGENT = f"{_NAME} (news monitor)"
TIMEOUT_S = 10.0

# httpx notes whole addresses at INFO, and those of webhooks and of some feeds are secrets.
logging.getLogger("httpx").setLevel(logging.WARNING)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 6052 and RFC 8215: addresses that a translator turns into the IPv4 address in their last 32 bits. Others of the
# local prefix may wrap it in other places, and stay forbidden.
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/96"))

# Where clouds serve their secrets, apart from link-local addresses: Oracle's older one (the block is that of RFC 6890),
# Alibaba's, Amazon's and Google's.
_SECRETS = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "100.100.100.200/32", "fd00:ec2::254/128", "fd20:ce::254/128")
)


def user_agent(contact: str = "") -> str:
    """How Parley names itself, with the operator's address (mail or web) for complaints.

    Raises:
        BadInputError: the contact holds what cannot be sent.
    """
    if not contact:
        return USER_AGENT
    if not (contact.isascii() and contact.isprintable()) or set(contact) & set("()\\"):
        raise BadInputError(f"the contact {contact!r} must be an address in plain letters, without brackets")
    return f"{_NAME} (news monitor; +{contact})"


def forbidden(address: str, *, allow_private: bool = False) -> str | None:
    """Why Parley must not connect to the address (an IP literal as resolved), or None when it may.

    `allow_private` permits private, loopback and shared addresses; link-local ones, others where clouds serve their
    secrets, multicast, reserved and unspecified ones stay forbidden.
    """
    for ip in _unwrapped(ipaddress.ip_address(address)):
        if ip.is_link_local:
            return "link-local"
        if ip.is_multicast or ip.is_unspecified:
            return "not an address of one host"
        if any(ip in network for network in _SECRETS):
            return "where clouds serve their secrets"
        if ip.is_reserved and not ip.is_loopback:  # ::1 lies in IPv6's reserved block
            return "reserved"
        if not allow_private and (not ip.is_global or (ip.version == 6 and ip.is_site_local)):
            return "private"
    return None


def _unwrapped(ip: Address) -> Iterable[Address]:
    """The addresses that a connection to `ip` can end at: itself, or the IPv4 addresses that it wraps."""
    if isinstance(ip, ipaddress.IPv4Address):
        return (ip,)
    if any(ip in network for network in _NAT64):
        return (ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF),)
    if ip.ipv4_mapped:
        return (ip.ipv4_mapped,)
    if ip.sixtofour:
        return (ip.sixtofour,)
    return (ip, *ip.teredo) if ip.teredo else (ip,)


def resolve(host: str, port: int, *, allow_private: bool = False) -> list[str]:
    """The addresses of a host, all of them checked.

    Raises:
        ForbiddenAddressError: one of them is forbidden (then none is used).
        OSError: the name does not resolve.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if why := forbidden(address, allow_private=allow_private):
            where = host if host == address else f"{host} leads to {address}, which"
            rule = "connects only to public addresses, unless allow_private is set"
            if forbidden(address, allow_private=True):
                rule = "never connects to such an address"
            raise ForbiddenAddressError(f"{where} is {why}; Parley {rule}")
    return addresses


class _Deadline:
    """The moment after which nothing may be waited for; a time-out per read alone lets a slow drip go on for ever."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self, timeout: float | None, late: type[Exception]) -> float | None:
        """The time-out for the next step; raises `late` when there is no time for one."""
        if self._end is None:
            return timeout
        left = self._end - time.monotonic()
        if left <= 0:
            raise late("the deadline has passed")
        return left if timeout is None else min(left, timeout)


class _TimedStream(httpcore.NetworkStream):
    """A connection each of whose steps ends by the deadline, and that knows where it goes when the peer is gone."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline, peer: tuple[str, int]) -> None:
        self._stream = stream
        self._deadline = deadline
        self._peer = peer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline, self._peer
        )

    def get_extra_info(self, info: str) -> Any:
        return self._peer if info == "server_addr" else self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


class _GuardedBackend(httpcore.NetworkBackend):
    """Opens TCP connections to checked addresses only. TLS above it still verifies the host's name."""

    def __init__(self, *, allow_private: bool, lifetime: float | None) -> None:
        self._allow_private = allow_private
        self._deadline = _Deadline(lifetime)
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = _in_time(
                lambda: resolve(host, port, allow_private=self._allow_private),
                self._deadline.left(timeout, httpcore.ConnectTimeout),
            )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"resolving {host} takes too long") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"cannot resolve {host}: {error}") from error
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for at, address in enumerate(addresses):
            try:
                left = self._deadline.left(timeout, httpcore.ConnectTimeout)
                share = left and left / (len(addresses) - at)  # one that is dead must not use up all
                stream = self._plain.connect_tcp(address, port, share, local_address, socket_options)
                return _TimedStream(stream, self._deadline, (address, port))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error  # a host with several addresses may answer on the next one
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise ForbiddenAddressError(f"Parley does not connect to the socket {path}")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def _in_time(ask: Callable[[], list[str]], timeout: float | None) -> list[str]:
    """What `ask` returns or raises, or TimeoutError: the system's resolver has no time-out of its own to set."""
    answer: Future[list[str]] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread, which raises it
            answer.set_exception(error)

    threading.Thread(target=run, name="resolve", daemon=True).start()
    return answer.result(timeout)


class _GuardedTransport(httpx.HTTPTransport):
    """httpx's transport on a pool that connects through the guard (httpx offers no setting for that)."""

    def __init__(self, *, allow_private: bool, lifetime: float | None, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_GuardedBackend(allow_private=allow_private, lifetime=lifetime),
        )


def guarded_connection(
    origin: httpcore.Origin, *, allow_private: bool, tls: ssl.SSLContext
) -> httpcore.HTTPConnection:
    """One connection, made at its first request, to a place that others chose: guarded, without redirects or proxies.

    A request, which brings its own time-outs, raises `ForbiddenAddressError` when the host leads to a forbidden
    address, and httpcore's errors otherwise.
    """
    backend = _GuardedBackend(allow_private=allow_private, lifetime=None)
    return httpcore.HTTPConnection(origin, ssl_context=tls, network_backend=backend)


def guarded_client(
    *,
    allow_private: bool = False,
    timeout: float | httpx.Timeout = TIMEOUT_S,
    lifetime: float | None = None,
    user_agent: str = USER_AGENT,
    tls: ssl.SSLContext | None = None,
) -> httpx.Client:
    """A client for URLs that others chose: guarded, without redirects, cookies, proxies or the environment.

    `timeout` bounds each step (connect, read, write); `lifetime` bounds all that this client does, in seconds from
    now: a client for one fetch cannot be held up by a server that sends a byte now and then.

    A request raises `ForbiddenAddressError` when its host leads to a forbidden address, `httpx.InvalidURL` and
    `httpx.HTTPError` otherwise.
    """
    transport = _GuardedTransport(
        allow_private=allow_private, lifetime=lifetime, tls=tls or httpx.create_ssl_context(trust_env=False)
    )
    return httpx.Client(
        transport=transport,
        timeout=timeout,
        headers={"User-Agent": user_agent},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )
