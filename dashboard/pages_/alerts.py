"""Alerts: what Parley told and what it did not, with the reasons."""

import streamlit as st

from dashboard import alerts_view
from dashboard.live import Shown, View, live
from monitor.readmodel import queries

_NEWEST = 200


def _page(view: View) -> Shown:
    alerts = queries.alerts(view.model, view.topic.topic, limit=_NEWEST)
    html = alerts_view.page(view.topic, alerts, _NEWEST, view.zones, st.query_params.get("alert"))
    return Shown(f"Alerts – {view.topic.label}", html)


live("alerts", _page)
