"""`parley deliveries`: what was sent to whom, what became of it, and how it is sent again; without Redis."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from monitor import ids
from monitor.alerts.config import SubscriptionConfig
from monitor.alerts.delivery import State, Verdict, outcome
from monitor.alerts.fanout import queue
from monitor.alerts.message import Message
from monitor.alerts.queue import claim, settle
from monitor.alerts.subscriptions import Subscriptions, subscription_id
from monitor.alerts.tables import MessageRow, transaction
from monitor.alerts.vault import Vault
from monitor.ids import fact_id
from monitor.readmodel.store import Store
from monitor.service.wiring import open_service
from tests.cli.conftest import Parley

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "anna.secret@example.org"


@pytest.fixture
def folder(data_dir: Path) -> Path:
    """A data folder with three deliveries: two given up, one that waits."""
    engine = open_service(Store(data_dir))
    configs = [
        SubscriptionConfig(id="anna", kind="email", address=ADDRESS),
        SubscriptionConfig(id="screen", kind="console"),
    ]
    Subscriptions(engine, Vault("a" * 43 + "=")).sync(configs, NOW)
    for number, names in enumerate((("anna",), ("anna", "screen"))):
        _queue(engine, number, names)
        for delivery in claim(engine, NOW, 5):
            if delivery.recipient.kind == "email":
                judged = Verdict(State.ABANDONED, "refused", f"550 <{ADDRESS}> unknown")
                settle(engine, [outcome(delivery, judged, at=NOW, by="test")])
    engine.dispose()
    return data_dir


def _queue(engine: Any, number: int, names: tuple[str, ...]) -> None:
    alert = fact_id("alert", number)
    message = Message(subject=f"[Parley] Talks {number}", text=f"Talks {number}\n", html="", payload={})
    content = message.model_dump(mode="json")
    row = MessageRow(
        event_id=fact_id("event", number), topic="pti", alert=alert, kind="alert", content=content
    )
    with transaction(engine) as session:
        assert isinstance(session, Session)
        named = [subscription_id(name) for name in names]
        queue(session, row, {one: ids.delivery_id(alert, one, "alert") for one in named}, NOW)


def listed(parley: Parley, folder: Path, *options: str) -> list[dict[str, Any]]:
    done = parley("--data", str(folder), "deliveries", "list", "--json", *options)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_deliveries_are_listed_and_chosen(parley: Parley, folder: Path) -> None:
    assert [(one["subject"], one["state"]) for one in listed(parley, folder)] == [
        ("[Parley] Talks 1", "leased"),
        ("[Parley] Talks 1", "abandoned"),
        ("[Parley] Talks 0", "abandoned"),
    ]
    assert len(listed(parley, folder, "--state", "abandoned", "--subscription", "anna")) == 2
    assert len(listed(parley, folder, "--subscription", "screen")) == 1
    assert len(listed(parley, folder, "--limit", "2")) == 2
    assert len(listed(parley, folder, "--since", "2026-03-01")) == 3
    assert listed(parley, folder, "--since", "2026-03-02") == []
    assert listed(parley, folder, "--topic", "elsewhere") == []


def test_no_command_shows_an_address(parley: Parley, folder: Path) -> None:
    id_ = listed(parley, folder, "--state", "abandoned")[0]["id"]
    for arguments in (["list"], ["list", "--json"], ["show", id_], ["show", id_, "--json"]):
        done = parley("--data", str(folder), "deliveries", *arguments)
        assert done.returncode == 0, done.stderr
        assert "anna.secret" not in done.stdout
        assert "anna" in done.stdout


def test_one_delivery_is_shown_with_its_attempts_and_its_message(parley: Parley, folder: Path) -> None:
    id_ = listed(parley, folder, "--state", "abandoned")[-1]["id"]
    shown = parley("--data", str(folder), "deliveries", "show", id_[:10]).stdout
    assert "attempt 1 at 2026-03-01 12:00:00: refused: 550 <…@example.org> unknown" in shown
    assert f"`parley deliveries retry {id_[:12]}` puts it back" in shown
    assert shown.endswith("Talks 0\n")
    document = json.loads(parley("--data", str(folder), "deliveries", "show", id_, "--json").stdout)
    assert document["attempts_made"] == [
        {"attempt": 1, "at": NOW.isoformat(), "outcome": "refused: 550 <…@example.org> unknown"}
    ]
    assert document["next_try_at"] is None
    assert document["problem"]["reason"] == "refused"


def test_what_was_given_up_is_put_back_once(parley: Parley, folder: Path) -> None:
    ids_ = [one["id"] for one in listed(parley, folder, "--state", "abandoned")]
    done = parley("--data", str(folder), "deliveries", "retry", ids_[0])
    assert (done.returncode, done.stdout) == (0, "1 put back.\n")
    done = parley("--data", str(folder), "deliveries", "retry", *ids_)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"{ids_[0]}: it is in the queue already",
        "1 put back, 1 had no need.",
    ]
    assert listed(parley, folder, "--state", "abandoned") == []
    assert {one["id"] for one in listed(parley, folder, "--state", "pending")} == set(ids_)


def test_a_range_is_put_back(parley: Parley, folder: Path) -> None:
    base = ("--data", str(folder), "deliveries", "retry", "--abandoned")
    assert parley(*base, "--subscription", "screen").stdout == "0 put back.\n"
    assert parley(*base, "--since", "2026-03-02").stdout == "0 put back.\n"
    done = parley(*base, "--since", "2026-03-01", "--subscription", "anna", "--json")
    assert [one["put_back"] for one in json.loads(done.stdout)] == [True, True]
    assert parley(*base).stdout == "0 put back.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["retry"], "name deliveries by their ids, or give --abandoned"),
        (["retry", "abcdefgh", "--abandoned"], "name deliveries by their ids, or give --abandoned"),
        (["retry", "abcdefgh", "--topic", "pti"], "choose among --abandoned"),
        (["retry", "abcdefgh"], "there is no delivery 'abcdefgh'"),
        (["show", "abc"], "there is no delivery 'abc'"),
        (["list", "--since", "yesterday"], "--since takes a day like 2025-05-29"),
        (["list", "--subscription", "nobody"], "there is no subscription 'nobody'; known are anna, screen"),
        (["list", "--state", "lost"], "abandoned"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    parley: Parley, folder: Path, arguments: list[str], words: str
) -> None:
    done = parley("--data", str(folder), "deliveries", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_in_which_nothing_was_delivered_is_not_made(parley: Parley, data_dir: Path) -> None:
    assert parley("--data", str(data_dir), "deliveries").stdout == "No deliveries.\n"
    done = parley("--data", str(data_dir), "deliveries", "retry", "--abandoned")
    assert done.returncode == 2
    assert "nothing was ever delivered" in done.stderr
    assert not data_dir.exists()
