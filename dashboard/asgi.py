"""The dashboard as an ASGI application: `streamlit run dashboard/asgi.py`, started by the supervisor (see `launch`)."""

import os
import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # Streamlit runs this as a script, from anywhere

from dashboard import plain  # noqa: E402
from dashboard.gate import Access, Gate  # noqa: E402
from dashboard.head import HeadOf  # noqa: E402

app = st.App(
    HERE / "app.py",
    routes=plain.ROUTES,
    middleware=[
        Middleware(Gate, access=Access.of(os.environ)),
        Middleware(HeadOf, head=plain.head_of_app),
    ],
)
