"""One connection to a mail server, which may carry several mails, and knows how far the mail on it has come."""

import contextlib
import re
import smtplib
import socket
import ssl

from monitor.alerts.channels.deadline import Deadline

_LINE_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)
_MOST_MAILS = 100
"""On one connection; many servers allow no more."""


class StaleError(Exception):
    """A kept connection turned out to be broken, or the server is tired of it, before the mail itself was sent."""


class UnansweredError(Exception):
    """The whole mail was sent, and the server's answer to it never came."""


class Session(smtplib.SMTP):
    """smtplib's session, with the connection under a deadline and, for `tls`, encrypted from its first byte."""

    def __init__(
        self, timeout: float, local_name: str, deadline: Deadline, tls: ssl.SSLContext | None
    ) -> None:
        # The local name is given, or smtplib would look it up in the DNS, which can take long.
        super().__init__(timeout=timeout, local_hostname=local_name)
        self._deadline = deadline
        self._tls_from_start = tls
        self._mails = 0

    @property
    def connection(self) -> socket.socket:
        """The connection, for a deadline to watch."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection was closed")
        return self.sock

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

    def transfer(self, sender: str, recipient: str, mail: bytes) -> None:
        """Hand one mail (with CRLF at its lines' ends) to the server; sender and recipient are bare addresses.

        Raises:
            StaleError: the connection has carried mails before, and is of no use any more.
            UnansweredError: nobody knows whether the server has the mail.
            SMTPException, OSError: the server has not taken it.
        """
        try:
            self._announce(sender, recipient, mail)
        except OSError as error:  # smtplib's own errors are such, too
            refused = isinstance(error, smtplib.SMTPException) and not isinstance(
                error, smtplib.SMTPServerDisconnected
            )
            if refused or not self._mails:
                raise
            raise StaleError from error
        self.send(_LINE_WITH_DOT.sub(b"..", mail) + b".\r\n")
        try:
            code, words = self.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise UnansweredError(f"{type(error).__name__}: {error}") from error
        if code != 250:
            raise smtplib.SMTPDataError(code, words)
        self._mails += 1

    def _announce(self, sender: str, recipient: str, mail: bytes) -> None:
        """Say from whom and to whom, until the server asks for the mail itself."""
        self.ehlo_or_helo_if_needed()
        size = f" size={len(mail)}" if self.has_extn("size") else ""
        code, words = self.docmd("mail", f"FROM:<{sender}>{size}")
        if code != 250:
            self._tired(code)
            raise smtplib.SMTPSenderRefused(code, words, sender)
        code, words = self.docmd("rcpt", f"TO:<{recipient}>")
        if code not in {250, 251}:
            self._tired(code)
            raise smtplib.SMTPRecipientsRefused({recipient: (code, words)})
        code, words = self.docmd("data")
        if code != 354:
            self._tired(code)
            raise smtplib.SMTPDataError(code, words)

    def _tired(self, code: int) -> None:
        """Raise when a server that took mails on this connection wants no more on it (421, 452)."""
        if self._mails and code in {421, 452}:
            raise StaleError

    @property
    def is_worn(self) -> bool:
        """Whether it has carried enough."""
        return self._mails >= _MOST_MAILS

    def part(self) -> None:
        """Say goodbye without waiting for the answer, and close."""
        with contextlib.suppress(smtplib.SMTPException, OSError):  # nothing is on its way any more
            self.putcmd("quit")
        self.close()
