"""The service's own log: a document a line, with what the line is about, and nobody's address or secret."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from structlog.contextvars import bound_contextvars

from monitor.readmodel.store import Store
from monitor.service import logs
from monitor.service.wiring import open_service


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_a_document_that_says_what_it_is_about() -> None:
    stream = io.StringIO()
    logs.configure(logging.INFO, stream=stream)
    with bound_contextvars(role="watch", topic="docks", event_id="e" * 32, cause=""):
        logging.getLogger("monitor.service.reader").info("decided on %d claims", 3)
    logging.getLogger("some.library").warning("odd")
    first, second = lines(stream)
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "info",
        "logger": "monitor.service.reader",
        "message": "decided on 3 claims",
        "role": "watch",
        "topic": "docks",
        "event_id": "e" * 32,
    }
    assert list(first)[:2] == ["level", "message"], "what one looks for first stands first"
    assert (second["logger"], second["message"], "role" in second) == ("some.library", "odd", False)


def test_an_error_is_one_line_with_its_traceback() -> None:
    stream = io.StringIO()
    logs.configure(logging.INFO, stream=stream)
    try:
        raise ValueError("redis://parley:hunter2@redis:6379/0 refuses anna@paper.example")
    except ValueError:
        logging.getLogger("x").exception("it broke")
    (line,) = lines(stream)
    assert "test_an_error_is_one_line_with_its_traceback" in line["exception"]
    assert "ValueError: redis://redis:6379/… refuses …@paper.example" in line["exception"]


def test_on_a_terminal_it_is_text_with_colours_and_by_setting_either() -> None:
    for stream, form, is_text in (
        (Terminal(), "auto", True),
        (Terminal(), "json", False),
        (io.StringIO(), "auto", False),
        (io.StringIO(), "text", True),
    ):
        logs.configure(logging.INFO, form, stream)
        with bound_contextvars(topic="docks"):
            logging.getLogger("x").warning("a storm is near")
        said = stream.getvalue()
        assert "a storm is near" in said
        assert said.startswith("{") != is_text
        assert ("\x1b[" in said) == (is_text and stream.isatty())
        if is_text:
            assert "docks" in said


def test_what_libraries_warn_of_is_a_line_too() -> None:
    stream = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logs.configure(logging.WARNING, stream=stream)
        warnings.warn("old ways", UserWarning, stacklevel=1)
    (line,) = lines(stream)
    assert "old ways" in line["message"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("to <anna@paper.example>", "to <…@paper.example>"),
        ("https://hooks.example/T0/B1/abc?token=x refused", "https://hooks.example/… refused"),
        ("postgresql://parley:pw@db/parley", "postgresql://db/…"),
        ("tgram://123456789:AAE-token/1234", "tgram://…"),
        ("key whsec_QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "key whse…"),
        ("Bearer parley_" + "a1" * 21 + "x", "Bearer parl…"),
        ("token Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5", "token Zm9v…"),
        ("event " + "0af3" * 8, "event " + "0af3" * 8),
        ("test_a_line_is_a_document_that_says", "test_a_line_is_a_document_that_says"),
        ("parley_role_last_success_timestamp_seconds", "parley_role_last_success_timestamp_seconds"),
    ],
)
def test_addresses_and_secrets_are_masked_and_ids_stay(words: str, shown: str) -> None:
    stream = io.StringIO()
    logs.configure(logging.INFO, stream=stream)
    logging.getLogger("x").info("%s", words)
    assert lines(stream)[0]["message"] == shown


def test_what_a_database_says_shows_none_of_its_values(tmp_path: Path) -> None:
    stream = io.StringIO()
    logs.configure(logging.INFO, stream=stream)
    engine = open_service(Store(tmp_path))
    try:
        with engine.begin() as connection:
            connection.execute(
                text("INSERT INTO subscription (name) VALUES (:name)"), {"name": "Anna Behrendt"}
            )
    except IntegrityError:
        logging.getLogger("x").exception("it is not written")
    engine.dispose()
    (line,) = lines(stream)
    assert "INSERT INTO subscription" in line["exception"]
    assert "Behrendt" not in stream.getvalue()


def test_what_has_the_name_of_a_secret_is_not_logged_at_all() -> None:
    stream = io.StringIO()
    logs.configure(logging.INFO, stream=stream)
    with bound_contextvars(password="short", tries=3):
        logging.getLogger("x").info("in", extra={"token": "abc"})
    (line,) = lines(stream)
    assert (line["password"], line["token"], line["tries"]) == ("…", "…", 3)
