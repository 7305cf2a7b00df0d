"""Which addresses of logins `parley migrate` takes; that it makes them is a drill's affair."""

from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.readmodel.store import Store
from monitor.service.logins import let_own, let_read

STORE = Store(Path(), "postgresql://postgres:secret@127.0.0.1:1/parley")


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("postgresql://parley@127.0.0.1:1/parley", "needs a login of a-z, 0-9 and _ with a password"),
        ("postgresql://Parley:x@127.0.0.1:1/parley", "needs a login of a-z, 0-9 and _ with a password"),
        ("postgresql://par%22ley:x@127.0.0.1:1/parley", "needs a login of a-z, 0-9 and _ with a password"),
        ("postgresql://parley:x@127.0.0.1:1/other", "names another database"),
        ("postgresql://parley:x@127.0.0.1:1/par%22ley", "names another database"),
    ],
)
def test_an_address_that_cannot_be_made_a_login_is_refused_by_the_name_of_its_setting(
    address: str, what: str
) -> None:
    with pytest.raises(StoreError, match=f"database_url {what}"):
        let_own(STORE, address)
    with pytest.raises(StoreError, match=f"database_reader_url {what}"):
        let_read(STORE, STORE, address)


def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    with pytest.raises(StoreError, match=r"parley on 127\.0\.0\.1") as raised:
        let_own(STORE, "postgresql://parley:hidden@127.0.0.1:1/parley")
    assert "secret" not in str(raised.value)
    assert "hidden" not in str(raised.value)
