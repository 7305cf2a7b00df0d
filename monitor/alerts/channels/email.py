"""Email over SMTP: one mail per delivery, over connections that are kept for a few seconds."""

import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime

from monitor.alerts.channels.deadline import Deadline
from monitor.alerts.channels.kept import Kept
from monitor.alerts.channels.mail import MailServer, compose
from monitor.alerts.channels.smtp import Session, StaleError, UnansweredError
from monitor.alerts.delivery import UNKNOWN, Delivery
from monitor.alerts.message import clean
from monitor.errors import DeliveryError

TIMEOUT_S = 30.0


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
                self._send(delivery.recipient.target, mail, deadline)
            except UnansweredError as error:
                words = f"the mail server did not say whether it has the mail ({error})"
                raise DeliveryError(UNKNOWN, words, retry=True) from error
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
            session.transfer(self._server.address, recipient, mail)
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
