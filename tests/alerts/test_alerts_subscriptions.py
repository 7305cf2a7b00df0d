"""What a configured subscription may say, what is refused, and what is written down of its changes."""

import base64
from datetime import timedelta
from itertools import count

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlmodel import Session, select

from monitor.alerts.config import SubscriptionConfig, key_of, masked
from monitor.alerts.delivery import outcome, verdict
from monitor.alerts.queue import claim, settle
from monitor.alerts.subscriptions import Subscriptions
from monitor.alerts.tables import AuditRow, SubscriptionRow
from monitor.alerts.vault import Vault
from monitor.errors import DeliveryError, SettingsError

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
WEBHOOK = {"id": "desk", "kind": "webhook", "url": "https://example.org/hook", "secret": SECRET}
EMAIL = {"id": "anna", "kind": "email", "address": "anna@example.org"}


@pytest.mark.parametrize(
    "wrong",
    [
        {**WEBHOOK, "secret": None},
        {**WEBHOOK, "url": None},
        {**WEBHOOK, "address": "anna@example.org"},
        {**WEBHOOK, "secret_file": "/run/secrets/desk"},
        {**WEBHOOK, "secret": "hunter2"},
        {**WEBHOOK, "secret": "whsec_" + base64.b64encode(b"short").decode()},
        {**WEBHOOK, "secret": "whsec_" + base64.b64encode(b"k" * 65).decode()},
        {**WEBHOOK, "secret": SECRET.removeprefix("whsec_")},
        {**WEBHOOK, "url": "ftp://example.org/"},
        {**WEBHOOK, "url": "https://user:pass@example.org/"},
        {**WEBHOOK, "url": "https://example.org/a b"},
        {**WEBHOOK, "min_severity": "loud"},
        {**WEBHOOK, "id": "anna@example.org"},
        {**WEBHOOK, "colour": "red"},
        {**EMAIL, "secret": SECRET},
        {**EMAIL, "address": "anna"},
        {**EMAIL, "address": "anna@example.org\r\nBcc: all@example.org"},
        {**EMAIL, "address": "anna@example.org, all@example.org"},
        {**EMAIL, "address": "Anna <anna@example.org>"},
        {**EMAIL, "address": "änna@example.org"},
        {**EMAIL, "address": "anna@example.org>"},
        {**EMAIL, "kind": "pigeon"},
    ],
)
def test_a_wrong_subscription_is_refused(wrong):
    with pytest.raises(ValidationError):
        SubscriptionConfig.model_validate(wrong)


def test_a_secret_may_lie_in_a_file(tmp_path, engine, story, clock):
    path = tmp_path / "desk"
    path.write_text(SECRET + "\n")
    config = SubscriptionConfig.model_validate({**WEBHOOK, "secret": None, "secret_file": path})
    Subscriptions(engine, story.vault).sync([config], clock())
    with Session(engine) as session:
        assert story.vault.open(session.exec(select(SubscriptionRow)).one().secret) == SECRET


@pytest.mark.parametrize("content", [None, b"hunter2", b"whsec_\xff"])
def test_a_secrets_file_that_holds_none_is_one_clear_line(tmp_path, engine, story, clock, content):
    path = tmp_path / "desk"
    if content is not None:
        path.write_bytes(content)
    config = SubscriptionConfig.model_validate({**WEBHOOK, "secret": None, "secret_file": path})
    with pytest.raises(SettingsError, match=r"^subscription desk: .*desk.*$") as caught:
        Subscriptions(engine, story.vault).sync([config], clock())
    assert "hunter2" not in str(caught.value)


def test_two_subscriptions_of_one_id_are_refused(story):
    with pytest.raises(SettingsError, match="'desk'"):
        story.subscribe(story.webhook("desk"), story.email("desk"))


def test_syncing_twice_keeps_the_moment_of_subscribing(story, clock, engine):
    story.subscribe(story.webhook("desk"))
    began = clock()
    clock.now = clock.now.replace(year=2027)
    story.subscribe(story.webhook("desk", min_severity="critical"))
    with Session(engine) as session:
        row = session.exec(select(SubscriptionRow)).one()
    assert (row.created_at, row.served_from, row.wishes["min_severity"]) == (began, began, "critical")


def test_the_key_is_what_the_secret_holds():
    assert key_of(SECRET) == b"k" * 32


def audited(engine):
    with Session(engine) as session:
        return [(row.what, row.by, row.fields) for row in session.exec(select(AuditRow))]


def test_what_the_settings_change_is_written_down_by_its_name(story, engine, clock):
    story.subscribe(story.webhook("desk"))
    story.subscribe(story.webhook("desk"))
    story.subscribe(story.webhook("desk", url="http://127.0.0.1:9/other", min_severity="critical"))
    story.subscribe()
    story.subscribe()
    story.subscribe(story.webhook("desk"))
    assert audited(engine) == [
        ("added", "settings", []),
        ("changed", "settings", ["min_severity", "target"]),
        ("ended", "settings", []),
        ("added", "settings", []),
    ]


def test_a_secret_that_the_settings_change_signs_for_a_day_more(story, engine, clock):
    keys = count()

    def signing():
        story.tell(story.alert(str(next(keys))))
        [delivery] = claim(engine, clock(), 1)
        settle(engine, [outcome(delivery, verdict(1, None, clock(), 0), at=clock(), by="test")])
        return story.open(delivery.recipient).secrets

    story.subscribe(story.webhook("desk"))
    story.subscribe(story.webhook("desk", secret=SECRET))
    assert signing() == (SECRET, story.secret)
    clock.turn(timedelta(hours=23))
    story.subscribe(story.webhook("desk", secret=SECRET))  # a restart does not begin the day again
    assert signing() == (SECRET, story.secret)
    clock.turn(timedelta(hours=1))
    assert signing() == (SECRET,)


def test_a_secret_that_was_sealed_with_a_lost_key_is_given_up(story, engine, clock):
    story.subscribe(story.webhook("desk"))
    other = Vault(base64.urlsafe_b64encode(b"x" * 32).decode())
    Subscriptions(engine, other).sync([story.webhook("desk")], clock())
    with Session(engine) as session:
        row = session.exec(select(SubscriptionRow)).one()
    assert other.open(row.secret) == story.secret
    assert row.old_secret is None


def test_a_receiver_that_is_gone_is_written_down(story, engine, clock):
    story.subscribe(story.webhook("desk"))
    story.tell(story.alert())
    [delivery] = claim(engine, clock(), 1)
    gone = verdict(1, DeliveryError("gone", "410", retry=False), clock(), 0)
    settle(engine, [outcome(delivery, gone, at=clock(), by="test")])
    assert audited(engine)[-1] == ("paused", "receiver", [])


def test_nothing_personal_is_in_the_audit(story, engine):
    story.subscribe(story.email("anna", "anna@example.org"), story.webhook("desk"))
    story.subscribe(story.email("anna", "ben@example.org"), story.webhook("desk", secret=SECRET))
    with engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM subscription_audit")).all())
    for personal in ("anna", "ben", "example.org", "desk", SECRET, story.secret):
        assert personal not in stored


@pytest.mark.parametrize(
    ("kind", "target", "shown"),
    [
        ("email", "anna@example.org", "a***@example.org"),
        ("webhook", "https://desk.example:8443/hooks/t0ken?key=s3cret", "https://desk.example/***"),
        ("chat", "tgram://123456:t0ken/s3cret", "tgram://***"),
        ("chat", "https://hooks.slack.com/services/T/B/s3cret", "https://***"),
    ],
)
def test_a_target_is_shown_masked(kind, target, shown):
    assert masked(kind, target) == shown
