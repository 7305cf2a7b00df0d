"""The dashboard's entry: `streamlit run dashboard/app.py`, started by the supervisor (see `dashboard.launch`)."""

import streamlit as st

from dashboard.catalogue import say
from dashboard.live import style

st.set_page_config(page_title="Parley", page_icon="🕊️", layout="wide")
st.html(style())
st.navigation(
    [
        st.Page("pages_/status.py", title=say("pages.status"), default=True),
        st.Page("pages_/timeline.py", title=say("pages.timeline"), url_path="timeline"),
        st.Page("pages_/alerts.py", title=say("pages.alerts"), url_path="alerts"),
        st.Page("pages_/evidence.py", title=say("pages.evidence"), url_path="evidence"),
        st.Page("pages_/sources.py", title=say("pages.sources"), url_path="sources"),
        st.Page("pages_/operations.py", title=say("pages.operations"), url_path="operations"),
    ],
    position="top",
).run()
