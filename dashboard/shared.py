"""What all viewers ask alike of the service, which has no version to ask by: once a refresh for all of them."""

from datetime import UTC, datetime

import streamlit as st

from monitor.readmodel import queries
from monitor.readmodel.queries import ReadModel, SourceForm, Store

REFRESH_S = 3
"""How often a page that is open asks anew."""


@st.cache_data(ttl=REFRESH_S, max_entries=4, show_spinner=False)
def sources(store: Store) -> list[SourceForm]:
    """How each source fares; raises as `queries.sources` does."""
    return queries.sources(ReadModel(store), datetime.now(UTC))


@st.cache_data(ttl=REFRESH_S, max_entries=4, show_spinner=False)
def troubles(store: Store) -> dict[str, str]:
    """What hinders the service; raises as `queries.troubles` does."""
    return queries.troubles(ReadModel(store), datetime.now(UTC))
