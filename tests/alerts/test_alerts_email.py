"""Email against a real SMTP server: what arrives, and what each refusal means."""

import asyncio
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

from monitor.alerts.channels.email import EmailChannel, MailServer, compose
from monitor.errors import DeliveryError


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
def delivery(story, delivery_of):
    return delivery_of(story.email("anna"))


def refusal(channel, delivery):
    with pytest.raises(DeliveryError) as caught:
        channel.send(delivery)
    return caught.value


def arrived(mailbox):
    [(_, envelope)] = mailbox.mails
    return email.message_from_bytes(envelope.content, policy=default)


def test_a_mail_arrives_with_a_text_and_an_html_part(mailbox, serve, delivery, clock):
    EmailChannel(serve(), clock).send(delivery)
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
    reread = email.message_from_bytes(mail.as_bytes(), policy=default)
    assert reread["Bcc"] is None
    assert reread["Subject"] == "Talks Bcc: everyone@example.org <html>"


def test_text_of_any_language_arrives_as_it_was(story, mailbox, serve, delivery_of, clock):
    evidence = story.alert().event.data["evidence"]
    urdu = "عمران خان نے مذاکرات مسترد کر دیے"
    told = story.alert(evidence=({**evidence[0], "text": urdu},))
    EmailChannel(serve(), clock).send(delivery_of(story.email("anna"), told))
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
    mailbox, serve, delivery, clock, step, answer, reason, retry
):
    setattr(mailbox, step, answer)
    error = refusal(EmailChannel(serve(), clock), delivery)
    assert (error.reason, error.retry) == (reason, retry)
    assert answer.split()[0] in str(error)


def test_starttls_encrypts_before_the_login(mailbox, serve, delivery, clock, tls_server, tls_client):
    logins = []

    def check(server, session, envelope, mechanism, data):
        logins.append((session.ssl is not None, data.login, data.password))
        return AuthResult(success=True)

    server = serve(tls_context=tls_server, require_starttls=True, auth_required=True, authenticator=check)
    server = replace(server, security="starttls", username="parley", password="s3cret")
    EmailChannel(server, clock, tls=tls_client).send(delivery)
    assert logins == [(True, b"parley", b"s3cret")]
    assert len(mailbox.mails) == 1


def test_tls_from_the_first_byte(mailbox, serve, delivery, clock, tls_server, tls_client):
    server = replace(serve(ssl_context=tls_server), security="tls")
    EmailChannel(server, clock, tls=tls_client).send(delivery)
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_with_a_wrong_certificate_gets_no_mail_and_no_password(
    mailbox, serve, delivery, clock, tls_server, security
):
    options = {"ssl_context": tls_server} if security == "tls" else {"tls_context": tls_server}
    server = replace(serve(**options), security=security, username="parley", password="s3cret")
    error = refusal(EmailChannel(server, clock), delivery)  # trusts the system's authorities only
    assert (error.reason, error.retry) == ("tls", True)
    assert mailbox.mails == []


def test_a_server_without_starttls_gets_no_mail_in_the_clear(mailbox, serve, delivery, clock):
    error = refusal(EmailChannel(replace(serve(), security="starttls"), clock), delivery)
    assert (error.reason, error.retry) == ("unsupported", True)
    assert mailbox.mails == []


def test_a_refused_login_can_be_mended_so_it_is_tried_again(
    mailbox, serve, delivery, clock, tls_server, tls_client
):
    server = serve(tls_context=tls_server, authenticator=lambda *_: AuthResult(success=False, handled=False))
    server = replace(server, security="starttls", username="parley", password="wrong")
    error = refusal(EmailChannel(server, clock, tls=tls_client), delivery)
    assert (error.reason, error.retry) == ("auth", True)
    assert "wrong" not in str(error)


def test_a_server_that_hangs_is_given_up_in_time(mailbox, serve, delivery, clock):
    mailbox.data = "hang"
    started = time.monotonic()
    error = refusal(EmailChannel(serve(), clock, timeout=0.5), delivery)
    assert (error.reason, error.retry) == ("timeout", True)
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


def test_a_server_that_answers_a_letter_at_a_time_is_given_up_in_time(dripping_server, delivery, clock):
    started = time.monotonic()
    error = refusal(EmailChannel(dripping_server, clock, timeout=0.5), delivery)
    assert (error.reason, error.retry) == ("timeout", True)
    assert time.monotonic() - started < 4


def test_no_server_is_a_passing_failure(delivery, clock):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = MailServer(host="127.0.0.1", port=port, sender="parley@parley.example", security="none")
    error = refusal(EmailChannel(server, clock), delivery)
    assert (error.reason, error.retry) == ("unreachable", True)


def test_the_servers_password_does_not_show(clock):
    assert "s3cret" not in repr(MailServer(host="h", sender="a@b", password="s3cret"))
