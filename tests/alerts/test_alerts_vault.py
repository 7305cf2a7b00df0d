"""What subscribers entrust to Parley: sealed at rest, readable with the right key only, and links that hold."""

import base64
import multiprocessing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from monitor.alerts.links import UNSUBSCRIBE, link, subscription_of
from monitor.alerts.vault import KEY_FILE, Vault, open_vault
from monitor.errors import BadInputError, SettingsError

OLD, NEW = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"o", b"n"))
API = "https://api.parley.example/"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def token_of(address: str) -> str:
    return address.rpartition("token=")[2]


def test_what_is_sealed_can_be_opened_and_shows_nothing() -> None:
    vault = Vault(NEW)
    sealed = vault.seal("anna@example.org")
    assert vault.open(sealed) == "anna@example.org"
    assert "anna" not in sealed
    assert vault.seal("anna@example.org") != sealed


def test_keys_are_rotated_without_a_word_lost() -> None:
    sealed, mark = Vault(OLD).seal("anna@example.org"), Vault(OLD).mark("anna@example.org")
    both = Vault(f"{NEW}\n{OLD}\n")
    assert both.open(sealed) == "anna@example.org"
    assert both.mark("anna@example.org") == mark
    assert Vault(NEW).open(both.seal("anna@example.org")) == "anna@example.org"
    assert subscription_of(both, UNSUBSCRIBE, token_of(link(Vault(OLD), API, UNSUBSCRIBE, "s1")), NOW) == "s1"


def test_another_key_is_said_to_be_one() -> None:
    with pytest.raises(SettingsError, match="PARLEY_KEY_FILE"):
        Vault(NEW).open(Vault(OLD).seal("anna@example.org"))


@pytest.mark.parametrize("keys", ["", "hunter2", NEW[:-4], f"{NEW} x", "schlüssel"])
def test_what_is_no_key_is_refused_without_being_shown(keys: str) -> None:
    with pytest.raises(SettingsError, match="is no key") as refused:
        Vault(keys)
    assert not keys or keys not in str(refused.value)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = open_vault(tmp_path / "data")
    path = tmp_path / "data" / KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_vault(tmp_path / "data").open(first.seal("a")) == "a"
    assert [file.name for file in path.parent.iterdir()] == [KEY_FILE]


def _sealed_in(folder: Path) -> str:
    return open_vault(folder).seal("a")


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        sealed = pool.map(_sealed_in, [tmp_path] * 8)
    assert {open_vault(tmp_path).open(one) for one in sealed} == {"a"}


def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir()
    with pytest.raises(SettingsError, match=KEY_FILE):
        open_vault(tmp_path)


def test_a_link_is_good_for_its_purpose_only() -> None:
    vault = Vault(NEW)
    address = link(vault, API, UNSUBSCRIBE, "s1")
    assert link(vault, API, UNSUBSCRIBE, "s1") == address
    assert address.startswith("https://api.parley.example/v1/subscriptions/unsubscribe?token=")
    token = token_of(address)
    assert subscription_of(vault, UNSUBSCRIBE, token, NOW) == "s1"
    for other, purpose, given in (
        (vault, "confirm", token),
        (Vault(OLD), UNSUBSCRIBE, token),
        (vault, UNSUBSCRIBE, token + "x"),
        (vault, UNSUBSCRIBE, ""),
    ):
        with pytest.raises(BadInputError, match="not valid"):
            subscription_of(other, purpose, given, NOW)


def test_a_link_may_end() -> None:
    vault = Vault(NEW)
    token = token_of(link(vault, API, "confirm", "s1", NOW + timedelta(days=7)))
    assert subscription_of(vault, "confirm", token, NOW + timedelta(days=7)) == "s1"
    with pytest.raises(BadInputError, match="too old"):
        subscription_of(vault, "confirm", token, NOW + timedelta(days=7, seconds=1))


def test_no_address_and_no_secret_stands_in_the_database(story, engine: Engine) -> None:
    story.subscribe(
        story.email("anna", "anna@example.org"), story.webhook("desk", "https://desk.example/hook-token-81")
    )
    with engine.connect() as connection:
        rows = str([tuple(row) for row in connection.execute(text("SELECT * FROM subscription"))])
    for personal in ("anna@", "example.org", "desk.example", "hook-token-81", story.secret):
        assert personal not in rows
