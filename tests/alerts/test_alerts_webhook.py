"""Webhooks against a real receiver: what is sent, what counts as accepted, and what each refusal means."""

import base64
import hashlib
import hmac
import json
import logging
import socket
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from monitor.alerts.channels.webhook import WebhookChannel, sign
from monitor.errors import DeliveryError

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
def channel(clock):
    return WebhookChannel(clock, timeout=5)


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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
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
