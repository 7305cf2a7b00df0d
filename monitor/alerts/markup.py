"""Messages as HTML for mail: plain and calm, in light and dark, nothing fetched from elsewhere. Pure.

All that comes from strangers is escaped. Without its styles it is still a heading, a list and quotes.
"""

from collections.abc import Sequence
from html import escape as escape_attribute

from monitor.alerts.payload import Evidence, Payload
from monitor.alerts.words import TEST_NOTE, byline, change, facts, mark, note, quoted

_STYLE = (
    "body{margin:0;padding:24px 16px;background:#f4f5f6;color:#1d2329;"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}"
    ".sheet{max-width:600px;margin:0 auto;padding:24px;background:#fff;border:1px solid #d9dde1;border-radius:8px;"
    "overflow-wrap:anywhere}"
    "h1{font-size:22px;line-height:1.3;margin:0 0 8px}h2{font-size:16px;margin:28px 0 8px}"
    "p{margin:0 0 12px}.soft,dt,footer{color:#56606a;font-size:14px}"
    "dl{margin:20px 0 0}dt{margin-top:10px}dd{margin:0}.change{font-size:18px;font-weight:600}"
    "blockquote{margin:0 0 16px;padding:2px 0 2px 14px;border-left:3px solid #b8c0c8}blockquote p{margin:0 0 4px}"
    "ul{list-style:none;margin:16px 0 0;padding:0}li{padding:12px 0;border-top:1px solid #d9dde1}"
    "li h2{font-weight:400;margin:0}li p{margin:2px 0 8px}"
    "a{color:#0b57a4}.go{display:inline-block;margin:12px 0 0;padding:10px 16px;border-radius:6px;"
    "background:#0b57a4;color:#fff;text-decoration:none;font-weight:600}"
    ".test{margin:0 0 16px;padding:8px 12px;border:1px solid #8a5a00;border-radius:6px;color:#6b4600;font-weight:600}"
    ".foot{max-width:600px;margin:16px auto 0;padding:0 24px;font-size:14px;color:#56606a}"
    "@media(max-width:480px){body{padding:0}.sheet{border:0;border-radius:0;padding:20px 16px}.foot{padding:0 16px}}"
    "@media(prefers-color-scheme:dark){body{background:#14181c;color:#e6e9ec}.sheet{background:#1d2329;"
    "border-color:#3a434c}.soft,dt,footer,.foot{color:#a9b3bd}blockquote{border-color:#56606a}li{border-color:#3a434c}"
    "a{color:#8ec1f5}.go{background:#8ec1f5;color:#10161c}.test{border-color:#d9a441;color:#f0c674}}"
)


SHEET = "sheet"
"""Class of the element that holds all that a page says."""


def escape(text: str) -> str:
    """Text between tags; there quotation marks mean nothing, and escaped they would only make it longer."""
    return escape_attribute(text, quote=False)


def letter(payload: Payload) -> str:
    """One alert."""
    data = payload.data
    test = f'<p class="test">{escape(TEST_NOTE)}</p>' if data.test else ""
    said = "" if data.test else f'<p class="soft">{escape(note(payload))}</p>'
    rows = "".join(
        f"<dt>{escape(label)}</dt><dd{_weight(label)}>{escape(value)}</dd>" for label, value in facts(payload)
    )
    quotes = "".join(_quote(evidence) for evidence in data.evidence)
    heading = "<h2>Quotes from the articles</h2>" if quotes else ""
    title = data.text if data.test else f"{mark(payload)}{data.text}"
    return _page(
        title, f"{test}<h1>{escape(title)}</h1>{said}<dl>{rows}</dl>{heading}{quotes}{_button(data.link)}"
    )


def digest(title: str, alerts: Sequence[Payload], more: int, link: str, *, quoting: bool) -> str:
    """Several alerts, each in a few lines; `quoting`: with the best quote of each."""
    items = "".join(_item(payload, quoting=quoting) for payload in alerts)
    rest = f'<p class="soft">and {more} more, on the dashboard</p>' if more else ""
    return _page(title, f"<h1>{escape(title)}</h1><ul>{items}</ul>{rest}{_button(link)}")


def with_foot(html: str, unsubscribe: str) -> str:
    """The page with the link by which its recipient, and nobody else, ends what it gets."""
    foot = f'<p class="foot"><a href="{escape_attribute(unsubscribe)}">Stop these messages</a></p>'
    head, end, rest = html.rpartition("</body>")
    return f"{head}{foot}{end}{rest}"


def _page(title: str, inner: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><div class="{SHEET}" role="main">{inner}</div></body></html>'
    )


def _weight(label: str) -> str:
    return ' class="change"' if label == "Change" else ""


def _button(link: str) -> str:
    return f'<p><a class="go" href="{escape_attribute(link)}">Look it up on the dashboard</a></p>'


def _item(payload: Payload, *, quoting: bool) -> str:
    data = payload.data
    said = " · ".join(line for line in (change(payload), note(payload)) if line)
    quotes = "".join(_quote(evidence) for evidence in data.evidence[:1]) if quoting else ""
    return (
        f'<li><h2><a href="{escape_attribute(data.link)}">{escape(data.text)}</a></h2>'
        f'<p class="soft">{escape(said)}</p>{quotes}</li>'
    )


def _quote(evidence: Evidence) -> str:
    said = escape(byline(evidence))
    if evidence.url:
        said = f'<a href="{escape_attribute(evidence.url)}" rel="noopener noreferrer nofollow">{said}</a>'
    return f"<blockquote><p>{escape(quoted(evidence))}</p><footer>{said}</footer></blockquote>"
