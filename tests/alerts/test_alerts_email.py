"""Email against a real SMTP server: what arrives, and what each refusal means."""

import asyncio
import contextlib
import email
import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from monitor.alerts.channels import mail as mails
from monitor.alerts.channels.email import EmailChannel
from monitor.alerts.channels.kept import Kept
from monitor.alerts.channels.mail import MailServer
from monitor.errors import DeliveryError
from monitor.readmodel.store import Store
from tests.processes import free_port


class Mailbox:
    """Takes mail, or answers what it was told to answer."""

    def __init__(self):
        self.mails = []
        self.rcpt = self.data = ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the name that aiosmtpd calls
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name that aiosmtpd calls
        if self.data == "hang":
            await asyncio.sleep(6)
        elif self.data:
            return self.data
        self.mails.append((session, envelope))
        return "250 OK"


class AnyPort(Controller):
    """aiosmtpd's controller on a port that the system chooses."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def store(data_dir):
    """In files alone: what goes out does not depend on where the queue lies."""
    return Store(data_dir)


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def serve(mailbox):
    controllers = []

    def start(**options):
        controller = AnyPort(mailbox, hostname="127.0.0.1", port=0, **options)
        controller.start()
        controllers.append(controller)
        return MailServer(
            host="localhost", port=controller.port, sender="parley@parley.example", security="none"
        )

    yield start
    for controller in controllers:
        controller.stop()


@pytest.fixture
def email_to(serve, clock):
    """A channel to a mail server; what it keeps is closed before the server is."""
    channels = []

    def make(server, **options):
        channels.append(EmailChannel(server, clock, **options))
        return channels[-1]

    yield make
    for channel in channels:
        channel.close()


@pytest.fixture
def delivery(story, delivery_of):
    return delivery_of(story.email("anna"))


def compose(delivery, server, now):
    return email.message_from_bytes(mails.compose(delivery, server, now), policy=default)


def refusal(channel, delivery):
    with pytest.raises(DeliveryError) as caught:
        channel.send(delivery)
    return caught.value


def arrived(mailbox):
    [(_, envelope)] = mailbox.mails
    return email.message_from_bytes(envelope.content, policy=default)


def test_a_mail_arrives_with_a_text_and_an_html_part(mailbox, serve, delivery, email_to):
    email_to(serve()).send(delivery)
    mail = arrived(mailbox)
    assert mailbox.mails[0][1].rcpt_tos == ["anna@example.org"]
    assert mail["Subject"] == "[Parley] PTI and the government: talks rejected (reported)"
    assert mail["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<pti.alerts.parley.example>"
    for part in ("plain", "html"):
        content = mail.get_body((part,)).get_content()
        assert "Khan has rejected any dialogue with the government." in content
        assert "https://www.wionews.com/report" in content


def test_a_repeat_has_the_same_message_id(delivery, clock):
    server = MailServer(host="localhost", sender="Parley <parley@parley.example>")
    first = compose(delivery, server, clock())
    second = compose(replace(delivery, attempt=2), server, clock() + timedelta(hours=2))
    assert first["Message-ID"] == second["Message-ID"] == f"<{delivery.delivery_id}@parley.example>"


def test_a_correction_answers_the_alert_in_the_topics_thread(story, delivery, clock):
    server = MailServer(host="localhost", sender="parley@parley.example")
    alert = compose(delivery, server, clock())
    correction = replace(delivery, kind="cancel", delivery_id="0" * 32)
    cancelled = compose(correction, server, clock())
    assert alert["References"] == alert["In-Reply-To"] == "<topic.pti@parley.example>"
    assert cancelled["In-Reply-To"] == alert["Message-ID"]
    assert cancelled["References"] == f"<topic.pti@parley.example> {alert['Message-ID']}"


def test_a_subject_cannot_add_headers(delivery, clock):
    hostile = "Talks\r\nBcc: everyone@example.org\r\n\r\n<html>\u2028\x00"
    forged = replace(delivery, message=delivery.message.model_copy(update={"subject": hostile}))
    mail = compose(forged, MailServer(host="localhost", sender="parley@parley.example"), clock())
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Talks Bcc: everyone@example.org <html>"


def test_text_of_any_language_arrives_as_it_was(story, mailbox, serve, delivery_of, email_to):
    evidence = story.alert().event.data["evidence"]
    urdu = "عمران خان نے مذاکرات مسترد کر دیے"
    told = story.alert(evidence=({**evidence[0], "text": urdu},))
    email_to(serve()).send(delivery_of(story.email("anna"), told))
    assert urdu in arrived(mailbox).get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("step", "answer", "reason", "retry"),
    [
        ("rcpt", "550 5.1.1 no such user", "refused", False),
        ("rcpt", "450 4.2.1 mailbox busy", "deferred", True),
        ("data", "554 5.7.1 refused", "refused", False),
        ("data", "451 4.3.0 try again later", "deferred", True),
    ],
)
def test_the_servers_code_says_whether_to_try_again(
    mailbox, serve, delivery, email_to, step, answer, reason, retry
):
    setattr(mailbox, step, answer)
    error = refusal(email_to(serve()), delivery)
    assert (error.reason, error.retry) == (reason, retry)
    assert answer.split()[0] in str(error)


def test_starttls_encrypts_before_the_login(mailbox, serve, delivery, email_to, tls_server, tls_client):
    logins = []

    def check(server, session, envelope, mechanism, data):
        logins.append((session.ssl is not None, data.login, data.password))
        return AuthResult(success=True)

    server = serve(tls_context=tls_server, require_starttls=True, auth_required=True, authenticator=check)
    server = replace(server, security="starttls", username="parley", password="s3cret")
    email_to(server, tls=tls_client).send(delivery)
    assert logins == [(True, b"parley", b"s3cret")]
    assert len(mailbox.mails) == 1


def test_tls_from_the_first_byte(mailbox, serve, delivery, email_to, tls_server, tls_client):
    server = replace(serve(ssl_context=tls_server), security="tls")
    email_to(server, tls=tls_client).send(delivery)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_with_a_wrong_certificate_gets_no_mail_and_no_password(
    mailbox, serve, delivery, email_to, tls_server, security
):
    options = {"ssl_context": tls_server} if security == "tls" else {"tls_context": tls_server}
    server = replace(serve(**options), security=security, username="parley", password="s3cret")
    error = refusal(email_to(server), delivery)  # trusts the system's authorities only
    assert (error.reason, error.retry) == ("tls", True)
    assert mailbox.mails == []


def test_a_server_without_starttls_gets_no_mail_in_the_clear(mailbox, serve, delivery, email_to):
    error = refusal(email_to(replace(serve(), security="starttls")), delivery)
    assert (error.reason, error.retry) == ("unsupported", True)
    assert mailbox.mails == []


def test_a_refused_login_can_be_mended_so_it_is_tried_again(
    mailbox, serve, delivery, email_to, tls_server, tls_client
):
    server = serve(tls_context=tls_server, authenticator=lambda *_: AuthResult(success=False, handled=False))
    server = replace(server, security="starttls", username="parley", password="wrong")
    error = refusal(email_to(server, tls=tls_client), delivery)
    assert (error.reason, error.retry) == ("auth", True)
    assert "wrong" not in str(error)


def test_a_server_that_falls_silent_after_the_mail_may_have_it(mailbox, serve, delivery, email_to):
    mailbox.data = "hang"
    started = time.monotonic()
    error = refusal(email_to(serve(), timeout=0.5), delivery)
    assert (error.reason, error.retry) == ("unknown", True)
    assert time.monotonic() - started < 4


@pytest.fixture
def dripping_server():
    """Greets a letter at a time, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        connection, _ = listener.accept()
        with connection:
            try:
                for _ in range(100):
                    connection.sendall(b"2")
                    time.sleep(0.05)
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield MailServer(
        host="127.0.0.1", port=listener.getsockname()[1], sender="parley@parley.example", security="none"
    )
    listener.close()
    thread.join(6)


def test_a_server_that_answers_a_letter_at_a_time_is_given_up_in_time(dripping_server, delivery, email_to):
    started = time.monotonic()
    error = refusal(email_to(dripping_server, timeout=0.5), delivery)
    assert (error.reason, error.retry) == ("timeout", True)
    assert time.monotonic() - started < 4


def test_no_server_is_a_passing_failure(delivery, email_to):
    port = free_port()
    server = MailServer(host="127.0.0.1", port=port, sender="parley@parley.example", security="none")
    error = refusal(email_to(server), delivery)
    assert (error.reason, error.retry) == ("unreachable", True)


def test_the_servers_password_does_not_show(clock):
    assert "s3cret" not in repr(MailServer(host="h", sender="a@b", password="s3cret"))


LINK = "https://api.parley.example/v1/subscriptions/unsubscribe?token=" + "Abc_-." * 40


def raw_header(mail, name):
    """A header as it stands in the mail, unfolded as RFC 5322 says."""
    raw = mail.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ")
    return [
        line.partition(": ")[2] for line in raw.split("\r\n") if line.lower().startswith(name.lower() + ":")
    ]


@pytest.mark.parametrize(
    ("link", "mailbox", "ways", "one_click"),
    [
        (LINK, "", [f"<{LINK}>"], True),
        (
            LINK,
            "stop@parley.example",
            [f"<{LINK}>, <mailto:stop@parley.example?subject=unsubscribe%20SUB>"],
            True,
        ),
        ("http://127.0.0.1:8500/v1/stop?token=a", "", ["<http://127.0.0.1:8500/v1/stop?token=a>"], False),
        ("", "stop@parley.example", ["<mailto:stop@parley.example?subject=unsubscribe%20SUB>"], False),
        ("", "", [], False),
    ],
)
def test_mail_programs_can_offer_to_unsubscribe(delivery, clock, link, mailbox, ways, one_click):
    server = MailServer(host="localhost", sender="parley@parley.example", unsubscribe=mailbox)
    recipient = replace(delivery.recipient, unsubscribe=link)
    mail = mails.compose(replace(delivery, recipient=recipient), server, clock())
    assert raw_header(mail, "List-Unsubscribe") == [
        way.replace("SUB", recipient.subscription) for way in ways
    ]
    assert raw_header(mail, "List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"] * one_click


def test_long_ids_are_not_encoded_or_threads_would_fall_apart(delivery, clock):
    server = MailServer(host="localhost", sender=f"parley@{'long-name.' * 9}example")
    mail = mails.compose(replace(delivery, kind="cancel", topic="t" * 60), server, clock())
    root, first = f"<topic.{'t' * 60}@{server.domain}>", f"<{delivery.first_delivery_id}@{server.domain}>"
    assert raw_header(mail, "References") == [f"{root} {first}"]
    assert raw_header(mail, "In-Reply-To") == [first]
    assert raw_header(mail, "List-Id") == [f"<{'t' * 60}.alerts.{server.domain}>"]
    assert max(map(len, mail.split(b"\r\n"))) < 998


def test_a_mail_asks_for_no_automatic_answers_and_is_plain_ascii_on_the_wire(story, delivery_of, clock):
    evidence = story.alert().event.data["evidence"]
    told = story.alert(evidence=({**evidence[0], "text": "مذاکرات"},))
    server = MailServer(host="localhost", sender="parley@parley.example")
    mail = mails.compose(delivery_of(story.email("anna"), told), server, clock())
    assert raw_header(mail, "X-Auto-Response-Suppress") == ["OOF, AutoReply"]
    assert mail.isascii()


def test_mails_in_a_row_share_a_connection(mailbox, serve, delivery, email_to):
    channel = email_to(serve())
    for _ in range(3):
        channel.send(delivery)
    sessions = {id(session) for session, _ in mailbox.mails}
    assert (len(mailbox.mails), len(sessions)) == (3, 1)


def test_lines_that_begin_with_a_dot_arrive_whole(mailbox, serve, delivery, email_to):
    dotted = delivery.message.model_copy(update={"text": "One.\n.\n..two\n.three\n"})
    email_to(serve()).send(
        replace(delivery, message=dotted, recipient=replace(delivery.recipient, unsubscribe=""))
    )
    text = arrived(mailbox).get_body(("plain",)).get_content()
    assert text.splitlines() == ["One.", ".", "..two", ".three"]


class ScriptedServer:
    """A mail server that plays one script a connection: after so many mails it does something odd at a step."""

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.mails = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def server(self):
        return MailServer(host="127.0.0.1", port=self.port, sender="parley@parley.example", security="none")

    def close(self):
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            script = self.scripts.pop(0) if self.scripts else {}
            threading.Thread(target=self._talk, args=(connection, script), daemon=True).start()

    def _talk(self, connection, script):
        taken = 0
        with contextlib.suppress(OSError), connection, connection.makefile("rwb", buffering=0) as wire:
            wire.write(b"220 hello\r\n")
            while line := wire.readline():
                step = line.split()[0].decode().lower()
                if step == "data":
                    wire.write(b"354 go on\r\n")
                    content = b""
                    while (line := wire.readline()) != b".\r\n":
                        content += line
                    step = "end"
                answer = script.get((taken, step), b"250 ok\r\n")
                if step == "end":
                    self.mails.append(content)
                    taken += 1
                if answer is None:  # breaks the connection off
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                wire.write(answer)


@pytest.fixture
def scripted():
    servers = []

    def start(*scripts):
        servers.append(ScriptedServer(*scripts))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    "fate",
    [
        {(1, "mail"): None},
        {(1, "mail"): b"421 4.7.0 too many mails, goodbye\r\n"},
        {(1, "mail"): b"452 4.5.3 enough on this connection\r\n"},
        {(1, "rcpt"): None},
    ],
)
def test_a_kept_connection_that_broke_costs_no_delivery(scripted, email_to, delivery, fate):
    server = scripted(fate)
    channel = email_to(server.server)
    channel.send(delivery)
    channel.send(delivery)
    assert (len(server.mails), server.connections) == (2, 2)


def test_a_mail_that_a_kept_connection_may_have_carried_is_not_sent_again_at_once(
    scripted, email_to, delivery
):
    server = scripted({(1, "end"): None})
    channel = email_to(server.server)
    channel.send(delivery)
    error = refusal(channel, delivery)
    assert (error.reason, error.retry) == ("unknown", True)
    assert (len(server.mails), server.connections) == (2, 1)


@pytest.mark.parametrize(
    ("step", "reason"), [("mail", "unreachable"), ("rcpt", "unreachable"), ("end", "unknown")]
)
def test_a_new_connection_that_breaks_is_no_kept_one(scripted, email_to, delivery, step, reason):
    server = scripted({(0, step): None})
    error = refusal(email_to(server.server), delivery)
    assert (error.reason, error.retry) == (reason, True)
    assert server.connections == 1


def test_a_refused_sender_can_be_mended(scripted, email_to, delivery):
    server = scripted({(0, "mail"): b"550 5.7.1 not you\r\n"})
    error = refusal(email_to(server.server), delivery)
    assert (error.reason, error.retry) == ("server", True)


def test_an_idle_connection_is_closed_after_a_while():
    closed = threading.Event()
    kept = Kept(lambda _: closed.set(), idle_s=0.05)
    kept.keep("here", "connection")
    assert closed.wait(5)
    assert kept.take("here") is None


def test_a_kept_connection_has_one_user_and_only_so_many_are_kept():
    closed = []
    kept = Kept(closed.append, most=2)
    for name in ("a", "b", "c"):
        kept.keep("here", name)
    assert closed == ["c"]
    assert [kept.take("there"), kept.take("here"), kept.take("here"), kept.take("here")] == [
        None,
        "b",
        "a",
        None,
    ]


def test_a_mail_server_without_an_address_is_a_passing_failure(email_to, delivery):
    server = MailServer(host="mail.invalid", sender="parley@parley.example", security="none")
    error = refusal(email_to(server), delivery)
    assert (error.reason, error.retry) == ("unreachable", True)


HARD_TEXTS = [
    "plain\n",
    "a line of " + "many words " * 200 + "\n",
    "ends in a blank \n\ttab\t\n.\n..\n.dot\nFrom here\n=3D = ==\n--=_boundary\n",
    "Élysée “quoted” — مذاکرات\n",
    "مذاکرات " * 300 + "\n",
    "\U0001f54a" * 500 + "\n",
]


@pytest.mark.parametrize("text", HARD_TEXTS)
@pytest.mark.parametrize("subject", ["plain", "é" * 150, "word " * 39, "=?utf-8?q?Bcc?=", "مذاکرات " * 20])
def test_every_text_and_subject_comes_through(delivery, clock, text, subject):
    message = delivery.message.model_copy(update={"subject": subject, "text": text, "html": f"<p>{text}</p>"})
    server = MailServer(host="localhost", sender="Zoë <parley@parley.example>")
    told = replace(delivery, message=message, recipient=replace(delivery.recipient, unsubscribe=""))
    raw = mails.compose(told, server, clock())
    mail = email.message_from_bytes(raw, policy=default)
    assert max(map(len, raw.split(b"\r\n"))) <= 120
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert mail["From"].addresses[0].display_name == "Zoë"
    assert mail["Subject"] == subject.strip()
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == text
    assert mail.get_body(("html",)).get_content().replace("\r\n", "\n") == f"<p>{text}</p>\n"
    assert not [defect for part in mail.walk() for defect in part.defects]


def test_a_repeat_is_the_same_mail_to_the_byte_apart_from_its_date(delivery, clock):
    server = MailServer(host="localhost", sender="parley@parley.example")
    first = mails.compose(delivery, server, clock())
    assert mails.compose(replace(delivery, attempt=5), server, clock()) == first
