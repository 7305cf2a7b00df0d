"""Webhooks after Standard Webhooks 1.0: signed with the subscription's secret, accepted by 2xx and nothing else.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any

import httpcore
import httpx

from monitor.alerts.channels.answers import failure, objection
from monitor.alerts.channels.deadline import Deadline
from monitor.alerts.channels.kept import Kept
from monitor.alerts.config import key_of
from monitor.alerts.delivery import Delivery, Recipient
from monitor.errors import DeliveryError, ForbiddenAddressError
from monitor.guard import USER_AGENT, guarded_connection

TIMEOUT_S = 15.0
_LONGEST_ANSWER = 65_536
_FAILURES = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


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
        now = self._clock()
        with Deadline(self._timeout) as deadline:
            try:
                response = self._reach(delivery.recipient, request_of(delivery, now), deadline)
            except ForbiddenAddressError as error:
                raise DeliveryError("forbidden_address", str(error), retry=False) from error
            except (httpx.InvalidURL, httpcore.UnsupportedProtocol) as error:
                raise DeliveryError("bad_url", str(error), retry=False) from error
            except _FAILURES as error:
                raise DeliveryError(*failure(error, self._timeout, late=deadline.over), retry=True) from error
        refusal = objection(response.status, httpx.Headers(response.headers), now)
        if refusal is not None:
            raise refusal

    def close(self) -> None:
        """Close the connections that are idle."""
        self._kept.close()

    def _reach(
        self, recipient: Recipient, request: httpcore.Request, deadline: Deadline
    ) -> httpcore.Response:
        """Post over a kept connection, or a new one where there is none or the receiver has just closed it.

        That the first try may have arrived is no matter: the receiver knows the repeat by its webhook-id.
        """
        origin = request.url.origin
        place = (str(origin), recipient.allow_private)
        line = self._kept.take(place)
        if line is not None:
            try:
                return self._exchange(line, request, deadline, place)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                if deadline.over:
                    raise
        connection = guarded_connection(origin, allow_private=recipient.allow_private, tls=self._tls)
        return self._exchange(_Line(connection, self._timeout), request, deadline, place)

    def _exchange(
        self, line: "_Line", request: httpcore.Request, deadline: Deadline, place: Hashable
    ) -> httpcore.Response:
        is_reusable = False
        try:
            response = line.post(request, deadline)
            is_reusable = line.is_free_after(response)
            return response
        finally:
            if is_reusable:
                self._kept.keep(place, line)
            else:
                line.close()


class _Line:
    """A connection, which has one user at a time: so a deadline knows what to cut off."""

    def __init__(self, connection: httpcore.HTTPConnection, timeout: float) -> None:
        self._connection = connection
        self._socket: socket.socket | None = None
        self._timeouts = dict.fromkeys(("connect", "read", "write"), timeout)
        self.close = connection.close

    def post(self, request: httpcore.Request, deadline: Deadline) -> httpcore.Response:
        """Post, and give the answer, of which only the headers have been read."""

        def watch(name: str, info: dict[str, Any]) -> None:
            if name == "connection.connect_tcp.complete":
                self._socket = info["return_value"].get_extra_info("socket")
                deadline.watch(self._socket)

        if self._socket is not None:
            deadline.watch(self._socket)
        request.extensions = {"timeout": self._timeouts} | ({} if self._socket else {"trace": watch})
        return self._connection.handle_request(request)

    def is_free_after(self, response: httpcore.Response) -> bool:
        """Read the rest of a short answer; whether the connection can carry another delivery."""
        read = 0
        try:
            for chunk in response.iter_stream():
                read += len(chunk)
                if read > _LONGEST_ANSWER:
                    return False
            response.close()
        except _FAILURES:  # the headers have said all that counts
            return False
        self._socket = response.extensions["network_stream"].get_extra_info("socket")
        return self._connection.is_idle()


def request_of(delivery: Delivery, now: datetime) -> httpcore.Request:
    """The signed POST; it is made by hand, for it costs httpx as much as all the rest.

    Raises:
        httpx.InvalidURL, httpcore.UnsupportedProtocol: the address is none of the web's.
    """
    body = json.dumps(
        delivery.message.payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    url = httpx.URL(delivery.recipient.target)
    if url.scheme not in {"http", "https"} or not url.host:
        raise httpcore.UnsupportedProtocol("the address of a webhook begins with https:// or http://")
    timestamp = int(now.timestamp())
    headers: dict[bytes | str, bytes | str] = {
        "Host": url.netloc,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "webhook-id": delivery.delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            sign(secret, delivery.delivery_id, timestamp, body) for secret in delivery.recipient.secrets
        ),
    }
    where = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    return httpcore.Request("POST", where, headers=headers, content=body)


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`: version and base64 of the HMAC-SHA256 of id, timestamp and body."""
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()
