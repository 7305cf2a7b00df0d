"""The address and the widgets that write it."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.asked import Address


def test_an_address_says_what_is_asked_for_and_what_is_passed_over() -> None:
    address = Address(
        {"to": ["agreed", "<b>", "rejected", "agreed"], "from": ["2025-05-29"], "q": ["  the quay "]}
    )
    assert address.words("to", ["rejected", "stalled", "agreed"]) == ["rejected", "agreed"]
    assert address.day("from") == date(2025, 5, 29)
    assert address.text("q") == "the quay"
    assert address.passed_over == ["to=<b>"]


def test_an_empty_address_asks_for_nothing() -> None:
    address = Address({})
    assert address.words("to", ["agreed"]) == []
    assert address.word("channel", ["pay"]) is None
    assert (address.text("q"), address.day("from"), address.number()) == ("", None, 1)
    assert address.passed_over == []


def test_where_one_word_is_asked_for_the_first_known_one_counts() -> None:
    address = Address({"channel": ["none", "pay", "rota"]})
    assert address.word("channel", ["rota", "pay"]) == "pay"
    assert address.passed_over == ["channel=none", "channel=rota"]


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "two", "²", "99999999", "1e3"])
def test_what_is_no_page_is_the_first_one_with_a_word(value: str) -> None:
    address = Address({"p": [value]})
    assert address.number() == 1
    assert address.passed_over == [f"p={value}"]


def test_what_is_no_day_is_passed_over() -> None:
    address = Address({"from": ["9999-12-31"], "q": ["x" * 1000]})
    assert address.day("from") is None
    assert address.passed_over == ["from=9999-12-31"]
    assert len(address.text("q")) == 200


def script() -> None:
    """A page with a widget of each kind."""
    import streamlit as st

    from dashboard.asked import Address, tied

    address = Address.shown()
    to = address.words("to", ["agreed", "rejected"])
    st.multiselect("To", ["agreed", "rejected"], **tied("alerts", "to", to))
    st.multiselect("To, on a phone", ["agreed", "rejected"], **tied("alerts", "to", to, place="narrow"))
    st.selectbox(
        "Channel", ["pay", "rota"], **tied("alerts", "channel", address.word("channel", ["pay", "rota"]))
    )
    st.text_input("Words", **tied("alerts", "q", address.text("q")))
    st.date_input("From", **tied("alerts", "from", address.day("from")))
    st.pagination(9, **tied("alerts", "p", address.number()))


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(script, default_timeout=30)


def test_widgets_show_what_the_address_says(app: AppTest) -> None:
    app.query_params["to"] = ["agreed", "rejected"]
    app.query_params["channel"] = "rota"
    app.query_params["q"] = "quay"
    app.query_params["from"] = "2025-05-29"
    app.query_params["p"] = "3"
    app.run()
    assert not app.exception
    assert [one.value for one in app.multiselect] == [["agreed", "rejected"]] * 2
    assert app.selectbox[0].value == "rota"
    assert app.text_input[0].value == "quay"
    assert app.date_input[0].value == date(2025, 5, 29)
    assert app.pagination[0].value == 3
    del app.query_params["to"]
    app.query_params["channel"] = "of another topic"
    app.run()
    assert [one.value for one in app.multiselect] == [[], []], "as after a step back"
    assert app.selectbox[0].value is None


def test_a_changed_widget_writes_its_address_and_begins_at_the_first_page(app: AppTest) -> None:
    app.query_params["topic"] = "docks"
    app.query_params["known_at"] = "2025-06-01"
    app.query_params["p"] = "3"
    app.run()
    app.multiselect[1].select("rejected").run()
    assert app.query_params == {"topic": "docks", "known_at": "2025-06-01", "to": "rejected"}
    assert [one.value for one in app.multiselect] == [["rejected"]] * 2, "both widgets say the same"
    assert app.pagination[0].value == 1
    app.pagination[0].select(2).run()
    assert app.query_params["p"] == "2"
    app.text_input[0].input("quay & <b>").run()
    app.date_input[0].set_value(date(2025, 5, 29)).run()
    assert app.query_params == {
        "topic": "docks",
        "known_at": "2025-06-01",
        "to": "rejected",
        "q": "quay & <b>",
        "from": "2025-05-29",
    }
    app.multiselect[0].unselect("rejected").run()
    app.text_input[0].input(" ").run()
    assert app.text_input[0].value == ""
    assert app.query_params == {"topic": "docks", "known_at": "2025-06-01", "from": "2025-05-29"}
