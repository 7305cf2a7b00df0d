"""The Operations page as HTML: how far each stage is, what waits for receivers, who works, what is safe. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dashboard import markup, source_words, words
from dashboard.catalogue import said_of, say
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import Operations, Process, Queued, Stage

Row = tuple[str, Sequence[tuple[str, str]]]
"""Of a table: HTML of what it is about, and of each cell the column and HTML."""

_RECEIVERS = "receivers"
_STAGES = ("read_model", "reaction", "queue", _RECEIVERS)
"""At the last of them deliveries wait, at the others entries of the log."""
_STATES = ("waiting", "joined", "pending", "leased", "failed", "succeeded", "abandoned", "dropped")
"""States of a delivery in the order of its life."""
_LATE = timedelta(minutes=5)
"""What waits for longer than this is worth an operator's eye."""
_BACKUP_IS_OLD = timedelta(days=2)


def title(shown: Operations, now: datetime) -> str:
    """The browser tab's title: it says whether something needs an operator."""
    return f"⚠ {say('operations.tab')}" if _banners(shown, now) else say("operations.tab")


def page(shown: Operations, now: datetime, zones: Zones) -> str:
    """The page; `now` to the minute, so that it changes no more often by itself."""
    return (
        f"<h1 class='plain'>{e(say('pages.operations'))}</h1>{_banners(shown, now)}"
        f"{_way(shown.stages, now, zones)}{_deliveries(shown.deliveries)}{_dead(shown, zones)}"
        f"{_processes(shown.processes, now, zones)}{_versions(shown, now, zones)}"
    )


def _banners(shown: Operations, now: datetime) -> str:
    """What needs an operator, and what to do."""
    said = "".join(_late(stage, now) for stage in shown.stages)
    given_up = sum(one.count for one in shown.deliveries if one.state == "abandoned")
    if shown.dead_letters:
        count = sum(one.count for one in shown.dead_letters.values())
        said += _banner(say("operations.dead_letters", count=count), say("operations.dead_letters_more"))
    if given_up:
        said += _banner(say("operations.given_up", count=given_up), say("operations.given_up_more"))
    if shown.is_outdated:
        said += _banner(say("operations.outdated"), say("operations.outdated_more"))
    if shown.backup and now - shown.backup.at > _BACKUP_IS_OLD:
        age = source_words.lasting(now - shown.backup.at)
        said += _banner(say("operations.old_backup"), say("operations.old_backup_more", age=age))
    return said


def _late(stage: Stage, now: datetime) -> str:
    name = f"{said_of('stages', stage.name)}:"
    if stage.measured_at and now - stage.measured_at > _LATE:
        age = source_words.lasting(now - stage.measured_at)
        return _banner(name, say("operations.unmeasured", age=age))
    if stage.waiting and stage.since and now - stage.since > _LATE:
        age = source_words.lasting(now - _minute(stage.since))
        return _banner(name, say("operations.late", age=age))
    return ""


def _way(stages: Sequence[Stage], now: datetime, zones: Zones) -> str:
    if not stages:
        return f"<p>{e(say('operations.no_stages'))}</p>"
    rows = [
        (
            f"<b>{e(said_of('stages', stage.name))}</b><p class='meta'>{e(said_of('stages_do', stage.name))}</p>",
            [
                (say("operations.waiting"), _waiting(stage, now)),
                (say("operations.oldest"), _moment(stage.since, now, zones) if stage.waiting else "–"),
            ],
        )
        for stage in stages
        if stage.name in _STAGES
    ]
    return markup.section(say("operations.way"), _table(say("operations.stage"), rows))


def _waiting(stage: Stage, now: datetime) -> str:
    if not stage.waiting:
        return f"{_chip('well')} {e(say('operations.caught_up'))}"
    late = stage.since is not None and now - stage.since > _LATE
    many = (
        say("operations.deliveries_waiting", count=stage.waiting)
        if stage.name == _RECEIVERS
        else say("operations.events_waiting", count=stage.waiting)
    )
    most = (
        f"<p class='meta'>{markup.said('operations.most', topic=e(stage.topic))}</p>" if stage.topic else ""
    )
    return f"{_chip('failing' if late else 'new')} <b>{e(many)}</b>{most}"


def _deliveries(deliveries: Sequence[Queued]) -> str:
    if not deliveries:
        return markup.section(say("operations.deliveries"), f"<p>{e(say('operations.none_yet'))}</p>")
    channels = sorted({one.channel for one in deliveries})
    counts = {(one.channel, one.state): one.count for one in deliveries}
    states = [state for state in _STATES if any((channel, state) in counts for channel in channels)]
    rows = [
        (
            f"<b>{e(channel)}</b>",
            [
                (words.sentence(said_of("delivery_states", state)), f"{counts.get((channel, state), 0):,}")
                for state in states
            ],
        )
        for channel in channels
    ]
    return markup.section(say("operations.deliveries"), _table(say("operations.by"), rows))


def _dead(shown: Operations, zones: Zones) -> str:
    lines = [
        *(
            (topic, say("operations.not_projected", count=one.count), one.since)
            for topic, one in sorted(shown.dead_letters.items())
        ),
        *(
            (topic, say("operations.not_read", count=one.count), one.since)
            for topic, one in sorted(shown.failed_articles.items())
        ),
    ]
    if not lines:
        return markup.section(
            say("operations.dead"), f"<p>{_chip('well')} {e(say('operations.no_dead'))}</p>"
        )
    rows = "".join(
        f"<li>{_chip('failing')}<div><b>{e(topic)}</b>: {e(what)}"
        + (
            f"<p class='meta'>{markup.said('operations.since', moment=markup.moment_here(since, zones))}</p>"
            if since
            else ""
        )
        + "</div></li>"
        for topic, what, since in lines
    )
    return markup.section(say("operations.dead"), f"<ul class='rows'>{rows}</ul>")


def _processes(processes: Sequence[Process], now: datetime, zones: Zones) -> str:
    if not processes:
        return markup.section(say("operations.roles"), f"<p>{markup.told(say('operations.no_roles'))}</p>")
    rows = [
        (
            f"<b>{e(one.role)}</b><p class='meta words'>{e(one.instance)}</p>",
            [
                (say("operations.fares"), _fares(one, now)),
                (
                    say("operations.last_success"),
                    _moment(one.ok_at, now, zones) if one.ok_at else e(say("operations.never")),
                ),
                (say("operations.version"), e(one.version or say("operations.unknown"))),
            ],
        )
        for one in processes
    ]
    return markup.section(say("operations.roles"), _table(say("operations.role"), rows))


def _fares(one: Process, now: datetime) -> str:
    if one.is_silent:
        seen = (
            say("operations.unheard_for", age=source_words.lasting(now - _minute(one.seen_at)))
            if one.seen_at
            else say("operations.unheard")
        )
        return f"{_chip('silent')} <b>{e(say('operations.silent'))}</b><p class='meta'>{e(seen)}</p>"
    if one.trouble:
        trouble = e(say("operations.in_trouble"))
        return f"{_chip('failing')} <b>{trouble}</b><p class='meta words'>{e(one.trouble)}</p>"
    return f"{_chip('well')} {e(say('operations.well'))}"


def _versions(shown: Operations, now: datetime, zones: Zones) -> str:
    running = dict.fromkeys(one.version for one in shown.processes if one.version and not one.is_silent)
    backup = shown.backup
    kept = (
        f"{_moment(backup.at, now, zones)}<p class='meta words'>"
        f"{markup.said('operations.backup_of', events=f'{backup.events:,}', place=e(backup.place))}</p>"
        if backup
        else f"{e(say('operations.no_backup'))}<p class='meta'>{markup.told(say('operations.no_backup_more'))}</p>"
    )
    facts = markup.facts(
        [
            ("Parley", e(", ".join(running) or shown.versions["parley"])),
            ("Redis", e(shown.versions.get("redis", say("operations.unknown")))),
            (say("operations.read_model"), e(shown.versions.get("read_model", say("operations.no_model")))),
            (say("operations.last_backup"), kept),
        ]
    )
    return markup.section(say("operations.versions"), facts)


def _table(what: str, rows: Sequence[Row]) -> str:
    """A table of `what`; all rows have the same columns, and on a narrow screen cells are labelled by them."""
    columns = markup.heads([what, *(label for _, cells in rows[:1] for label, _ in cells)])
    body = ""
    for head, cells in rows:
        said = "".join(f"<td data-label='{e(label)}'><div>{html}</div></td>" for label, html in cells)
        body += f"<tr><th scope='row'>{head}</th>{said}</tr>"
    return f"<table class='sources even'><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"


def _moment(moment: datetime | None, now: datetime, zones: Zones) -> str:
    if moment is None:
        return e(say("operations.unknown"))
    moment = _minute(moment)
    said = source_words.ago(moment, now)
    return f"{markup.time(moment, said)}<p class='meta'>{e(words.moment_here(moment, zones))}</p>"


def _minute(moment: datetime) -> datetime:
    """Without its seconds, so that what is noted every few seconds changes nothing."""
    return moment.replace(second=0, microsecond=0)


def _banner(title: str, body: str) -> str:
    return markup.banner("⚠", title, markup.told(body), "old")


def _chip(standing: str) -> str:
    return f'<span class="chip f-{standing}" aria-hidden="true">{source_words.look(standing).glyph}</span>'
