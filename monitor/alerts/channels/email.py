"""Email over SMTP: one mail per delivery, text and HTML, threaded per topic, with an id that repeats share."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Literal

from monitor.alerts.channels.deadline import Deadline
from monitor.alerts.channels.kept import Kept
from monitor.alerts.channels.smtp import Session, StaleError, UnansweredError
from monitor.alerts.delivery import Delivery, Recipient
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
    unsubscribe: str = ""
    """A mailbox that takes requests to unsubscribe; empty: there is none."""

    @property
    def domain(self) -> str:
        """The sender's domain, in which message ids live."""
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"


class EmailChannel:
    """Sends mail through one server; a connection is kept for a few seconds for the next mail.

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
        self._kept: Kept[Session] = Kept(Session.part)

    def send(self, delivery: Delivery) -> None:
        """Send the delivery as a mail.

        Raises:
            DeliveryError: the server did not take it; final when it refused this recipient or this mail for good.
                With the reason `unknown` it may have it, for it fell silent after the whole mail was sent. That is
                tried again: the mail keeps its Message-ID, by which mail programs know a repeat.
        """
        mail = compose(delivery, self._server, self._clock())
        with Deadline(self._timeout) as deadline:
            try:
                self._send(delivery.recipient.target, mail.as_bytes(), deadline)
            except UnansweredError as error:
                words = f"the mail server did not say whether it has the mail ({error})"
                raise DeliveryError("unknown", words, retry=True) from error
            except (smtplib.SMTPException, OSError) as error:
                if deadline.over:
                    late = f"the mail server did not finish within {self._timeout:g} s"
                    raise DeliveryError("timeout", late, retry=True) from error
                raise _objection(error) from error

    def close(self) -> None:
        """Close the connections that are idle."""
        self._kept.close()

    def _send(self, recipient: str, mail: bytes, deadline: Deadline) -> None:
        session = self._kept.take(self._server)
        if session is not None:
            deadline.watch(session.connection)
            try:
                return self._hand_over(session, recipient, mail)
            except StaleError:
                pass  # nothing of the mail has left: a kept connection that broke is none of its business
        return self._hand_over(self._login(deadline), recipient, mail)

    def _hand_over(self, session: Session, recipient: str, mail: bytes) -> None:
        try:
            session.transfer(self._server.sender, recipient, mail)
        except BaseException:
            session.close()
            raise
        if session.is_worn:
            session.part()
        else:
            self._kept.keep(self._server, session)

    def _login(self, deadline: Deadline) -> Session:
        server = self._server
        session = Session(
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


class _MailPolicy(EmailPolicy):
    """Folds headers of links and ids between these only; the email package would encode, and so spoil, long ones."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() in _FOLDED_AT_SPACES:
            return f"{name}: " + f"{self.linesep} ".join(value.split()) + self.linesep
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _FOLDED_AT_SPACES:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


_FOLDED_AT_SPACES = {"message-id", "in-reply-to", "references", "list-id", "list-unsubscribe"}
_POLICY = _MailPolicy(linesep="\r\n", cte_type="7bit")


def compose(delivery: Delivery, server: MailServer, now: datetime) -> EmailMessage:
    """The mail. Its ids are made of the delivery's, so a repeat is the same mail; `now` (UTC-aware) is its date."""
    message, domain = delivery.message, server.domain
    root = f"<topic.{delivery.topic}@{domain}>"
    thread = [root]
    if delivery.kind != "alert":
        thread.append(f"<{delivery.first_delivery_id}@{domain}>")
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = server.sender
    mail["To"] = delivery.recipient.target
    mail["Subject"] = clean(message.subject, _LONGEST_SUBJECT)
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = f"<{delivery.delivery_id}@{domain}>"
    mail["In-Reply-To"] = thread[-1]
    mail["References"] = " ".join(thread)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # Exchange looks at this one only
    mail["List-Id"] = f"<{delivery.topic}.alerts.{domain}>"
    for name, value in _ways_out(delivery.recipient, server.unsubscribe):
        mail[name] = value
    text, html = for_mail(message, delivery.recipient.unsubscribe)
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail


def _ways_out(recipient: Recipient, mailbox: str) -> Iterator[tuple[str, str]]:
    """The headers by which mail programs offer to unsubscribe (RFC 2369, RFC 8058).

    One click, a POST by the mail's reader or its provider, is offered for https only, as the RFC demands; another link
    (the API of a machine of one's own) is shown to be opened.
    """
    ways = [recipient.unsubscribe] if recipient.unsubscribe else []
    if mailbox:
        ways.append(f"mailto:{mailbox}?subject=unsubscribe%20{recipient.subscription}")
    if ways:
        yield "List-Unsubscribe", ", ".join(f"<{way}>" for way in ways)
    if recipient.unsubscribe.startswith("https://"):
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


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
