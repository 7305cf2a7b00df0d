"""Chat and push through Apprise, against servers that play Slack and ntfy: what arrives, what each refusal means."""

import json
import logging
import logging.config
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote_plus

import pytest
import requests
from apprise.manager_plugins import NotificationManager
from pydantic import ValidationError

from monitor.alerts.channels.chat import ChatChannel, harmless
from monitor.alerts.channels.door import through
from monitor.alerts.channels.service import service_of, tell
from monitor.alerts.channels.webhook import WebhookChannel
from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.dispatch import Dispatcher
from monitor.alerts.services import OWN_ADDRESSES, SERVICES, flaw_of
from monitor.errors import BadInputError, DeliveryError
from monitor.readmodel.store import Store
from tests.processes import free_port

TOKEN = "tk_a1b2c3d4e5f6"  # the form of an ntfy token


def chat(name, url, **more):
    return SubscriptionConfig.model_validate(
        {"id": name, "kind": "chat", "url": url, "allow_private": True, **more}
    )


@pytest.fixture
def store(data_dir):
    """In files alone: what goes out does not depend on where the queue lies."""
    return Store(data_dir)


@pytest.fixture
def ntfy(receiver):
    """The address of a topic on an ntfy server of one's own."""
    receiver.answers["/"] = (200, {"Content-Type": "application/json"})
    return receiver.url.replace("http://", f"ntfy://{TOKEN}@") + "/alerts?auth=token"


@pytest.fixture
def channel(clock):
    return ChatChannel(clock, timeout=5)


def refusal(channel, delivery):
    with pytest.raises(DeliveryError) as caught:
        channel.send(delivery)
    return caught.value


def test_ntfy_gets_the_short_form(receiver, ntfy, channel, delivery_of):
    delivery = delivery_of(chat("phone", ntfy))
    channel.send(delivery)
    [request] = receiver.requests
    assert request.json["topic"] == "alerts"
    assert request.json["message"].strip() == delivery.message.brief.strip()
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"


SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"


@pytest.fixture
def slack(receiver, monkeypatch):
    """Apprise's Slack, with its server played by the receiver."""
    plugin = NotificationManager()["slack"]
    monkeypatch.setattr(plugin, "webhook_url", receiver.url + "/services")
    path = "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    receiver.answers[path] = (200, {})
    receiver.path = path
    return SLACK


def test_slack_gets_text_that_pings_nobody_and_hides_no_link(story, receiver, slack, channel, delivery_of):
    evidence = story.alert().event.data["evidence"]
    hostile = (
        "<!channel> @everyone <@U123> [free](https://evil.example/) <https://evil.example/|free> & *so* :on:"
    )
    told = story.alert(evidence=({**evidence[0], "text": hostile},))
    delivery = delivery_of(chat("team", slack), told)
    answer(receiver, b"ok")
    channel.send(delivery)
    [request] = receiver.requests
    text = json.dumps(request.json, ensure_ascii=False)
    assert "evil.example" in text
    for mention in ("<!channel", "@everyone", "<@U123", "](https://evil", "<https://evil", "|free>"):
        assert mention not in text


def answer(receiver, body, status="200 OK"):
    """Let Slack answer with a body."""

    def say(connection):
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    receiver.odd[receiver.path] = say


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("@everyone and <!here>", "@\u200beveryone and <\u200b!here>"),
        ("[a](b)", "[a]\u200b(b)"),
        ("see https://a.example/@channel?x=1 @here", "see https://a.example/%40channel?x=1 @\u200bhere"),
        ("https://a.example/x|free>", "https://a.example/x%7Cfree%3E"),
        ("talks at 5 < 6", "talks at 5 <\u200b 6"),
    ],
)
def test_nothing_is_left_that_a_service_takes_for_markup(words, made):
    assert harmless(words) == made


@pytest.mark.parametrize(
    ("status", "reason", "retry"),
    [
        (400, "refused", True),
        (401, "auth", True),
        (403, "auth", True),
        (404, "refused", True),
        (410, "gone", False),
        (302, "redirect", True),
        (500, "server", True),
    ],
)
def test_the_services_status_says_whether_to_try_again(
    receiver, ntfy, channel, delivery_of, status, reason, retry
):
    receiver.answers["/"] = (status, {"Location": receiver.url + "/other"})
    error = refusal(channel, delivery_of(chat("phone", ntfy)))
    assert (error.reason, error.retry) == (reason, retry)
    assert [request.path for request in receiver.requests] == [
        "/"
    ]  # neither redirected nor tried again by Apprise


def test_a_service_may_say_when_to_come_back(receiver, ntfy, channel, delivery_of):
    receiver.answers["/"] = (429, {"Retry-After": "120"})
    error = refusal(channel, delivery_of(chat("phone", ntfy)))
    assert (error.reason, error.retry, error.retry_after) == ("rate_limited", True, 120.0)


def test_what_the_address_asks_for_beside_the_receiver_changes_nothing(receiver, ntfy, channel, delivery_of):
    receiver.answers["/"] = (302, {"Location": receiver.url + "/other"})
    url = ntfy + "&retry=5&wait=0.1&optional=yes&redirect=yes&overflow=split"
    error = refusal(channel, delivery_of(chat("phone", url)))
    assert (error.reason, error.retry) == ("redirect", True)
    assert len(receiver.requests) == 1


def drip(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    try:
        for _ in range(200):
            connection.sendall(b"X")
            time.sleep(0.05)
    except OSError:
        pass


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize(
    "misbehave", [lambda connection: connection.recv(1), drip, reset], ids=["hang", "drip", "reset"]
)
def test_a_service_that_falls_silent_may_have_the_message(receiver, ntfy, delivery_of, clock, misbehave):
    receiver.odd["/"] = misbehave
    started = time.monotonic()
    error = refusal(ChatChannel(clock, timeout=0.5), delivery_of(chat("phone", ntfy)))
    assert (error.reason, error.retry) == ("unknown", True)
    assert time.monotonic() - started < 3


def test_nobody_listening_is_a_passing_failure(channel, delivery_of):
    url = f"ntfy://127.0.0.1:{free_port()}/alerts"
    error = refusal(channel, delivery_of(chat("phone", url)))
    assert (error.reason, error.retry) == ("unreachable", True)


def test_a_service_without_an_address_is_a_passing_failure(channel, delivery_of):
    error = refusal(channel, delivery_of(chat("phone", "ntfys://ntfy.invalid/alerts")))
    assert (error.reason, error.retry) == ("unreachable", True)


@pytest.mark.parametrize("options", ["", "&verify=no"])
def test_a_service_without_a_valid_certificate_is_not_spoken_to(
    receiver, ntfy, channel, delivery_of, tls_server, options
):
    receiver.server.socket = tls_server.wrap_socket(receiver.server.socket, server_side=True)
    error = refusal(channel, delivery_of(chat("phone", ntfy.replace("ntfy:", "ntfys:") + options)))
    assert (error.reason, error.retry) == ("tls", True)
    assert receiver.requests == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254"])
@pytest.mark.parametrize("scheme", ["ntfy", "json", "matrix", "mmost", "gotify"])
def test_a_service_of_ones_own_is_not_in_the_operators_network_unless_allowed(
    receiver, channel, delivery_of, scheme, host
):
    port = receiver.server.server_port
    rest = {
        "ntfy": "/alerts",
        "json": "/",
        "matrix": "/!abc:example.org",
        "mmost": "/3ccdd113474722377935511fc85d3dd4",
        "gotify": "/Aabcdefghijklmn",
    }[scheme]
    user = "user:pass@" if scheme == "matrix" else ""
    config = chat("phone", f"{scheme}://{user}{host}:{port}{rest}", allow_private=False)
    error = refusal(channel, delivery_of(config))
    assert (error.reason, error.retry) == ("forbidden_address", False)
    assert receiver.requests == []


def test_proxies_of_the_environment_are_not_asked(receiver, ntfy, channel, delivery_of, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    channel.send(delivery_of(chat("phone", ntfy)))
    assert len(receiver.requests) == 1


def test_a_call_that_hangs_sends_nothing_any_more_and_only_so_many_may_hang(
    receiver, ntfy, clock, delivery_of, monkeypatch
):
    woken, over = threading.Event(), threading.Event()
    plugin = NotificationManager()["ntfy"]
    send = plugin.send

    def sleepy(self, *args, **kwargs):
        woken.wait(20)
        try:
            return send(self, *args, **kwargs)
        finally:
            over.set()

    monkeypatch.setattr(plugin, "send", sleepy)
    channel = ChatChannel(clock, timeout=0.2, most_calls=1)
    delivery = delivery_of(chat("phone", ntfy))
    assert refusal(channel, delivery).reason == "timeout"
    assert refusal(channel, delivery).reason == "busy"
    woken.set()
    assert over.wait(5)
    assert receiver.requests == []
    time.sleep(0.2)  # until the thread has ended
    channel.send(delivery)
    assert len(receiver.requests) == 1


def test_nothing_of_the_address_is_logged_or_told(receiver, ntfy, channel, delivery_of, caplog):
    receiver.answers["/"] = (500, {})
    logging.config.dictConfig(
        {"version": 1, "disable_existing_loggers": False}
    )  # as servers do at their start
    with caplog.at_level(logging.DEBUG):
        error = refusal(channel, delivery_of(chat("phone", ntfy)))
    for told in (str(error), caplog.text):
        assert TOKEN not in told
        assert str(receiver.server.server_port) not in told


@pytest.mark.parametrize(
    "url",
    [
        "dbus://",
        "syslog://",
        "macosx://",
        "gnome://",
        "windows://",
        "mailto://user:pass@example.org",
        "mqtt://127.0.0.1/topic",
        "irc://127.0.0.1/x",
        "https://desk.example/hook",
        "carrier-pigeon://x/y",
        "slack",
        "slack://a b",
        "",
        "discord://1/2?template=/etc/passwd",
        "discord://1/2?Template=",
    ],
)
def test_what_runs_programs_reads_files_or_is_no_chat_is_refused_in_the_settings(url):
    assert flaw_of(url)
    with pytest.raises(ValidationError) as caught:
        chat("phone", url)
    assert "passwd" not in str(caught.value.errors()[0]["msg"])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("slack://nothing", "not complete"),
        ("ntfys://ntfy.sh/one/two", "several receivers"),
        ("https://discord.com/nothing", "not complete"),
        ("dbus://", "no chat service 'dbus'"),
    ],
)
def test_an_address_that_cannot_work_is_final_and_says_why(channel, delivery_of, story, url, why):
    delivery = delivery_of(story.webhook("desk"))
    odd = replace(delivery.recipient, kind="chat", target=url)
    error = refusal(channel, replace(delivery, recipient=odd))
    assert (error.reason, error.retry) == ("bad_url", False)
    assert why in str(error)


def test_every_service_that_parley_knows_is_one_of_apprise_that_speaks_http_only():
    manager = NotificationManager()
    for scheme in sorted(SERVICES):
        names = set(vars(sys.modules[manager[scheme].__module__]))
        assert "requests" in names, scheme
        assert not names & {"socket", "subprocess", "smtplib", "asyncio", "ssl", "mqtt", "websocket"}, scheme


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "https://discordapp.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "https://chat.googleapis.com/v1/spaces/myworkspace/messages?key=mykey&token=mytoken",
        "https://webexapis.com/v1/webhooks/incoming/" + "a" * 80,
    ],
)
def test_the_services_own_addresses_are_understood(url):
    assert service_of(url) is not None
    assert url.split("/")[2] in OWN_ADDRESSES


def test_an_unknown_service_is_named_but_not_its_address():
    with pytest.raises(BadInputError) as caught:
        service_of("nosuch://secret-token")
    assert "nosuch" in str(caught.value)
    assert "secret-token" not in str(caught.value)


@pytest.mark.parametrize("kind", ["chat", "webhook"])
def test_an_hour_of_errors_only_delays_the_message(receiver, ntfy, channel, story, engine, clock, kind):
    story.subscribe(chat("phone", ntfy) if kind == "chat" else story.webhook("desk", receiver.url + "/"))
    story.tell(story.alert())
    channels = {"chat": channel, "webhook": WebhookChannel(clock)}
    events = []
    dispatcher = Dispatcher(engine, channels, clock, story.open, events.append, jitter=lambda: 1.0)
    start = clock()
    while clock() < start + timedelta(hours=4):
        is_down = clock() < start + timedelta(hours=1)
        receiver.answers["/"] = (500 if is_down else 200, {})
        dispatcher.tick()
        assert dispatcher.drain(10)
        dispatcher.tick()
        clock.turn(timedelta(minutes=5))
    dispatcher.close()
    outcomes = [event.type for event in events]
    assert outcomes == ["delivery.failed"] * 4 + ["delivery.succeeded"]
    assert len(receiver.requests) == 5


CONTENT = {
    "ok": True,
    "errcode": 0,
    "room_id": "!a:m.example",
    "access_token": "a",
    "user_id": "@u:m.example",
}
"""What makes every service content."""


class Listener:
    """A door behind which every service is content."""

    def __init__(self):
        self.told = ""

    def send(self, request):
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        is_json = body.startswith("{")
        self.told += json.dumps(json.loads(body), ensure_ascii=False) if is_json else unquote_plus(body)
        response = requests.Response()
        response.status_code = 200
        response._content = json.dumps(CONTENT).encode()
        response.request = request
        return response


@pytest.mark.parametrize(
    "url",
    [
        SLACK,
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?format=markdown",
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        "ntfys://ntfy.sh/topic",
        "matrixs://user:pass@m.example/!abc:m.example",
        "mmosts://m.example/3ccdd113474722377935511fc85d3dd4",
        "gotifys://g.example/Aabcdefghijklmn",
        f"pover://{'u' * 30}@{'t' * 30}",
        "gchat://space/key/token",
        f"zulip://bot@org/{'a' * 32}/stream",
        f"webex://{'a' * 80}",
        "signals://s.example/+15551234567/+15557654321",
        "wecombot://abcdefgh-1234-1234-1234-abcdefghijkl",
    ],
)
def test_no_service_is_handed_a_mention_or_a_tag(url):
    listener = Listener()
    hostile = (
        "<!channel> @everyone @here <b>bold</b> [a](https://e.example/) <https://e.example|free> **@all**"
    )
    with through(listener):
        tell(service_of(url), harmless(hostile))
    assert "example" in listener.told.replace("m.example", "")
    for sign in ("<!channel", "@everyone", "@here", "@all", "<b>", "](https", "<https", "|free"):
        assert sign not in listener.told


def test_settings_without_a_chat_do_not_load_apprise():
    check = "import sys, monitor.cli, monitor.service.notify; print('apprise' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"
