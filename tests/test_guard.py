"""The guard: which addresses are refused, and that the refusal happens where the connection is made."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpcore
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import guard
from monitor.errors import ForbiddenAddressError
from monitor.guard import forbidden, guarded_client, resolve

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "2606:4700:4700::1111",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
]
PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "fc00::1",
    "fec0::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::1",
    "2001:0:7f00:1::1",
    "::127.0.0.1",
]
NEVER = [
    "169.254.169.254",
    "fe80::1",
    "fe80::1%1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "0.0.0.0",
    "::",
    "::ffff:0.0.0.0",
    "224.0.0.1",
    "239.1.2.3",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.0.192",
    "100.100.100.200",
    "::ffff:100.100.100.200",
    "fd00:ec2::254",
    "fd20:ce::254",
    "64:ff9b:1:7f00:0:100:808:808",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_permitted(address: str) -> None:
    assert forbidden(address) is None


@pytest.mark.parametrize("address", PRIVATE + NEVER)
def test_an_address_inside_the_operators_network_is_refused(address: str) -> None:
    assert forbidden(address) is not None


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "100.64.0.1", "::1", "fc00::1", "::ffff:127.0.0.1"]
)
def test_a_private_address_may_be_allowed(address: str) -> None:
    assert forbidden(address, allow_private=True) is None


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_refused_even_when_private_ones_are_allowed(address: str) -> None:
    assert forbidden(address, allow_private=True) is not None


@given(st.ip_addresses(v=4))
def test_every_wrapping_of_a_v4_address_gets_its_verdict(ip) -> None:
    number = int(ip)
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    verdict = forbidden(str(ip)) is None
    for wrapped in (f"::ffff:{high}:{low}", f"64:ff9b::{high}:{low}", f"2002:{high}:{low}::1"):
        assert (forbidden(wrapped) is None) == verdict


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.hits.append((self.client_address[0], self.headers["Host"], self.headers["User-Agent"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.send_header("Set-Cookie", "a=b")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), _Answer) as http:
        http.hits = []
        thread = threading.Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        yield http
        http.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0",
    ],
)
def test_no_way_of_writing_loopback_gets_through(server: HTTPServer, host: str) -> None:
    with (
        guarded_client() as client,
        pytest.raises(ForbiddenAddressError, match=r"Parley (connects only|never)"),
    ):
        client.get(f"http://{host}:{server.server_port}/")
    assert server.hits == []


def test_an_allowed_private_server_is_reached_with_its_own_name(server: HTTPServer) -> None:
    with guarded_client(allow_private=True) as client:
        answer = client.get(f"http://localhost:{server.server_port}/")
        assert answer.text == "ok"
        assert not client.cookies
    assert server.hits == [("127.0.0.1", f"localhost:{server.server_port}", guard.USER_AGENT)]


def test_a_name_with_one_forbidden_address_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*args: object, **kwargs: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("8.8.8.8", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", answers)
    with pytest.raises(ForbiddenAddressError, match=r"127\.0\.0\.1"):
        resolve("two-faced.example", 80)


def test_a_name_is_resolved_once_so_that_it_cannot_change_its_answer(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, *args: object, **kwargs: object) -> object:
        if host == "rebinding.example":
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.server_port))]
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with guarded_client(allow_private=True) as client:
        assert client.get(f"http://rebinding.example:{server.server_port}/").text == "ok"
    assert asked == ["rebinding.example"]


def test_the_environments_proxies_are_passed_over(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1/")
    with guarded_client(allow_private=True) as client:
        assert client.get(f"http://127.0.0.1:{server.server_port}/").text == "ok"


def test_allow_private_is_named_where_it_helps_and_nowhere_else() -> None:
    for address, helps in (("10.0.0.1", True), ("169.254.169.254", False)):
        with pytest.raises(ForbiddenAddressError) as raised:
            resolve(address, 80)
        assert ("allow_private" in str(raised.value)) is helps


def test_an_address_that_is_dead_leaves_time_for_the_next_one(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many a network has IPv6 that leads nowhere, and such a host's addresses of that kind come first."""
    real = httpcore.SyncBackend.connect_tcp

    def connect(self: httpcore.SyncBackend, host: str, port: int, timeout: float, *rest: object) -> object:
        if host.startswith("192.0.2."):
            time.sleep(timeout)
            raise httpcore.ConnectTimeout("nobody answers")
        return real(self, host, port, timeout, *rest)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    monkeypatch.setattr(guard, "resolve", lambda *_, **__: ["192.0.2.1", "192.0.2.2", "127.0.0.1"])
    with guarded_client(allow_private=True, timeout=1.0, lifetime=1.0) as client:
        assert client.get(f"http://many.example:{server.server_port}/").text == "ok"


def test_a_name_that_does_not_resolve_is_a_connect_error() -> None:
    with guarded_client() as client, pytest.raises(httpx.ConnectError, match="cannot resolve"):
        client.get("http://no-such-host.invalid/")


def test_other_schemes_are_refused() -> None:
    with guarded_client() as client, pytest.raises(httpx.UnsupportedProtocol):
        client.get("file:///etc/passwd")


def test_no_address_is_written_to_the_log(server: HTTPServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"), guarded_client(allow_private=True) as client:
        client.get(f"http://user:secret@127.0.0.1:{server.server_port}/hook?token=secret")
    assert "secret" not in caplog.text


def test_a_client_with_a_lifetime_does_nothing_after_it(server: HTTPServer) -> None:
    with guarded_client(allow_private=True, lifetime=0.0) as client, pytest.raises(httpx.ConnectTimeout):
        client.get(f"http://127.0.0.1:{server.server_port}/")


def test_a_name_that_takes_too_long_to_resolve_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(20) and [])
    with guarded_client(lifetime=0.2) as client, pytest.raises(httpx.ConnectTimeout, match="resolving"):
        client.get("http://slow.example/")
    released.set()
