"""Webhooks against a real receiver: what is sent, what counts as accepted, and what each refusal means."""

import base64
import contextlib
import hashlib
import hmac
import json
import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from monitor.alerts.channels.webhook import WebhookChannel, sign
from monitor.errors import DeliveryError
from monitor.readmodel.store import Store
from tests.processes import free_port

EXAMPLE = Path(__file__).parents[2] / "deploy" / "examples" / "webhook_receiver.py"
SCHEMA = Path(__file__).parents[2] / "monitor" / "alerts" / "webhook.schema.json"


def verified(request, secret):
    """The body, when the signature is right: written after the standard, not after our code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    headers = {name.lower(): value for name, value in request.headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert f"v1,{expected}" in headers["webhook-signature"].split(" ")
    return json.loads(request.body)


@pytest.fixture
def store(data_dir):
    """In files alone: what goes out does not depend on where the queue lies."""
    return Store(data_dir)


@pytest.fixture
def channel(clock):
    channel = WebhookChannel(clock, timeout=5)
    yield channel
    channel.close()


@pytest.fixture
def live_channel():
    """A channel at the real time, as receivers want it."""
    channel = WebhookChannel(lambda: datetime.now(UTC), timeout=5)
    yield channel
    channel.close()


def refusal(channel, delivery):
    with pytest.raises(DeliveryError) as caught:
        channel.send(delivery)
    return caught.value


def test_the_receiver_can_verify_what_it_gets(story, receiver, channel, delivery_of, clock):
    delivery = delivery_of(story.webhook("desk", receiver.url + "/hook"))
    channel.send(delivery)
    [request] = receiver.requests
    body = verified(request, story.secret)
    assert (body["type"], body["data"]["name"]) == ("alert.raised", "talks rejected")
    assert request.headers["webhook-id"] == delivery.delivery_id
    assert request.headers["webhook-timestamp"] == str(int(clock().timestamp()))
    assert request.headers["Content-Type"] == "application/json"


def test_the_signature_is_the_one_of_the_standards_example():
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests/test_webhooks.py
    secret, id_ = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signature = sign(secret, id_, 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("make", ["alert", "update", "cancel"])
def test_the_body_is_what_its_schema_says(story, receiver, channel, delivery_of, make):
    recorded = getattr(story, make)()
    payload = story.render(recorded.event).payload
    jsonschema.validate(payload, json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize(
    ("status", "reason", "retry"),
    [
        (301, "redirect", True),
        (304, "redirect", True),
        (400, "refused", True),
        (401, "auth", True),
        (403, "auth", True),
        (404, "refused", True),
        (410, "gone", False),
        (429, "rate_limited", True),
        (500, "server", True),
        (503, "server", True),
    ],
)
def test_only_2xx_is_accepted(story, receiver, channel, delivery_of, status, reason, retry):
    receiver.answers["/hook"] = (status, {"Location": receiver.url + "/other"})
    error = refusal(channel, delivery_of(story.webhook("desk", receiver.url + "/hook")))
    assert (error.reason, error.retry) == (reason, retry)
    assert [request.path for request in receiver.requests] == ["/hook"]  # a redirect is not followed


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_accepted(story, receiver, channel, delivery_of, status):
    receiver.answers["/hook"] = (status, {})
    channel.send(delivery_of(story.webhook("desk", receiver.url + "/hook")))
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_the_receiver_may_say_when_to_come_back(story, receiver, channel, delivery_of, value, seconds):
    receiver.answers["/hook"] = (429, {"Retry-After": value})
    error = refusal(channel, delivery_of(story.webhook("desk", receiver.url + "/hook")))
    assert error.retry_after == seconds


def test_a_receiver_in_the_operators_network_is_refused_unless_allowed(story, receiver, channel, delivery_of):
    error = refusal(channel, delivery_of(story.webhook("desk", receiver.url, allow_private=False)))
    assert (error.reason, error.retry) == ("forbidden_address", False)
    assert receiver.requests == []


def drip(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    try:
        for _ in range(200):
            connection.sendall(b"X")
            time.sleep(0.05)
    except OSError:
        pass


def hang(connection):
    connection.recv(1)  # until the other side gives up


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sendall(b"HTTP/1.1 200")
    connection.close()


def nonsense(connection):
    connection.sendall(b"220 this is a mail server\r\n")


@pytest.mark.parametrize(
    ("misbehave", "reason"),
    [(hang, "timeout"), (drip, "timeout"), (reset, "unreachable"), (nonsense, "unreachable")],
)
def test_a_receiver_that_misbehaves_is_tried_again_and_never_kept_waiting_for(
    story, receiver, delivery_of, clock, misbehave, reason
):
    receiver.odd["/hook"] = misbehave
    channel = WebhookChannel(clock, timeout=0.5)
    started = time.monotonic()
    error = refusal(channel, delivery_of(story.webhook("desk", receiver.url + "/hook")))
    assert (error.reason, error.retry) == (reason, True)
    assert time.monotonic() - started < 5


def test_nobody_listening_is_a_passing_failure(story, channel, delivery_of):
    url = f"http://127.0.0.1:{free_port()}/"
    error = refusal(channel, delivery_of(story.webhook("desk", url)))
    assert (error.reason, error.retry) == ("unreachable", True)


def test_a_receiver_without_a_valid_certificate_is_not_spoken_to(
    story, channel, delivery_of, receiver, tls_server
):
    receiver.server.socket = tls_server.wrap_socket(receiver.server.socket, server_side=True)
    error = refusal(channel, delivery_of(story.webhook("desk", receiver.url.replace("http:", "https:"))))
    assert (error.reason, error.retry) == ("tls", True)
    assert receiver.requests == []


def test_a_receiver_with_a_valid_certificate_is(story, delivery_of, receiver, clock, tls_server, tls_client):
    receiver.server.socket = tls_server.wrap_socket(receiver.server.socket, server_side=True)
    channel = WebhookChannel(clock, timeout=5, tls=tls_client)
    channel.send(delivery_of(story.webhook("desk", receiver.url.replace("http:", "https:"))))
    assert len(receiver.requests) == 1


def test_the_url_is_not_written_to_the_logs(story, receiver, channel, delivery_of, caplog):
    with caplog.at_level(logging.DEBUG):
        channel.send(delivery_of(story.webhook("desk", receiver.url + "/token123")))
    assert "token123" not in caplog.text


def test_repeats_carry_the_same_id_and_body_and_the_time_of_their_own(
    story, receiver, channel, delivery_of, clock
):
    delivery = delivery_of(story.webhook("desk", receiver.url))
    channel.send(delivery)
    clock.turn(timedelta(hours=5))
    channel.send(delivery)
    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert verified(second, story.secret) == verified(first, story.secret)


def test_the_clock_of_the_signature_is_the_one_given(story, receiver, delivery_of):
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    WebhookChannel(lambda: moment, timeout=5).send(delivery_of(story.webhook("desk", receiver.url)))
    assert receiver.requests[0].headers["webhook-timestamp"] == str(int(moment.timestamp()))


def test_the_standards_own_library_verifies_what_arrives(story, receiver, live_channel, delivery_of):
    live_channel.send(delivery_of(story.webhook("desk", receiver.url + "/hook")))
    [request] = receiver.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert Webhook(story.secret).verify(request.body, headers)["type"] == "alert.raised"
    with pytest.raises(WebhookVerificationError):
        Webhook(story.secret).verify(request.body + b" ", headers)


def test_while_a_secret_is_rotated_receivers_with_either_can_verify(
    story, receiver, live_channel, delivery_of
):
    new = "whsec_" + base64.b64encode(b"n" * 32).decode()
    delivery = delivery_of(story.webhook("desk", receiver.url + "/hook"))
    both = replace(delivery.recipient, secrets=(new, story.secret))
    live_channel.send(replace(delivery, recipient=both))
    [request] = receiver.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    for secret in (new, story.secret):
        assert Webhook(secret).verify(request.body, headers)["type"] == "alert.raised"


@pytest.fixture
def example_receiver(story):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, EXAMPLE, str(port)],
        env={**os.environ, "PARLEY_SECRET": story.secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/hook", process
        process.terminate()


def test_the_example_of_a_receiver_verifies_and_passes_over_repeats(
    story, example_receiver, live_channel, delivery_of
):
    url, process = example_receiver
    delivery = delivery_of(story.webhook("desk", url))
    live_channel.send(delivery)
    live_channel.send(delivery)
    stranger = "whsec_" + base64.b64encode(b"x" * 32).decode()
    forged = replace(delivery, recipient=replace(delivery.recipient, secrets=(stranger,)))
    error = refusal(live_channel, forged)
    assert (error.reason, error.retry) == ("auth", True)
    process.terminate()
    [line] = process.stdout.read().splitlines()
    assert line.startswith("alert.raised PTI and the government: talks rejected")


class Keeping:
    """A receiver that keeps connections open, and does as told at the n-th request of a connection."""

    def __init__(self):
        self.requests, self.connections, self.at = [], 0, {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/hook"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._listener.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as lines:
            count = 0
            while lines.readline():
                length = 0
                while (line := lines.readline().strip()) != b"":
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                self.requests.append(lines.read(length))
                count += 1
                act = self.at.get(count)
                if act is not None and self.connections == 1:
                    act(connection)
                    return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture
def keeping():
    receiver = Keeping()
    yield receiver
    receiver.close()


def test_deliveries_in_a_row_share_a_connection(story, keeping, channel, delivery_of):
    delivery = delivery_of(story.webhook("desk", keeping.url))
    for _ in range(3):
        channel.send(delivery)
    assert (len(keeping.requests), keeping.connections) == (3, 1)


@pytest.mark.parametrize("fate", [lambda connection: None, reset], ids=["closed", "reset in the middle"])
def test_a_kept_connection_that_broke_costs_no_attempt(story, keeping, channel, delivery_of, fate):
    keeping.at = {2: fate}
    delivery = delivery_of(story.webhook("desk", keeping.url))
    channel.send(delivery)
    channel.send(delivery)
    assert keeping.connections == 2
    assert len(set(keeping.requests)) == 1


@pytest.mark.parametrize("misbehave", [hang, drip])
def test_a_kept_connection_that_hangs_is_cut_off_in_time(story, keeping, delivery_of, clock, misbehave):
    keeping.at = {2: misbehave}
    channel = WebhookChannel(clock, timeout=0.5)
    delivery = delivery_of(story.webhook("desk", keeping.url))
    channel.send(delivery)
    started = time.monotonic()
    error = refusal(channel, delivery)
    assert (error.reason, error.retry) == ("timeout", True)
    assert time.monotonic() - started < 3
    assert keeping.connections == 1


def test_a_connection_is_not_kept_for_a_subscription_that_may_go_elsewhere_only(
    story, keeping, channel, delivery_of
):
    delivery = delivery_of(story.webhook("desk", keeping.url))
    channel.send(delivery)
    public_only = replace(delivery.recipient, allow_private=False)
    error = refusal(channel, replace(delivery, recipient=public_only))
    assert (error.reason, error.retry) == ("forbidden_address", False)
    assert len(keeping.requests) == 1


def test_an_endless_answer_is_not_read_to_its_end(story, receiver, channel, delivery_of):
    def endless(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")

    receiver.odd["/hook"] = endless
    started = time.monotonic()
    channel.send(delivery_of(story.webhook("desk", receiver.url + "/hook")))
    assert time.monotonic() - started < 4


def test_the_whole_address_is_asked_for(story, receiver, channel, delivery_of):
    channel.send(delivery_of(story.webhook("desk", receiver.url + "/hook?room=1&day=%C3%A4")))
    [request] = receiver.requests
    assert request.path == "/hook?room=1&day=%C3%A4"
    assert request.headers["Host"] == receiver.url.removeprefix("http://")
    assert request.headers["User-Agent"].startswith("Parley/")


@pytest.mark.parametrize("target", ["ftp://desk.example/hook", "http://", "http://[::1/hook", "hook"])
def test_what_is_no_address_of_the_web_is_never_tried_again(story, channel, delivery_of, target):
    delivery = delivery_of(story.webhook("desk"))
    odd = replace(delivery, recipient=replace(delivery.recipient, target=target))
    error = refusal(channel, odd)
    assert (error.reason, error.retry) == ("bad_url", False)


def test_a_receiver_that_ends_each_connection_gets_the_next_delivery_on_a_new_one(
    story, receiver, channel, delivery_of
):
    receiver.answers["/hook"] = (200, {"Connection": "close"})
    delivery = delivery_of(story.webhook("desk", receiver.url + "/hook"))
    for _ in range(3):
        channel.send(delivery)
    assert len(receiver.requests) == 3


def test_a_receiver_without_an_address_is_a_passing_failure(story, channel, delivery_of):
    error = refusal(channel, delivery_of(story.webhook("desk", "https://desk.invalid/hook")))
    assert (error.reason, error.retry) == ("unreachable", True)
