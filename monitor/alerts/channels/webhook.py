"""Webhooks after Standard Webhooks 1.0: signed with the subscription's secret, accepted by 2xx and nothing else.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from monitor.alerts.channels.answers import failure, objection
from monitor.alerts.channels.deadline import Deadline
from monitor.alerts.channels.kept import Kept
from monitor.alerts.config import key_of
from monitor.alerts.delivery import Delivery, Recipient
from monitor.errors import DeliveryError, ForbiddenAddressError
from monitor.guard import guarded_client

TIMEOUT_S = 15.0
_LONGEST_ANSWER = 65_536


class WebhookChannel:
    """Posts the payload to the subscription's URL, over a connection that is kept for a few seconds.

    Args:
        clock: the real time, UTC-aware: receivers refuse signatures of another time.
        timeout: seconds for one delivery from connecting to the answer's headers.
        tls: how certificates are checked; by default as httpx does.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        timeout: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._timeout = timeout
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        self._kept: Kept[_Line] = Kept(lambda line: line.close())

    def send(self, delivery: Delivery) -> None:
        """Post the delivery.

        Raises:
            DeliveryError: anything but a 2xx; final when the receiver says 410 or its address is forbidden.
        """
        body = json.dumps(
            delivery.message.payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
        now = self._clock()
        status, headers = self._post(delivery, body, self._headers(delivery, body, now))
        error = objection(status, headers, now)
        if error is not None:
            raise error

    def _headers(self, delivery: Delivery, body: bytes, now: datetime) -> dict[str, str]:
        timestamp = int(now.timestamp())
        return {
            "Content-Type": "application/json",
            "webhook-id": delivery.delivery_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(
                sign(secret, delivery.delivery_id, timestamp, body) for secret in delivery.recipient.secrets
            ),
        }

    def close(self) -> None:
        """Close the connections that are idle."""
        self._kept.close()

    def _post(self, delivery: Delivery, body: bytes, headers: dict[str, str]) -> tuple[int, httpx.Headers]:
        with Deadline(self._timeout) as deadline:
            try:
                return self._reach(delivery.recipient, _Request(body, headers, deadline))
            except ForbiddenAddressError as error:
                raise DeliveryError("forbidden_address", str(error), retry=False) from error
            except httpx.InvalidURL as error:
                raise DeliveryError("bad_url", str(error), retry=False) from error
            except httpx.HTTPError as error:
                raise DeliveryError(*failure(error, self._timeout, late=deadline.over), retry=True) from error

    def _reach(self, recipient: Recipient, request: "_Request") -> tuple[int, httpx.Headers]:
        """Post over a kept connection, or a new one where there is none or the receiver has just closed it.

        That the first try may have arrived is no matter: the receiver knows the repeat by its webhook-id.
        """
        url = httpx.URL(recipient.target)
        place = (url.scheme, url.host, url.port, recipient.allow_private)
        line = self._kept.take(place)
        if line is not None:
            try:
                return self._exchange(line, url, request, place)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if request.deadline.over:
                    raise
        client = guarded_client(allow_private=recipient.allow_private, timeout=self._timeout, tls=self._tls)
        return self._exchange(_Line(client), url, request, place)

    def _exchange(
        self, line: "_Line", url: httpx.URL, request: "_Request", place: Hashable
    ) -> tuple[int, httpx.Headers]:
        is_reusable = False
        try:
            with line.post(url, request) as response:
                is_reusable = line.is_free_after(response)
                return response.status_code, response.headers  # what else it says is of no interest
        finally:
            if is_reusable:
                self._kept.keep(place, line)
            else:
                line.close()


@dataclass(frozen=True, slots=True)
class _Request:
    body: bytes
    headers: dict[str, str]
    deadline: Deadline


class _Line:
    """A client with one connection at most, which has one user at a time: so a deadline knows what to cut off."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._connection: socket.socket | None = None
        self.close = client.close

    @contextmanager
    def post(self, url: httpx.URL, request: _Request) -> Iterator[httpx.Response]:
        """Post, and give the answer, of which only the headers have been read."""

        def watch(name: str, info: dict[str, Any]) -> None:
            if name == "connection.connect_tcp.complete":
                request.deadline.watch(info["return_value"].get_extra_info("socket"))

        if self._connection is not None and self._connection.fileno() >= 0:
            request.deadline.watch(self._connection)
        posted = self._client.stream(
            "POST", url, content=request.body, headers=request.headers, extensions={"trace": watch}
        )
        with posted as response:
            yield response

    def is_free_after(self, response: httpx.Response) -> bool:
        """Read the rest of a short answer; whether the connection can carry another delivery."""
        self._connection = response.extensions["network_stream"].get_extra_info("socket")
        read = 0
        try:
            for chunk in response.iter_raw():
                read += len(chunk)
                if read > _LONGEST_ANSWER:
                    return False
        except httpx.HTTPError:  # the headers have said all that counts
            return False
        return True


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: version and base64 of the HMAC-SHA256 of id, timestamp and body."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()
