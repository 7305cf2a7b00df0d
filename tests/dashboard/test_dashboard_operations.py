"""The page Operations: what it says of each state, and run by Streamlit over a real database."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import operations_view
from dashboard.sessions import Operator
from dashboard.words import Zones
from monitor import __version__
from monitor.readmodel import backups
from monitor.readmodel.model import ReadModel
from monitor.readmodel.operations import Operations, Process, Queued, Stage
from monitor.readmodel.progress import Unread
from monitor.readmodel.roles import note_health
from monitor.readmodel.stages import StageLag, note_stages
from monitor.service.wiring import open_service
from tests.api.test_api_service import _deliver
from tests.readmodel.story import HOSTILE, Story

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WELL = Operations(
    stages=[
        Stage(name, 0, None, "", None if name == "receivers" else NOW)
        for name in ("read_model", "reaction", "queue", "receivers")
    ],
    deliveries=[
        Queued("email", "succeeded", 1200, is_open=False),
        Queued("webhook", "waiting", 2, is_open=True),
    ],
    dead_letters={},
    failed_articles={},
    processes=[Process("watch docks", "box:7", "0.1.0", "", is_silent=False, ok_at=NOW, seen_at=NOW)],
    versions={"parley": "0.1.0", "redis": "7.0.15", "read_model": "readmodel-1.sqlite"},
    is_outdated=False,
    backup=backups.Backup(NOW - timedelta(hours=9), "/backup/7", 4321),
)


def shown(**changes: Any) -> str:
    return operations_view.page(replace(WELL, **changes), NOW, Zones())


def test_when_all_is_well_it_says_so_of_each_stage_and_nothing_stands_out() -> None:
    page = shown()
    for words in ("Log → read model", "Log → decisions", "Log → queue", "Queue → receivers"):
        assert f"<b>{words}</b>" in page
    assert page.count("caught up") == 4
    assert "banner" not in page
    assert operations_view.title(WELL, NOW) == "Operations – Parley"
    for words in (
        "1,200",
        "Waiting for its time",
        "Arrived",
        "7.0.15",
        "readmodel-1.sqlite",
        "9 hours ago",
        "4,321 events",
    ):
        assert words in page
    assert "Given up" not in page, "no column for what never happened"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"stages": [Stage("reaction", 31, NOW - 12 * MINUTE, "docks", NOW)]},
            ["Log → decisions:</b> something has waited for 12 minutes", "<b>31 events</b>", "most of docks"],
        ),
        (
            {"stages": [Stage("receivers", 1, NOW - 3 * 60 * MINUTE, "", None)]},
            ["Queue → receivers:</b> something has waited for 3 hours", "<b>1 delivery</b>"],
        ),
        (
            {"stages": [Stage("queue", 0, None, "", NOW - 20 * MINUTE)]},
            ["Log → queue:</b> not measured for 20 minutes"],
        ),
        (
            {"dead_letters": {"docks": Unread(2, NOW - timedelta(days=1))}},
            [
                "2 dead letters:</b>",
                "parley log verify",
                "<b>docks</b>: 2 entries of the log could not be projected",
            ],
        ),
        (
            {"deliveries": [Queued("email", "abandoned", 3, is_open=False)]},
            ["3 deliveries given up:</b>", "parley deliveries retry --abandoned"],
        ),
        ({"is_outdated": True}, ["Old read model:</b>"]),
        (
            {"backup": backups.Backup(NOW - timedelta(days=5), "/backup/1", 1)},
            ["Old backup:</b> the last one is 5 days old; run <code>parley backup</code>"],
        ),
    ],
)
def test_what_needs_an_operator_stands_above_with_what_to_do(
    changes: dict[str, Any], words: list[str]
) -> None:
    page = shown(**changes)
    for word in words:
        assert word in page
    assert page.index("banner") < page.index("<section")
    assert operations_view.title(replace(WELL, **changes), NOW).startswith("⚠")


def test_roles_say_how_they_fare_where_they_run() -> None:
    page = shown(
        processes=[
            Process("notify", "box:7", "0.2.0", "no <mail> server", is_silent=False, ok_at=None, seen_at=NOW),
            Process("notify", "old:3", "0.1.0", "", is_silent=True, ok_at=NOW, seen_at=NOW - 30 * MINUTE),
        ]
    )
    assert "<b>In trouble</b><p class='meta words'>no &lt;mail&gt; server</p>" in page
    assert "<b>Silent</b><p class='meta'>not heard of for 30 minutes" in page
    assert "<dt>Parley</dt><dd>0.2.0</dd>" in page, "that of those who work"


def test_before_anything_runs_it_says_what_to_do() -> None:
    page = shown(stages=[], deliveries=[], processes=[], backup=None, versions={"parley": "0.1.0"})
    assert "Nothing has been measured yet" in page
    assert "<code>parley up</code> starts them all" in page
    assert "<code>parley backup</code> makes one" in page


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is signed in."""
    monkeypatch.setattr("dashboard.operators.signed_in", lambda: Operator("desk", "a-token"))


def test_who_is_not_signed_in_sees_how_to_and_nothing_else(
    told: Story, model: ReadModel, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.operators.signed_in", lambda: None)
    app.run()
    app.switch_page("pages_/operations.py")
    page = shown_of(app.run())
    assert "Operations is for operators" in page
    assert 'href="login?next=operations"' in page
    assert "parley tokens add NAME --scope operator" in page
    for words in ("Stage", "Roles", "Versions", "read model"):
        assert words not in page


def shown_of(app: AppTest) -> str:
    app.run()
    assert not app.exception, app.exception
    bodies = [element.proto.body for element in app.get("html")]
    return next(one for one in bodies if one.startswith('<div class="parley">') and "data-tick" not in one)


def test_the_page_shows_what_the_service_has_noted(told: Story, model: ReadModel, app: AppTest) -> None:
    now = datetime.now(UTC)
    service = open_service(model.store)
    _deliver(service, [("mail", "succeeded"), ("hook", "abandoned"), ("hook", "pending")])
    lag = StageLag(stage="reaction", events=3, topic="docks", since=now - 9 * MINUTE, measured_at=now)
    note_stages(service, [lag], "7.0.15", now)
    note_health(service, "watch docks", now, HOSTILE)
    (model.data_dir / backups.FILE).write_text(
        json.dumps({"at": now.isoformat(), "place": "/backup/7", "events": 99})
    )
    app.run()
    app.switch_page("pages_/operations.py")
    page = shown_of(app)
    for words in ("<b>3 events</b>", "something has waited for", "1 delivery given up", "7.0.15"):
        assert words in page
    assert f"<dt>Parley</dt><dd>{__version__}</dd>" in page
    assert "99 events, /backup/7" in page
    assert HOSTILE not in page
    service.dispose()


def test_the_page_stays_the_same_to_the_byte_within_a_minute() -> None:
    lag = Stage("reaction", 2, NOW - 3 * MINUTE, "docks", NOW)
    first = shown(stages=[lag])
    assert shown(stages=[replace(lag, measured_at=NOW + timedelta(seconds=20))]) == first
    later = [replace(WELL.processes[0], ok_at=NOW + timedelta(seconds=30))]
    assert shown(stages=[lag], processes=later) == first


def test_a_database_that_cannot_be_read_is_explained(model: ReadModel, app: AppTest) -> None:
    model.data_dir.mkdir()
    (model.data_dir / "service.sqlite").write_bytes(b"no database" * 999)
    app.run()
    app.switch_page("pages_/operations.py")
    assert "cannot be read at the moment" in shown_of(app)


def test_an_empty_folder_is_no_error(model: ReadModel, app: AppTest) -> None:
    app.run()
    app.switch_page("pages_/operations.py")
    assert "Nothing has been measured yet" in shown_of(app)
