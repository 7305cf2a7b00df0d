"""What events about alerts write: each alert as it stands, and the records of how it stood before."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from monitor.log.events import AlertAcknowledged, AlertCancelled, AlertRaised, Quote, data_of
from monitor.log.stream import Recorded
from monitor.readmodel.alert_standing import Standing
from monitor.readmodel.page import Page
from monitor.readmodel.tables import AlertRecordRow, AlertRow, ShiftRow
from monitor.vocabulary import WITHHELD

_NOT_SAID = {"certainty": None, "confidence": None, "contested": None}
"""How sure an alert was that is taken back."""


def write_changed(page: Page, recorded: Recorded) -> None:
    """Of `alert.raised`, `.updated` and `.suppressed`."""
    event, data = recorded.event, data_of(recorded.event, AlertRaised)
    known = page.get(AlertRow, data.alert_id)
    state = event.type.removeprefix("alert.")
    shift = page.get(ShiftRow, data.shift_id)
    sure = {
        "certainty": data.certainty.value,
        "confidence": shift["confidence"] if shift else None,
        "contested": data.contested,
    }
    change = _change(recorded, state, data.reason, data.text, sure)
    removed = removed_of(page, data.evidence)
    evidence = [withheld(quote, removed) for quote in event.data["evidence"]]
    _put(
        page,
        recorded,
        {
            "alert_id": data.alert_id,
            "shift_id": data.shift_id,
            "channel": data.channel,
            "from_status": data.from_status.value,
            "to_status": data.to_status.value,
            "name": data.name,
            "effective_at": data.effective_at,
            "severity": data.severity,
            **sure,
            "words": _words_of(data.name, data.text, evidence),
            "text": data.text,
            "evidence": evidence,
            "state": state,
            "reason": data.reason,
            "raised_at": known["raised_at"]
            if known and known["state"] != "suppressed"
            else event.recorded_at,
            "event_id": event.id,
            "acknowledged": False,
            "changes": [*known["changes"], change] if known else [change],
        },
    )


def write_cancelled(page: Page, recorded: Recorded) -> None:
    """Of `alert.cancelled`."""
    event, data = recorded.event, data_of(recorded.event, AlertCancelled)
    if row := page.get(AlertRow, data.alert_id):
        now = {
            "state": "cancelled",
            "reason": data.reason,
            "text": data.text,
            "event_id": event.id,
            "acknowledged": False,
            "changes": [*row["changes"], _change(recorded, "cancelled", data.reason, data.text)],
        }
        _put(page, recorded, {**row, **now})


def _put(page: Page, recorded: Recorded, row: dict[str, Any]) -> None:
    """The alert as it stands from now on, and the end of how it stood before."""
    page.put(AlertRow, row)
    ordinal, now = len(row["changes"]) - 1, recorded.event.recorded_at
    if before := page.get(AlertRecordRow, row["alert_id"], ordinal - 1):
        page.put(AlertRecordRow, {**before, "known_until": now})
    record = {name: row[name] for name in ("alert_id", *Standing.model_fields)}
    page.put(AlertRecordRow, {**record, "ordinal": ordinal, "known_from": now, "known_until": None})


def write_acknowledged(page: Page, recorded: Recorded) -> None:
    """Of what was told before it changed, a person may have taken note just then: that counts no more."""
    event, data = recorded.event, data_of(recorded.event, AlertAcknowledged)
    row = page.get(AlertRow, data.alert_id)
    if row is not None and event.cause in {None, row["event_id"]}:
        page.put(AlertRow, {**row, "acknowledged": True})


def withhold(page: Page, article_id: str) -> None:
    """Take an article's words out of every alert of the page."""
    for alert in page.all(AlertRow):
        evidence = [withheld(quote, {article_id}) for quote in alert["evidence"]]
        if evidence != alert["evidence"]:
            words = _words_of(alert["name"], alert["text"], evidence)
            page.put(AlertRow, {**alert, "evidence": evidence, "words": words})


def withheld(quote: dict[str, Any], removed: Collection[str]) -> dict[str, Any]:
    """A quote of an alert, without its words when its article is among those `removed`."""
    return {**quote, "text": WITHHELD} if quote["article_id"] in removed else quote


def removed_of(page: Page, quotes: Iterable[Quote]) -> set[str]:
    """Which of the quoted articles are removed: an alert may have been decided on before, and be appended after."""
    quoted = {quote.article_id: page.state.article(quote.article_id) for quote in quotes}
    return {id_ for id_, article in quoted.items() if article is not None and article.removed}


def _words_of(name: str, text: str, evidence: Collection[Mapping[str, Any]]) -> str:
    """What an alert is found by: what it says, and what it quotes and of whom."""
    quotes = [quote["text"] for quote in evidence if quote["text"] != WITHHELD]
    return "\n".join(dict.fromkeys([name, text, *(quote["outlet"] for quote in evidence), *quotes]))


def _change(
    recorded: Recorded, state: str, reason: str, text: str, sure: Mapping[str, Any] = _NOT_SAID
) -> dict[str, Any]:
    return {
        "at": recorded.event.recorded_at.isoformat(),
        "state": state,
        **sure,
        "reason": reason,
        "text": text,
    }
