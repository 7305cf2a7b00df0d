"""Tables on narrow screens."""

import pytest

from monitor.cli import terminal

HEADERS = ("what", "status", "when", "until", "how sure", "said by")
ROWS = [
    (
        "talks collapsed",
        "collapsed",
        "between 2024-11-01 and 2024-11-30",
        "2025-05-23",
        "reported, 64%",
        "WION",
    ),
    (
        "efforts to resume talks",
        "proposed",
        "since 2025-05-24",
        "not for long",
        "confirmed, 98%",
        "Daily Times",
    ),
]


@pytest.mark.parametrize("width", [50, 60, 70, 80, 200])
def test_days_are_never_cut_and_no_letter_is_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    terminal.table(HEADERS, ROWS, title="Government")
    shown = capsys.readouterr().out
    for day in ("2024-11-01", "2024-11-30", "2025-05-23", "2025-05-24"):
        assert day in shown
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= width


def test_a_table_without_rows_has_its_headers(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(HEADERS, [])
    assert capsys.readouterr().out.split() == " ".join(HEADERS).split()


def test_a_wide_screen_leaves_rows_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    terminal.table(HEADERS, ROWS)
    assert "between 2024-11-01 and 2024-11-30" in capsys.readouterr().out
