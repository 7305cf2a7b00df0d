"""Header arithmetic: freshness, waiting, and which validators to believe."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.freshness import LONGEST, fresh_for, http_date, keeps_validators, retry_after

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DATE = "Mon, 02 Mar 2026 10:00:00 GMT"  # two hours behind Parley's clock
LATER = "Mon, 02 Mar 2026 10:30:00 GMT"


def headers(*pairs: tuple[str, str]) -> httpx.Headers:
    return httpx.Headers(list(pairs), encoding="utf-8")


@pytest.mark.parametrize(
    ("sent", "minutes"),
    [
        ([("Cache-Control", "max-age=600")], 10),
        ([("Cache-Control", 'public, MAX-AGE="600"')], 10),
        ([("Cache-Control", "max-age=600"), ("Age", "120")], 8),
        ([("Cache-Control", "max-age=600"), ("Age", "900")], 0),
        ([("Cache-Control", "max-age=600"), ("Age", "old")], 10),
        ([("Cache-Control", "max-age=600, max-age=60")], 10),
        ([("Cache-Control", "public"), ("Cache-Control", "max-age=600")], 10),
        ([("Cache-Control", 'private="a, no-store", max-age=600')], 10),
        ([("Cache-Control", 'no-cache="set-cookie", max-age=600')], 10),
        ([("Cache-Control", "max-age=0"), ("Expires", LATER), ("Date", DATE)], 0),
        ([("Cache-Control", "s-maxage=600")], None),
        ([("Cache-Control", "max-age=-1")], None),
        ([("Cache-Control", "max-age=soon")], None),
        ([("Cache-Control", "no-cache, max-age=600")], None),
        ([("Cache-Control", "max-age=600, no-store")], None),
        ([("Cache-Control", "no-cache"), ("Expires", LATER), ("Date", DATE)], None),
        ([("Expires", LATER), ("Date", DATE)], 30),
        ([("Expires", LATER), ("Date", DATE), ("Age", "600")], 20),
        ([("Expires", "Mon, 02 Mar 2026 12:15:00 GMT")], 15),
        ([("Expires", DATE), ("Date", LATER)], 0),
        ([("Expires", "0"), ("Date", DATE)], None),
        ([], None),
    ],
)
def test_how_long_an_answer_stays_fresh(sent, minutes) -> None:
    assert fresh_for(headers(*sent), NOW) == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize("stated", ["max-age=99999999999", "max-age=" + "9" * 5_000])
def test_no_answer_stays_fresh_for_more_than_a_month(stated: str) -> None:
    assert fresh_for(headers(("Cache-Control", stated)), NOW) == LONGEST
    far = headers(("Expires", "Fri, 31 Dec 9999 23:59:59 GMT"))
    assert fresh_for(far, NOW) == LONGEST


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ([("Retry-After", "120")], 120),
        ([("Retry-After", " 0 ")], 0),
        ([("Retry-After", "9" * 5_000)], 31 * 86_400),
        ([("Retry-After", LATER), ("Date", DATE)], 1_800),
        ([("Retry-After", DATE), ("Date", LATER)], 0),
        ([("Retry-After", "Mon, 02 Mar 2026 12:01:00 GMT")], 60),
        ([("Retry-After", "Mon, 02 Mar 2026 12:01:00 GMT"), ("Date", "today")], 60),
        ([("Retry-After", "Monday, 02-Mar-26 12:01:00 GMT")], 60),
        ([("Retry-After", "Mon Mar  2 12:01:00 2026")], 60),
        ([("Retry-After", "Sat, 02 Mar 2030 12:01:00 GMT")], 31 * 86_400),
        ([("Retry-After", "Fri, 31 Dec 9999 23:59:59 EST")], None),
        ([("Retry-After", "soon")], None),
        ([("Retry-After", "-5")], None),
        ([("Retry-After", "²")], None),
        ([], None),
    ],
)
def test_how_long_a_server_asks_to_wait(sent, seconds) -> None:
    assert retry_after(headers(*sent), NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([("Expires", "0")], False),
        ([("Expires", " -1 ")], False),
        ([("Pragma", "No-Cache")], False),
        ([("Expires", "Thu, 01 Jan 1970 00:00:00 GMT")], True),
        ([("Cache-Control", "no-cache")], True),
        ([("Cache-Control", "max-age=0, must-revalidate")], True),
        ([], True),
    ],
)
def test_which_validators_are_believed(sent, kept) -> None:
    assert keeps_validators(headers(*sent)) is kept


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_no_header_is_too_odd(control: str, expires: str, age: str, date: str, wait: str) -> None:
    odd = {"cache-control": control, "expires": expires, "age": age, "date": date, "retry-after": wait}
    for span in (fresh_for(odd, NOW), retry_after(odd, NOW)):
        assert span is None or timedelta() <= span <= LONGEST
    assert isinstance(keeps_validators(odd), bool)


@given(
    st.from_regex(r"(Mon, )?\d{1,3} [A-Z][a-z]{2} \d{1,5} \d{1,2}:\d\d(:\d\d)? ([+-]\d{4}|GMT|[A-Z]{1,3})?")
)
def test_what_looks_like_a_date_is_one_or_none(text: str) -> None:
    moment = http_date(text)
    assert moment is None or moment.tzinfo is UTC
