"""A delivery as a mail: text and HTML, threaded per topic, with an id that repeats share. Pure.

It is put together by hand: the email package takes longer to make a mail than a server to take it, and encodes long
links and ids in headers, after which mail programs find neither the thread nor the way to unsubscribe.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from typing import Literal

from monitor.alerts.delivery import Delivery, Recipient
from monitor.alerts.message import clean, for_mail

_LONGEST_SUBJECT = 200
_LINE = 76
"""The longest line of a header that is folded, and of base64."""


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
        return self.address.rpartition("@")[2] or "localhost"

    @property
    def address(self) -> str:
        """The sender's address, without a name."""
        return _address(self.sender)


@lru_cache(maxsize=8)
def _address(sender: str) -> str:
    return parseaddr(sender)[1]


def compose(delivery: Delivery, server: MailServer, now: datetime) -> bytes:
    """The mail, in ASCII, its lines ended by CRLF; a repeat differs in nothing but its date (`now`, UTC-aware)."""
    text, html = for_mail(delivery.message, delivery.recipient.unsubscribe)
    boundary = f"=_{delivery.delivery_id}"
    head = [f"{name}: {value}" for name, value in _headers(delivery, server, now)]
    lines = [
        *head,
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
        *(line for kind, words in (("plain", text), ("html", html)) for line in _part(boundary, kind, words)),
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def _headers(delivery: Delivery, server: MailServer, now: datetime) -> Iterator[tuple[str, str]]:
    domain = server.domain
    thread = [f"<topic.{delivery.topic}@{domain}>"]
    if delivery.kind in {"update", "cancel"}:
        thread.append(f"<{delivery.first_delivery_id}@{domain}>")
    yield "From", formataddr(parseaddr(server.sender))
    yield "To", delivery.recipient.target
    yield "Subject", _subject(clean(delivery.message.subject, _LONGEST_SUBJECT))
    yield "Date", format_datetime(now.astimezone(UTC))
    yield "Message-ID", f"<{delivery.delivery_id}@{domain}>"
    yield "In-Reply-To", thread[-1]
    yield "References", "\r\n ".join(thread)
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "OOF, AutoReply"  # Exchange looks at this one only
    yield "List-Id", f"<{delivery.topic}.alerts.{domain}>"
    yield from _ways_out(delivery.recipient, server.unsubscribe)


@lru_cache(maxsize=64)  # many get the same, and it takes longer to make than the rest of the mail
def _subject(words: str) -> str:
    """The subject, encoded where it is not plain, and folded."""
    is_plain = words.isascii() and "=?" not in words
    charset = "us-ascii" if is_plain else "utf-8"
    return Header(words, charset, maxlinelen=_LINE, header_name="Subject").encode(linesep="\r\n")


def _part(boundary: str, kind: str, words: str) -> Iterator[str]:
    """One part of the mail, in the encoding in which it is shorter."""
    data = words.rstrip("\n").replace("\n", "\r\n").encode("utf-8", "replace") + b"\r\n"
    quoted = binascii.b2a_qp(data, istext=True)
    encoding = "quoted-printable" if 3 * len(quoted) <= 4 * len(data) else "base64"
    yield f"--{boundary}"
    yield f'Content-Type: text/{kind}; charset="utf-8"'
    yield f"Content-Transfer-Encoding: {encoding}"
    yield ""
    if encoding == "base64":
        coded = base64.b64encode(data).decode()
        yield from (coded[at : at + _LINE] for at in range(0, len(coded), _LINE))
    else:
        yield quoted.decode()


def _ways_out(recipient: Recipient, mailbox: str) -> Iterator[tuple[str, str]]:
    """The headers by which mail programs offer to unsubscribe (RFC 2369, RFC 8058).

    One click, a POST by the mail's reader or its provider, is offered for https only, as the RFC demands; another link
    (the API of a machine of one's own) is shown to be opened.
    """
    ways = [recipient.unsubscribe] if recipient.unsubscribe else []
    if mailbox:
        ways.append(f"mailto:{mailbox}?subject=unsubscribe%20{recipient.subscription}")
    if ways:
        yield "List-Unsubscribe", ",\r\n ".join(f"<{way}>" for way in ways)
    if recipient.unsubscribe.startswith("https://"):
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
