"""The Status page's twin without JavaScript, as a whole HTML document of about a kilobyte and its evidence. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard import markup, status_view, words
from dashboard.catalogue import LANGUAGE, say
from dashboard.links import Links
from dashboard.markup import e
from dashboard.status_page import StatusPage
from monitor.readmodel.queries import SegmentForm, TopicEntry

_REFRESH_S = 60
_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:1rem auto;"
    "padding:0 1rem}h1{line-height:1.1;margin:.3em 0}blockquote{margin:.5rem 0;border-inline-start:3px solid;"
    "padding-inline-start:.8rem}figure{margin:1rem 0}.banner{border:2px dashed;padding:.4rem .7rem}"
    "[lang=ur]{font-family:'Noto Nastaliq Urdu',serif;line-height:2.7}"
    ":is([lang=ar],[lang=fa],[lang=ps],[lang=sd]){font-family:'Noto Naskh Arabic',serif;line-height:2}"
)
_FONTS = (
    (Path(__file__).parent / "style" / "fonts.css").read_text(encoding="utf-8").partition("*/")[2].strip()
)


@dataclass(frozen=True)
class Head:
    """What a document says of itself to those who list or share it, as plain text."""

    title: str
    description: str = ""
    icon: str = ""
    image: str = ""
    """A whole address, for those who fetch it from elsewhere."""

    def html(self) -> str:
        """Elements of a document's head."""
        said = f"<title>{e(self.title)}</title>"
        if self.icon:
            said += f'<link rel="icon" type="image/svg+xml" href="{e(self.icon)}">'
        named = {
            "og:type": "website",
            "og:title": self.title,
            "og:description": self.description,
            "og:image": self.image,
        }
        said += "".join(
            f'<meta property="{name}" content="{e(text)}">' for name, text in named.items() if text
        )
        return said + ('<meta name="twitter:card" content="summary_large_image">' if self.image else "")


def document(head: Head, body: str) -> str:
    """A whole document that loads itself again."""
    return (
        f'<!doctype html><html lang="{LANGUAGE}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="refresh" content="{_REFRESH_S}">{head.html()}<style>{_STYLE}{_FONTS}</style></head>'
        f"<body>{body}</body></html>"
    )


def description(shown: StatusPage) -> str:
    """Since when, how sure and whether all agree, in a line of plain text."""
    return " · ".join([*lines(shown), *([warning] if (warning := warned(shown)) else [])])


def lines(shown: StatusPage) -> list[str]:
    """Since when and how sure, as plain text."""
    now = _segment(shown)
    if now is None:
        return [status_view.nothing(shown)]
    length = words.held(now.start_earliest, now.start_latest, shown.today)
    since = words.start(now.start_earliest, now.start_latest)
    held = [say("status.for", length=length)] if length else []
    sure = f"{words.confidence(now.confidence)} ({now.confidence:.0%})"
    return [
        " · ".join([*held, since]),
        say("plain.sure", sure=sure, certainty=status_view.certainty(shown, now)),
    ]


def warned(shown: StatusPage) -> str:
    """That it is contested, and by whom, as plain text."""
    return f"{say('status.contested')} {status_view.sides(shown)}" if shown.status.contested else ""


def body(shown: StatusPage, fresh: str, known: Sequence[TopicEntry]) -> str:
    """What stands in the document; `fresh` says how fresh it is, as HTML."""
    leading, now = shown.leading, _segment(shown)
    glyph = words.look(shown.status.status).glyph
    over = status_view.over(shown, leading) if leading else shown.topic.label
    said = f"<h1><span aria-hidden='true'>{glyph}</span> {e(status_view.word(shown))}</h1>"
    if now is None:
        said += f"<p>{e(status_view.nothing(shown))}</p>"
    else:
        said += f"<p>{status_view.since(shown, now)}</p>{status_view.stale(shown, now)}"
        said += f"<p class='banner'>⚠ {e(warning)}</p>" if (warning := warned(shown)) else ""
        said += f"<p>{e(lines(shown)[-1])}</p>"
        passages = [*shown.front.passages.carrying[:1], *shown.front.passages.against[:1]]
        said += "".join(status_view.quote(shown, passage) for passage in passages)
    moment = markup.said("plain.clocks", moment=markup.moment(shown.now, shown.zones))
    full = Links(shown.topic.topic).to(say("plain.dashboard"), "./")
    return (
        f"<main>{fresh}<p>{e(shown.topic.label)}: {e(over)}</p>{said}{_others(shown)}</main>"
        f"<p>{moment} {full}{_topics(shown.topic, known)}</p>"
    )


def _segment(shown: StatusPage) -> SegmentForm | None:
    segments = shown.segments(shown.leading.channel) if shown.leading else []
    return segments[-1] if segments else None


def _others(shown: StatusPage) -> str:
    rows = ""
    for one in shown.others if shown.leading else ():
        label, word = shown.topic.channels.get(one.channel, one.channel), words.look(one.status).word
        tags = [say("status.tag_last")] if shown.is_last_known(one) else []
        tags += [say("status.tag_contested")] if one.contested else []
        rows += f"<li>{e(label)}: {e(word)}{e(''.join(f' ({tag})' for tag in tags))}</li>"
    return f"<h2>{e(say('status.others'))}</h2><ul>{rows}</ul>" if rows else ""


def _topics(chosen: TopicEntry, known: Sequence[TopicEntry]) -> str:
    others = [Links(one.topic).to(one.label, "now") for one in known if one != chosen]
    return f"<br>{e(say('plain.topics'))} {' · '.join(others)}" if others else ""
