"""Email over SMTP: one mail per delivery, text and HTML, threaded per topic, with an id that repeats share."""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Literal

from monitor.alerts.channels.deadline import Deadline
from monitor.alerts.delivery import Delivery
from monitor.alerts.message import clean, for_mail
from monitor.errors import DeliveryError

TIMEOUT_S = 30.0
_LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes Parley's mail. `none` sends in the clear: for a server on the same machine only."""

    host: str
    sender: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def domain(self) -> str:
        """The sender's domain, in which message ids live."""
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"


class EmailChannel:
    """Sends mail through one server.

    Args:
        server: the mail server.
        clock: the real time, UTC-aware, for the mail's date.
        timeout: seconds for one mail, from connecting to the server's word that it has it.
        tls: how the server's certificate is checked; by default against the system's authorities.
    """

    def __init__(
        self,
        server: MailServer,
        clock: Callable[[], datetime],
        *,
        timeout: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._clock = clock
        self._timeout = timeout
        self._tls = tls or ssl.create_default_context()

    def send(self, delivery: Delivery) -> None:
        """Send the delivery as a mail.

        Raises:
            DeliveryError: the server did not take it; final when it refused this recipient or this mail for good.
        """
        mail = compose(delivery, self._server, self._clock())
        with Deadline(self._timeout) as deadline:
            try:
                with self._login(deadline) as session:
                    session.sendmail(self._server.sender, [delivery.recipient.target], mail.as_bytes())
            except (smtplib.SMTPException, OSError) as error:
                if deadline.over:
                    late = f"the mail server did not finish within {self._timeout:g} s"
                    raise DeliveryError("timeout", late, retry=True) from error
                raise _objection(error) from error

    def _login(self, deadline: Deadline) -> "_Session":
        server = self._server
        session = _Session(
            self._timeout, server.domain, deadline, self._tls if server.security == "tls" else None
        )
        try:
            session.connect_checked(server.host, server.port)
            if server.security == "starttls":
                session.starttls(context=self._tls)
            if server.username:
                session.login(server.username, server.password)
        except BaseException:
            session.close()
            raise
        return session


class _Session(smtplib.SMTP):
    """smtplib's session, with the connection under a deadline and, for `tls`, encrypted from its first byte."""

    def __init__(
        self, timeout: float, local_name: str, deadline: Deadline, tls: ssl.SSLContext | None
    ) -> None:
        # The local name is given, or smtplib would look it up in the DNS, which can take long.
        super().__init__(timeout=timeout, local_hostname=local_name)
        self._deadline = deadline
        self._tls_from_start = tls

    def connect_checked(self, host: str, port: int) -> None:
        """Connect, and raise when the server does not greet."""
        self._host = host  # smtplib checks the certificate against it, but sets it in its constructor only
        code, words = self.connect(host, port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        self._deadline.watch(connection)
        if self._tls_from_start is None:
            return connection
        return self._tls_from_start.wrap_socket(connection, server_hostname=host)

    def __exit__(self, *_: object) -> None:
        # The mail is with the server, or an error is on its way: how the goodbye goes changes neither.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.quit()
        self.close()


def compose(delivery: Delivery, server: MailServer, now: datetime) -> EmailMessage:
    """The mail. Its ids are made of the delivery's, so a repeat is the same mail; `now` (UTC-aware) is its date."""
    message, domain = delivery.message, server.domain
    root = f"<topic.{delivery.topic}@{domain}>"
    thread = [root]
    if delivery.kind in {"update", "cancel"}:
        thread.append(f"<{delivery.first_delivery_id}@{domain}>")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = server.sender
    mail["To"] = delivery.recipient.target
    mail["Subject"] = clean(message.subject, _LONGEST_SUBJECT)
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = f"<{delivery.delivery_id}@{domain}>"
    mail["In-Reply-To"] = thread[-1]
    mail["References"] = " ".join(thread)
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"<{delivery.topic}.alerts.{domain}>"
    text, html = for_mail(message, delivery.recipient.unsubscribe)
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail


def _objection(error: smtplib.SMTPException | OSError) -> DeliveryError:
    """A refusal before the recipient is named is about Parley's own settings: these can be mended."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return _refusal(code, words)
    if isinstance(error, smtplib.SMTPDataError):
        return _refusal(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return DeliveryError("auth", f"the mail server refused the login ({error.smtp_code})", retry=True)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DeliveryError("unsupported", f"the mail server cannot do what is set: {error}", retry=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return DeliveryError("server", f"the mail server answered {error.smtp_code}", retry=True)
    if isinstance(error, ssl.SSLError):
        return DeliveryError("tls", str(error), retry=True)
    # smtplib turns a time-out of the socket into a disconnection.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return DeliveryError("timeout", "the mail server did not answer in time", retry=True)
    return DeliveryError("unreachable", f"{type(error).__name__}: {error}", retry=True)


def _refusal(code: int, words: bytes | str) -> DeliveryError:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    permanent = 500 <= code < 600
    reason = "refused" if permanent else "deferred"
    return DeliveryError(reason, f"the mail server answered {code} {clean(said, 200)}", retry=not permanent)
