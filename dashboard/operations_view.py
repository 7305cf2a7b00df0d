"""The Operations page as HTML: how far each stage is, what waits for receivers, who works, what is safe. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from dashboard import markup, source_words, words
from dashboard.markup import e
from dashboard.words import Zones
from monitor.readmodel.queries import Operations, Process, Queued, Stage

_STAGES: Mapping[str, tuple[str, str, str]] = {
    "read_model": ("Log → read model", "event", "what the pages show"),
    "reaction": ("Log → decisions", "event", "claims, status and alerts"),
    "queue": ("Log → queue", "event", "who is to be told what"),
    "receivers": ("Queue → receivers", "delivery", "what is due and not there yet"),
}
"""Stage -> from where to where, what waits, and what the stage does."""
_STATES = {
    "waiting": "waiting for its time",
    "joined": "in a digest",
    "pending": "due",
    "leased": "being sent",
    "failed": "to be tried again",
    "succeeded": "arrived",
    "abandoned": "given up",
    "dropped": "not wanted",
}
"""State of a delivery -> in words, in the order of its life."""
_LATE = timedelta(minutes=5)
"""What waits for longer than this is worth an operator's eye."""
_BACKUP_IS_OLD = timedelta(days=2)


def title(shown: Operations, now: datetime) -> str:
    """The browser tab's title: it says whether something needs an operator."""
    return "⚠ Operations – Parley" if _banners(shown, now) else "Operations – Parley"


def page(shown: Operations, now: datetime, zones: Zones) -> str:
    """The page; `now` to the minute, so that it changes no more often by itself."""
    return (
        f"<h1 class='plain'>Operations</h1>{_banners(shown, now)}"
        f"{_way(shown.stages, now, zones)}{_deliveries(shown.deliveries)}{_dead(shown, zones)}"
        f"{_processes(shown.processes, now, zones)}{_versions(shown, now, zones)}"
    )


def _banners(shown: Operations, now: datetime) -> str:
    """What needs an operator, and what to do."""
    said = "".join(_late(stage, now) for stage in shown.stages)
    given_up = sum(one.count for one in shown.deliveries if one.state == "abandoned")
    if shown.dead_letters:
        count = sum(one.count for one in shown.dead_letters.values())
        said += _banner(
            f"{words.count(count, 'dead letter')}:",
            "entries of the log could not be projected. `parley log verify` names them; update Parley, then run "
            "`parley rebuild`.",
        )
    if given_up:
        said += _banner(
            f"{words.count(given_up, 'delivery', 'deliveries')} given up:",
            "`parley deliveries list --state abandoned` says why; `parley deliveries retry --abandoned` sends again.",
        )
    if shown.is_outdated:
        said += _banner(
            "Old read model:",
            "another version of Parley made it; the role `watch` makes it again at its start.",
        )
    if shown.backup and now - shown.backup.at > _BACKUP_IS_OLD:
        age = source_words.lasting(now - shown.backup.at)
        said += _banner("Old backup:", f"the last one is {age} old; run `parley backup`.")
    return said


def _late(stage: Stage, now: datetime) -> str:
    name = _STAGES.get(stage.name, (stage.name, "", ""))[0]
    if stage.measured_at and now - stage.measured_at > _LATE:
        age = source_words.lasting(now - stage.measured_at)
        return _banner(
            f"{name}:", f"not measured for {age}; see below whether the roles run, then `parley doctor`."
        )
    if stage.waiting and stage.since and now - stage.since > _LATE:
        age = source_words.lasting(now - _minute(stage.since))
        return _banner(f"{name}:", f"something has waited for {age}; `parley doctor` says what hinders it.")
    return ""


def _way(stages: Sequence[Stage], now: datetime, zones: Zones) -> str:
    if not stages:
        return "<p>Nothing has been measured yet. It appears here as soon as Parley runs.</p>"
    rows = [
        (
            f"<b>{e(_STAGES[stage.name][0])}</b><p class='meta'>{e(_STAGES[stage.name][2])}</p>",
            ("Waiting", _waiting(stage, now)),
            ("Oldest", _moment(stage.since, now, zones) if stage.waiting else "–"),
        )
        for stage in stages
        if stage.name in _STAGES
    ]
    return _section("How far everything is", _table(("Stage", "Waiting", "Oldest"), rows))


def _waiting(stage: Stage, now: datetime) -> str:
    if not stage.waiting:
        return f"{_chip('well')} caught up"
    late = stage.since is not None and now - stage.since > _LATE
    what = _STAGES[stage.name][1]
    many = "deliveries" if what == "delivery" else ""
    most = f"<p class='meta'>most of {e(stage.topic)}</p>" if stage.topic else ""
    return f"{_chip('failing' if late else 'new')} <b>{words.count(stage.waiting, what, many)}</b>{most}"


def _deliveries(deliveries: Sequence[Queued]) -> str:
    if not deliveries:
        return _section("Deliveries", "<p>None yet.</p>")
    channels = sorted({one.channel for one in deliveries})
    counts = {(one.channel, one.state): one.count for one in deliveries}
    states = [state for state in _STATES if any((channel, state) in counts for channel in channels)]
    rows = [
        (
            f"<b>{e(channel)}</b>",
            *((_STATES[state], f"{counts.get((channel, state), 0):,}") for state in states),
        )
        for channel in channels
    ]
    return _section("Deliveries", _table(("By", *(words.sentence(_STATES[state]) for state in states)), rows))


def _dead(shown: Operations, zones: Zones) -> str:
    lines = [
        (topic, f"{words.count(one.count, what, many)} {fate}", one.since)
        for found, what, many, fate in (
            (shown.dead_letters, "entry", "entries", "of the log could not be projected"),
            (shown.failed_articles, "article", "articles", "on which the detector failed"),
        )
        for topic, one in sorted(found.items())
    ]
    if not lines:
        return _section("Dead letters", f"<p>{_chip('well')} None.</p>")
    rows = "".join(
        f"<li>{_chip('failing')}<div><b>{e(topic)}</b>: {e(what)}"
        + (f"<p class='meta'>since {markup.moment_here(since, zones)}</p>" if since else "")
        + "</div></li>"
        for topic, what, since in lines
    )
    return _section("Dead letters", f"<ul class='rows'>{rows}</ul>")


def _processes(processes: Sequence[Process], now: datetime, zones: Zones) -> str:
    if not processes:
        return _section("Roles", "<p>None runs here. `parley up` starts them all.</p>")
    rows = [
        (
            f"<b>{e(one.role)}</b><p class='meta words'>{e(one.instance)}</p>",
            ("How it fares", _fares(one, now)),
            ("Last success", _moment(one.ok_at, now, zones) if one.ok_at else "never"),
            ("Version", e(one.version or "unknown")),
        )
        for one in processes
    ]
    return _section("Roles", _table(("Role", "How it fares", "Last success", "Version"), rows))


def _fares(one: Process, now: datetime) -> str:
    if one.is_silent:
        seen = f" for {source_words.lasting(now - _minute(one.seen_at))}" if one.seen_at else ""
        return f"{_chip('silent')} <b>Silent</b><p class='meta'>not heard of{e(seen)}</p>"
    if one.trouble:
        return f"{_chip('failing')} <b>In trouble</b><p class='meta words'>{e(one.trouble)}</p>"
    return f"{_chip('well')} Well"


def _versions(shown: Operations, now: datetime, zones: Zones) -> str:
    running = dict.fromkeys(one.version for one in shown.processes if one.version and not one.is_silent)
    backup = shown.backup
    kept = (
        f"{_moment(backup.at, now, zones)}<p class='meta words'>{backup.events:,} events, {e(backup.place)}</p>"
        if backup
        else "none is known of<p class='meta'>`parley backup` makes one</p>"
    )
    facts = markup.facts(
        [
            ("Parley", e(", ".join(running) or shown.versions["parley"])),
            ("Redis", e(shown.versions.get("redis", "unknown"))),
            ("Read model", e(shown.versions.get("read_model", "none yet"))),
            ("Last backup", kept),
        ]
    )
    return _section("Versions and backup", facts)


def _section(name: str, html: str) -> str:
    return f"<section aria-label='{e(name)}'><h2>{e(name)}</h2>{html}</section>"


def _table(head: Iterable[str], rows: Iterable[tuple[str | tuple[str, str], ...]]) -> str:
    """Rows of (HTML of what it is, (column, HTML), ...); on a narrow screen cells are labelled by their columns."""
    columns = "".join(f"<th scope='col'>{e(name)}</th>" for name in head)
    body = ""
    for what, *cells in rows:
        said = "".join(
            f"<td data-label='{e(words.sentence(label))}'><div>{html}</div></td>" for label, html in cells
        )
        body += f"<tr><th scope='row'>{what}</th>{said}</tr>"
    return f"<table class='sources even'><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"


def _moment(moment: datetime | None, now: datetime, zones: Zones) -> str:
    if moment is None:
        return "unknown"
    moment = _minute(moment)
    said = source_words.ago(moment, now)
    return f"{markup.time(moment, said)}<p class='meta'>{e(words.moment_here(moment, zones))}</p>"


def _minute(moment: datetime) -> datetime:
    """Without its seconds, so that what is noted every few seconds changes nothing."""
    return moment.replace(second=0, microsecond=0)


def _banner(title: str, body: str) -> str:
    return markup.banner("⚠", title, e(body), "old")


def _chip(standing: str) -> str:
    return f'<span class="chip f-{standing}" aria-hidden="true">{source_words.look(standing).glyph}</span>'
