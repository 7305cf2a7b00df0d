"""What a page's address asks for, and the widgets that write it there: the address is the truth, widgets follow it.

A page reads its `Address`, and gives each widget what `tied` makes of the value read:

    address = Address.shown()
    to = address.words("to", STATUSES)
    st.multiselect("New status", list(STATUSES), **tied("alerts", "to", list(to)))

What the viewer changes goes into the address before the page runs again, so back, forward and a sent link show the
same. Names are one page's own, but for those of the topic, the past and the page number `p`, which begins anew
whenever another value changes.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboard import links
from monitor.readmodel.queries import BadInputError

NUMBER = "p"
_LONGEST = 200


class Address:
    """The parameters of an address. What a page does not know is passed over, and named in `passed_over`."""

    def __init__(self, parameters: Mapping[str, Sequence[str]]) -> None:
        self._parameters = parameters
        self.passed_over: list[str] = []
        """`name=value`, from the address as it came: to be escaped."""

    @classmethod
    def shown(cls) -> "Address":
        """The one that the viewer's browser shows."""
        return cls({name: st.query_params.get_all(name) for name in st.query_params})

    def words(self, name: str, known: Collection[str]) -> list[str]:
        """Those of the known words that it names, each once, in their own order."""
        asked = self._parameters.get(name, ())
        self._pass_over(name, [value for value in asked if value not in known])
        return [word for word in known if word in asked]

    def word(self, name: str, known: Collection[str]) -> str | None:
        """The known word that it names first, if any."""
        asked = self._parameters.get(name, ())
        chosen = next((value for value in asked if value in known), None)
        self._pass_over(name, [value for value in asked if value != chosen])
        return chosen

    def text(self, name: str) -> str:
        """Free text, without the space around it; of an overlong one the beginning."""
        return self._first(name).strip()[:_LONGEST]

    def day(self, name: str) -> date | None:
        """A day like 2025-05-29."""
        value = self._first(name)
        try:
            return links.day(value)
        except BadInputError:
            self._pass_over(name, [value])
            return None

    def number(self, name: str = NUMBER) -> int:
        """A whole number from 1; 1 when it names none."""
        value = self._first(name)
        if value.isascii() and value.isdigit() and len(value) <= len("1000000") and int(value) >= 1:
            return int(value)
        self._pass_over(name, [value] if value else [])
        return 1

    def _first(self, name: str) -> str:
        return next(iter(self._parameters.get(name, ())), "")

    def _pass_over(self, name: str, values: Sequence[str]) -> None:
        self.passed_over += [f"{name}={value[:_LONGEST]}" for value in values]


def tied(page: str, name: str, value: object, *, place: str = "") -> dict[str, Any]:
    """What ties a widget to a parameter: its key and its `on_change`; it shows `value`, which the address says.

    `place` tells two widgets of a page for one parameter apart, one for wide windows and one for phones, say.
    A widget shows nothing for None, "" and []; such a parameter, and a first page, is left out of the address.
    """
    key = ".".join(filter(None, (page, place, name)))
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return {"key": key, "on_change": _write, "args": (key, name)}


def _write(key: str, name: str) -> None:
    """Put into the address what the widget holds now; in one step, which is one step back for the viewer."""
    kept = {other: st.query_params.get_all(other) for other in st.query_params if other not in {name, NUMBER}}
    written = _written(name, st.session_state[key])
    st.query_params.from_dict({**kept, **({name: written} if written else {})})


def _written(name: str, value: Any) -> list[str]:
    if value is None or (name == NUMBER and value == 1):
        return []
    values = value if isinstance(value, list | tuple) else [value]
    return list(filter(None, (str(one).strip() for one in values)))
