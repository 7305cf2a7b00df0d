"""`parley subscriptions`: an operator adds, tries out, pauses, re-keys and removes them; no Redis is there."""

import base64
import io
import json
import logging
import os
import re
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import pytest
from sqlmodel import Session, select
from standardwebhooks import Webhook

from monitor.alerts.config import Wishes
from monitor.alerts.people import People
from monitor.alerts.tables import SubscriptionRow
from monitor.alerts.vault import open_vault
from monitor.cli import main
from monitor.readmodel.store import SERVICE_FILE, Store
from monitor.service.wiring import open_service

OWN = "whsec_" + base64.b64encode(b"o" * 32).decode()
HOOK = "https://desk.example/hooks/t0ken?key=s3cret"
TOML = """
seeds = false
[[subscriptions]]
id = "desk"
kind = "email"
address = "desk@example.org"
topics = ["pti"]
"""


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str

    @property
    def document(self):
        assert self.returncode in (0, 1), self.stderr
        return json.loads(self.stdout)

    @property
    def refusal(self):
        """The one line that says what is wrong."""
        assert self.returncode == 2, self.stdout
        (line,) = self.stderr.strip().splitlines()
        return line


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "parley.toml"
    path.write_text("seeds = false\n")
    return path


@pytest.fixture
def parley(tmp_path, config):
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments, stdin=""):
        out, err = io.StringIO(), io.StringIO()
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
        argv = ["parley", "--config", str(config), "--data", str(tmp_path / "data"), "subscriptions"]
        with (
            mock.patch.object(sys, "argv", [*argv, *arguments]),
            mock.patch.object(sys, "stdin", io.StringIO(stdin)),
            mock.patch.dict(os.environ, clean, clear=True),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as left,
        ):
            main()
        return Done(int(left.value.code or 0), out.getvalue(), err.getvalue())

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def service(tmp_path):
    """The service's database."""
    engine = open_service(Store(tmp_path / "data"))
    yield engine
    engine.dispose()


def rows(service):
    with Session(service) as session:
        return {row.name: row for row in session.exec(select(SubscriptionRow))}


def test_to_look_at_none_makes_no_data_folder(parley, tmp_path):
    assert parley("list", "--json").document == []
    assert "parley subscriptions add" in parley().stdout
    assert not (tmp_path / "data").exists()


def test_a_subscription_is_added_with_all_its_wishes_and_shown_masked(parley):
    added = parley(
        *("add", "anna", "email", "anna@example.org", "--topic", "pti", "--channel", "government"),
        *("--status", "agreed", "--status", "collapsed", "--min-severity", "major"),
        *("--min-certainty", "confirmed", "--time-zone", "Asia/Karachi", "--quiet", "22:00-07:00"),
        *("--quiet-then", "drop", "--digest", "daily", "--digest-at", "07:30", "--group", "60"),
        *("--urgent", "none"),
    )
    assert added.returncode == 0, added.stderr
    assert "smtp.host" in added.stdout
    shown = parley("show", "anna", "--json").document
    assert (shown["kind"], shown["target"], shown["state"]) == ("email", "a***@example.org", "served")
    assert Wishes.model_validate(shown["wishes"]) == Wishes(
        topics=("pti",),
        channels=("government",),
        statuses=("agreed", "collapsed"),
        min_severity="major",
        min_certainty="confirmed",
        time_zone="Asia/Karachi",
        quiet_from="22:00",
        quiet_until="07:00",
        quiet_then="drop",
        digest="daily",
        digest_at="07:30",
        group_s=60,
        urgent=None,
    )
    [change] = shown["history"]
    assert (change["what"], change["fields"]) == ("added", [])
    assert re.fullmatch(r"operator:[0-9a-f]{32}", change["by"])
    text = parley("show", "anna").stdout
    assert "a***@example.org" in text
    assert "anna@example.org" not in text + parley("list").stdout + parley("list", "--json").stdout


def test_a_webhooks_secret_is_made_and_shown_once(parley, service):
    added = parley("add", "hook", "webhook", "--target-file", "-", "--json", stdin=HOOK + "\n").document
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", added["secret"])
    assert added["target"] == "https://desk.example/***"
    after = "".join(
        parley(*words).stdout for words in (["show", "hook"], ["show", "hook", "--json"], ["list"])
    )
    for hidden in (added["secret"], "t0ken", "s3cret"):
        assert hidden not in after
    assert "t0ken" not in rows(service)["hook"].target


def test_an_own_secret_comes_from_a_file_and_is_not_shown_at_all(parley, tmp_path, service):
    path = tmp_path / "secret"
    path.write_text(OWN + "\n")
    added = parley("add", "hook", "webhook", HOOK, "--secret-file", str(path), "--json")
    assert added.document["secret"] is None
    assert OWN not in added.stdout
    assert open_vault(tmp_path / "data").open(rows(service)["hook"].secret) == OWN


@pytest.mark.parametrize(
    ("kind", "target", "shown"),
    [
        ("chat", "slack://TokenA/TokenB/TokenC", "slack://***"),
        ("file", "/var/log/alerts.log", "/var/log/alerts.log"),
        ("console", None, ""),
    ],
)
def test_every_kind_can_be_added(parley, kind, target, shown):
    added = parley("add", "one", kind, *([target] if target else []), "--json").document
    assert (added["kind"], added["target"], added["secret"]) == (kind, shown, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["anna", "pigeon", "x"], "kinds are webhook"),
        (["anna", "email"], "say where"),
        (["anna", "email", "anna"], "name@example.org"),
        (["Anna!", "email", "anna@example.org"], "id"),
        (["anna", "email", "anna@example.org", "--topic", "ptj"], "watched are pti"),
        (["anna", "email", "anna@example.org", "--channel", "nobody"], "there is: "),
        (["anna", "email", "anna@example.org", "--status", "over"], "statuses"),
        (["anna", "email", "anna@example.org", "--quiet", "22:00"], "22:00-07:00"),
        (["anna", "email", "anna@example.org", "--quiet", "22:00-22:00"], "two different ends"),
        (["anna", "email", "anna@example.org", "--time-zone", "Nowhere"], "Asia/Karachi"),
        (["anna", "email", "anna@example.org", "--secret-file", "x"], "only a webhook"),
        (["hook", "webhook", "ftp://desk.example/s3cret"], "https://"),
        (["hook", "webhook", HOOK, "--target-file", "x"], "not both"),
        (["hook", "webhook", HOOK, "--secret-file", "/nowhere/at/all"], "cannot read"),
        (["me", "console", "x"], "no target"),
    ],
)
def test_what_is_wrong_is_one_clear_line_that_gives_nothing_away(parley, arguments, said):
    refusal = parley("add", *arguments).refusal
    assert said in refusal
    assert "s3cret" not in refusal
    assert parley("list", "--json").document == []


@pytest.mark.parametrize("stdin", ["", "a b", "anna@example.org\nben@example.org"])
def test_a_target_from_stdin_is_one_line(parley, stdin):
    assert (
        "nothing else in stdin" in parley("add", "anna", "email", "--target-file", "-", stdin=stdin).refusal
    )


def test_a_name_is_taken_once_and_free_again_after_the_end(parley):
    assert parley("add", "anna", "console").returncode == 0
    assert "already" in parley("add", "anna", "console").refusal
    assert parley("remove", "anna").returncode == 0
    assert "it has ended" in parley("pause", "anna").refusal
    assert parley("add", "anna", "console").returncode == 0
    assert len(parley("list", "--json").document) == 1
    assert len(parley("list", "--all", "--json").document) == 2
    assert parley("show", "anna", "--json").document["state"] == "served"


def test_removing_erases_what_is_personal_and_keeps_the_history(parley, service):
    parley("add", "hook", "webhook", HOOK)
    assert parley("remove", "hook").returncode == 0
    row = rows(service)["hook"]
    assert (row.target, row.target_mark, row.secret) == ("", "", None)
    shown = parley("show", "hook", "--json").document
    assert [one["what"] for one in shown["history"]] == ["added", "ended"]


def test_pausing_and_resuming(parley, service):
    parley("add", "me", "console")
    before = rows(service)["me"].served_from
    assert parley("pause", "me").returncode == 0
    assert "paused by the operator" in parley("list").stdout
    assert "paused by the operator" in parley("pause", "me").refusal
    assert parley("resume", "me").returncode == 0
    assert "served already" in parley("resume", "me").refusal
    assert rows(service)["me"].served_from > before
    history = parley("show", "me", "--json").document["history"]
    assert [one["what"] for one in history] == ["added", "paused", "resumed"]


def test_what_the_settings_name_is_shown_with_its_origin_and_stays(parley, config, service):
    config.write_text(TOML)
    [shown] = parley("list", "--json").document
    assert (shown["name"], shown["origin"], shown["file"]) == ("desk", "settings", str(config))
    assert str(config) in parley("remove", "desk").refusal
    assert str(config) in parley("secret", "desk").refusal
    assert "already" in parley("add", "desk", "console").refusal
    assert parley("pause", "desk").returncode == 0
    assert "paused by the operator" in parley("list").stdout
    config.write_text("seeds = false\n")  # a command that was given other settings ends nothing
    assert len(parley("list", "--json").document) == 1
    assert rows(service)["desk"].target


def test_a_person_is_found_by_the_beginning_of_the_id(parley, tmp_path, service):
    vault, now = open_vault(tmp_path / "data"), datetime.now(UTC)
    people = People(service, vault, "https://api.parley.example", lambda: now, {}, is_open=True)
    people.ask("anna@example.org", Wishes())
    [shown] = parley("list", "--json").document
    assert (shown["name"], shown["origin"], shown["state"]) == ("", "person", "paused")
    id_ = shown["id"][:8]
    assert "not confirmed yet" in parley("list").stdout
    assert "only the owner" in parley("resume", id_).refusal
    assert "not confirmed yet" in parley("test", id_).refusal
    assert parley("remove", id_).returncode == 0
    assert f"there is no subscription '{id_[:3]}'" in parley("show", id_[:3]).refusal


def test_a_misspelt_name_names_those_there_are(parley):
    parley("add", "anna", "console")
    assert "known are anna" in parley("show", "ana").refusal


class Receiver:
    """A webhook's receiver that answers with `status`."""

    def __init__(self):
        self.status, self.got = 204, []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers.items()), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def verified(secret, request):
    headers, body = request
    return Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})


def test_a_test_goes_the_real_way_at_once_and_says_it_is_one(parley, receiver):
    added = parley("add", "hook", "webhook", receiver.url, "--allow-private", "--json").document
    done = parley("test", "hook", "--json")
    assert done.returncode == 0
    assert done.document["ok"] is True
    [request] = receiver.got
    told = verified(added["secret"], request)
    assert told["data"]["test"] is True


def test_a_test_that_is_refused_says_why(parley, receiver):
    parley("add", "hook", "webhook", receiver.url, "--allow-private")
    receiver.status = 500
    done = parley("test", "hook", "--json")
    assert done.returncode == 1
    assert (done.document["ok"], done.document["reason"]) == (False, "server")
    done = parley("test", "hook")
    assert done.returncode == 1
    assert "would be tried again" in done.stdout
    parley("add", "mail", "email", "anna@example.org")
    assert "smtp.host" in parley("test", "mail").refusal


def test_a_test_reaches_a_file_and_the_console(parley, tmp_path):
    path = tmp_path / "alerts.log"
    parley("add", "log", "file", str(path))
    assert parley("test", "log").returncode == 0
    assert json.loads(path.read_text())["data"]["test"] is True
    parley("add", "screen", "console")
    done = parley("test", "screen", "--json")
    assert done.document["ok"] is True
    assert "TEST" in done.stderr


def test_after_a_change_of_secret_both_sign(parley, receiver, tmp_path):
    old = parley("add", "hook", "webhook", receiver.url, "--allow-private", "--json").document["secret"]
    changed = parley("secret", "hook", "--json").document
    assert changed["secret"] != old
    until = datetime.fromisoformat(changed["old_secret_until"])
    assert 23.9 < (until - datetime.now(UTC)).total_seconds() / 3600 <= 24
    parley("test", "hook")
    [request] = receiver.got
    assert verified(old, request) == verified(changed["secret"], request)
    path = tmp_path / "own"
    path.write_text(OWN)
    assert OWN not in parley("secret", "hook", "--secret-file", str(path)).stdout
    history = parley("show", "hook", "--json").document["history"]
    assert [(one["what"], one["fields"]) for one in history[1:]] == [("changed", ["secret"])] * 2
    path.write_text("hunter2")
    assert "hunter2" not in parley("secret", "hook", "--secret-file", str(path)).refusal
    parley("add", "me", "console")
    assert "only webhooks" in parley("secret", "me").refusal


def test_nothing_of_it_needs_a_log(parley, tmp_path):
    parley("add", "me", "console")
    files = {path.name.partition("-")[0] for path in Path(tmp_path / "data").iterdir()}
    assert files == {SERVICE_FILE, "parley.key"}


def test_the_help_teaches(parley):
    assert "anna@example.org" in parley("add", "--help").stdout
    for command in ("list", "add", "show", "remove", "pause", "resume", "test", "secret"):
        assert parley(command, "--help").returncode == 0
