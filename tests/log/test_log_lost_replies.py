"""A server over TCP, and a line that loses what it answered: the event is there once, and append says where."""

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from monitor.errors import LogUnavailableError
from monitor.log.connect import connect
from monitor.log.events import Event
from monitor.log.stream import EventLog
from monitor.log.verify import verify

Make = Callable[..., Event]
_CHUNK = 65536


class Line:
    """A proxy on loopback before the server's unix socket; of the answers to `EVALSHA` it loses the first few."""

    def __init__(self, path: str, lost: int) -> None:
        self.lost = lost
        self.lose = lost
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """One connection: whatever comes from one end goes to the other."""
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._path)
            is_append = False
            while True:
                for end in select.select([client, server], [], [])[0]:
                    words = end.recv(_CHUNK)
                    if not words:
                        return
                    if end is client:
                        is_append = is_append or b"EVALSHA" in words
                        server.sendall(words)
                        continue
                    if is_append and self.lose and not words.startswith(b"-NOSCRIPT"):
                        self.lose -= 1
                        return  # the server has done it; nobody is told
                    is_append = False
                    client.sendall(words)


@contextmanager
def line(url: str, lost: int) -> Iterator[Line]:
    """A line to the server at a unix socket's URL."""
    made = Line(urlsplit(url).path, lost)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_an_append_whose_answer_is_lost_is_done_once_and_answered(
    real_url: str, fact: Make, lost: int
) -> None:
    with line(real_url, lost) as lossy, connect(lossy.url) as client:
        log = EventLog(client)
        first = log.append("pti", [fact(1)])
        second = log.append("pti", [fact(2), fact(3)])
        assert lossy.lose == 0, "it was lost, or this test shows nothing"
    with connect(real_url) as direct:
        log = EventLog(direct)
        found = [one.position for one in log.read_all("pti")]
        assert found == [*first.positions, *second.positions]
        assert not verify(log)


def test_a_decision_whose_answer_is_lost_is_no_conflict_with_itself(real_url: str, decision: Make) -> None:
    with line(real_url, 1) as lossy, connect(lossy.url) as client:
        log = EventLog(client)
        log.append("pti", [decision(1)], expected_decisions=0)
        log.append("pti", [decision(2)], expected_decisions=1)
        assert log.decisions("pti") == 2


def test_when_no_answer_ever_comes_it_says_so_and_the_next_writer_finds_it_done(
    real_url: str, fact: Make
) -> None:
    with line(real_url, 99) as lossy, connect(lossy.url, retries=1) as client:
        log = EventLog(client)
        with pytest.raises(LogUnavailableError):
            log.append("pti", [fact(1)])
    with connect(real_url) as direct:
        log = EventLog(direct)
        again = log.append("pti", [fact(1)])
        assert [one.position for one in log.read_all("pti")] == list(again.positions)
