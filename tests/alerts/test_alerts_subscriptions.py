"""What a configured subscription may say, and what is refused."""

import base64

import pytest
from pydantic import ValidationError
from sqlmodel import Session, select

from monitor.alerts.config import SubscriptionConfig, key_of
from monitor.alerts.subscriptions import Subscriptions
from monitor.alerts.tables import SubscriptionRow
from monitor.errors import SettingsError

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
