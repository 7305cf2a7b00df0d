"""What is chosen as a file: from the HTTP API where everybody can read it, else made here."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

import streamlit as st

from dashboard.api import Api
from dashboard.catalogue import say
from monitor.readmodel import queries
from monitor.readmodel.queries import AlertFilter, ReadModel

_MOST = 500
"""Entries that the API gives at once as JSON."""


def api_address() -> str:
    """The API's address as browsers reach it; empty: nobody said so, or it is not open to all."""
    return Api.of(os.environ).open_url


def addresses(topic: str, chosen: AlertFilter, total: int) -> Mapping[str, str]:
    """Name of a form -> the address of the chosen alerts in it."""
    if not api_address():
        return {}
    place = f"{api_address().rstrip('/')}/v1/topics/{quote(topic, safe='')}/alerts"
    asked = _asked(chosen)
    label = say("alerts.json") if total <= _MOST else say("alerts.json_first", number=str(_MOST))
    return {
        say("alerts.csv"): f"{place}.csv?{urlencode(asked)}",
        label: f"{place}?{urlencode([*asked, ('limit', str(_MOST))])}",
    }


def buttons(model: ReadModel, topic: str, chosen: AlertFilter) -> None:
    """Buttons that make the files when they are pressed."""

    def table() -> str:
        return "".join(queries.alerts_csv(queries.alert_batches(model, topic, chosen)))

    def documents() -> str:
        return json.dumps([one.to_json() for one in queries.alerts(model, topic, chosen)])

    with st.container(horizontal=True, key="alerts-files"):
        for label, data, name, kind in (
            (say("alerts.csv"), table, "alerts.csv", "text/csv"),
            (say("alerts.json"), documents, "alerts.json", "application/json"),
        ):
            st.download_button(label, data, name, kind, on_click="ignore", icon=":material/download:")


def _asked(chosen: AlertFilter) -> list[tuple[str, str]]:
    """As the API takes it (`monitor.api.parameters.AskedAlerts`)."""
    single = {
        "channel": chosen.channel,
        "certainty": chosen.certainty,
        "contested": None if chosen.contested is None else str(chosen.contested).lower(),
        "from": _iso(chosen.first),
        "until": _iso(chosen.last),
        "q": chosen.q,
        "as_of": chosen.as_of and chosen.as_of.isoformat(),
        "known_at": _iso(chosen.known_at),
    }
    several = [*(("status", one) for one in chosen.status), *(("state", one) for one in chosen.state)]
    return [*several, *((name, value) for name, value in single.items() if value)]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
