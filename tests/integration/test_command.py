"""The command as users and scripts meet it: documents on stdout, one clear line for what is wrong, exit codes."""

import io
import json
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from monitor.detection import Document, detect
from monitor.topics import ANY


class Done(Protocol):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Parley = Callable[..., Done]
EVIDENCE = {"article", "outlet", "published_at", "quote", "url"}
CLAIM = {
    "id", "kind", "status", "cameo", "channel", "parties", "speaker", "principal", "mood", "attribution", "when",
    "span", "confidence", "rule",
}  # fmt: skip


def document(done: Done) -> Any:
    """The one JSON document on stdout."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(done: Done, code: int = 2) -> str:
    """The one line that says what is wrong."""
    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_status_timeline_and_alerts_have_the_form_of_the_contract(parley: Parley, seeded: Path) -> None:
    status = document(parley("status", "pti", "--json", data=seeded))
    assert {
        "topic",
        "status",
        "since",
        "certainty",
        "confidence",
        "contested",
        "stale",
        "channels",
        "last_shift",
    } == set(status)
    for channel in status["channels"]:
        assert {
            "channel",
            "status",
            "since",
            "certainty",
            "confidence",
            "contested",
            "stale",
            "evidence",
        } == set(channel)
        assert all(set(piece) == EVIDENCE for piece in channel["evidence"])
    timeline = document(parley("timeline", "pti", "--json", data=seeded))
    segments = [segment for channel in timeline["channels"] for segment in channel["segments"]]
    assert all(
        {
            "status",
            "name",
            "start",
            "start_earliest",
            "start_latest",
            "end",
            "last_evidence",
            "stale_from",
            "certainty",
            "confidence",
            "contested",
            "evidence",
        }
        == set(segment)
        for segment in segments
    )
    alerts = document(parley("alerts", "pti", "--json", data=seeded))
    form = {
        "alert",
        "shift",
        "channel",
        "from",
        "to",
        "name",
        "status",
        "effective_at",
        "raised_at",
        "certainty",
        "state",
        "reason",
        "articles",
    }
    assert all(form <= set(alert) for alert in alerts)
    assert (
        document(parley("log", "stats", "--json", data=seeded))["topics"]["pti"]["by_type"][
            "article.ingested"
        ]
        == 5
    )


def test_tables_are_for_people(parley: Parley, seeded: Path) -> None:
    for command in (
        ["status"],
        ["timeline"],
        ["alerts"],
        ["claims"],
        ["topics"],
        ["log", "tail"],
        ["log", "stats"],
    ):
        done = parley(*command, data=seeded)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) > 1
        assert done.stderr == ""


def test_a_sound_log_verifies_and_a_rebuild_changes_no_answer(parley: Parley, seeded: Path) -> None:
    before = parley("timeline", "pti", "--json", data=seeded).stdout
    assert document(parley("log", "verify", "--json", data=seeded))["ok"] is True
    assert document(parley("rebuild", "--json", data=seeded))["events"]["pti"] > 5
    assert parley("timeline", "pti", "--json", data=seeded).stdout == before


def test_the_doctor_finds_nothing_wrong_after_the_seeds(parley: Parley, seeded: Path) -> None:
    found = document(parley("doctor", "--json", data=seeded))
    assert found["ok"] is True
    assert {"settings", "topics", "disk", "log", "roles"} <= {check["name"] for check in found["checks"]}


def test_seeding_again_appends_nothing(parley: Parley, seeded: Path) -> None:
    before = document(parley("log", "stats", "--json", data=seeded))
    again = document(parley("seed", "--json", data=seeded))
    assert (again["ingested"], again["known"]) == (0, 5)
    assert document(parley("log", "stats", "--json", data=seeded)) == before


def test_live_seeds_tell_of_two_shifts_and_hold_back_what_is_late(parley: Parley) -> None:
    alerts = document(parley("seed", "--live", "0", "--json"))
    told = {(alert["channel"], alert["name"]) for alert in alerts if alert["state"] in {"raised", "updated"}}
    assert {pair for pair in told if pair[0] == "government"} == {
        ("government", "efforts to resume talks"),
        ("government", "talks rejected"),
    }
    assert {alert["to"] for alert in alerts if alert["channel"] == "establishment"} <= {"proposed"}
    old = [alert for alert in alerts if (alert["effective_at"] or "") < "2025-04-01"]
    assert old
    assert {(alert["state"], alert["reason"]) for alert in old} == {("suppressed", "late")}


def test_live_seeds_need_an_empty_folder(parley: Parley, seeded: Path) -> None:
    assert "empty data folder" in refusal(parley("seed", "--live", "1", data=seeded))


def test_an_article_from_a_file_is_taken_in_once(parley: Parley, tmp_path: Path) -> None:
    text = tmp_path / "news.txt"
    text.write_text(
        "PTI refuses to sit with government\n\nThe PTI refused on Monday to hold talks with the federal government.\n"
    )
    first = document(parley("ingest", str(text), "--published", "2025-06-09", "--json"))
    again = document(parley("ingest", str(text), "--published", "2025-06-09", "--json"))
    assert (first["ingested"], again["known"]) == (1, 1)
    assert document(parley("status", "pti", "--json"))["status"] == "rejected"


def test_texts_without_a_date_are_counted_and_the_day_can_be_said_afterwards(
    parley: Parley, tmp_path: Path
) -> None:
    text = tmp_path / "news.txt"
    text.write_text("The PTI refused to hold talks with the federal government.\n")
    done = parley("ingest", str(text))
    assert "1 taken in" in done.stdout
    assert "1 article has no date" in done.stdout
    assert "--published 2025-05-29" in done.stdout
    assert document(parley("status", "pti", "--json"))["status"] == "none"
    assert document(parley("ingest", str(text), "--json"))["undated"] == 1
    dated = document(parley("ingest", str(text), "--published", "2025-06-09", "--json"))
    assert (dated["revised"], dated["undated"]) == (1, 0)
    assert document(parley("status", "pti", "--json"))["status"] == "rejected"
    again = document(parley("ingest", str(text), "--json"))
    assert (again["known"], again["revised"]) == (1, 0)


def test_json_lines_are_taken_in_line_by_line_and_bad_ones_are_named(parley: Parley, tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    held = {"text": "The PTI and the federal government held talks.", "published": "2025-06-05"}
    refused = {
        "text": "The PTI refused to hold talks with the federal government.",
        "published": "2025-06-09",
    }
    file.write_text("\n".join([json.dumps(held), "{", json.dumps(refused)]))
    found = document(parley("ingest", str(file), "--json"))
    assert (found["ingested"], found["refused"][0]["name"]) == (2, f"{file}, line 2")
    assert document(parley("status", "pti", "--json"))["status"] == "rejected"
    said = parley("ingest", str(file)).stdout
    assert "0 taken in, 0 revised, 2 known already" in said
    assert f"refused {file}, line 2: not JSON" in said


def test_wrong_use_gets_one_line_that_says_what_to_do(parley: Parley, tmp_path: Path) -> None:
    assert "known are" in refusal(parley("status", "ptj"))
    assert "cannot read" in refusal(parley("detect", str(tmp_path / "missing.jsonl")))
    assert "parley up" in refusal(parley("status"))
    assert "date" in refusal(parley("status", "--as-of", "yesterday"))
    assert "missing" in refusal(parley("ingest", str(tmp_path / "missing.txt")))
    assert "--live" in refusal(parley("seed", "--live", "-1"))


def test_names_that_do_not_exist_are_refused_with_those_that_do(
    parley: Parley, seeded: Path, tmp_path: Path
) -> None:
    assert "known are government" in refusal(parley("claims", "--channel", "bogus", data=seeded))
    assert "http" in refusal(parley("ingest", "ftp://news.example/a"))
    (tmp_path / "empty").mkdir()
    assert "no text files" in refusal(parley("ingest", str(tmp_path / "empty")))


def test_an_earlier_time_at_which_nothing_was_known_is_said_so(parley: Parley, seeded: Path) -> None:
    assert "nothing was known then" in parley("status", "--known-at", "2020-01-01", data=seeded).stdout


def test_a_private_address_is_refused_with_the_reason(parley: Parley) -> None:
    line = refusal(parley("ingest", "http://127.0.0.1:1/a"))
    assert "127.0.0.1 is private" in line
    assert "allow_private" in line


def test_every_wrong_setting_is_named_at_once_and_the_doctor_shows_them(
    parley: Parley, tmp_path: Path
) -> None:
    config = tmp_path / "parley.toml"
    config.write_text('topics = 3\n[dashboard]\nport = "x"\n')
    line = refusal(parley("--config", str(config), "status"))
    assert "line 1: topics" in line
    assert "line 3: dashboard.port" in line
    done = parley("--config", str(config), "doctor")
    assert done.returncode == 1
    assert "FAIL  settings" in done.stdout


def test_a_reader_that_closes_the_pipe_gets_no_traceback(seeded: Path) -> None:
    command = [sys.executable, "-m", "monitor", "--data", str(seeded), "claims", "--json"]
    done = subprocess.run(
        ["/bin/sh", "-c", f"{shlex.join(command)} | head -c 1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""


def test_ctrl_c_while_the_command_loads_is_quiet(tmp_path: Path) -> None:
    for seconds in (0.3, 0.9):
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "--data", str(tmp_path), "status"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert "Traceback" not in said


IGNORED = """
import weakref
import monitor.cli, monitor.cli.app

class Thing:
    pass

def interrupted(_):
    raise KeyboardInterrupt

def run():
    thing = Thing()
    kept = weakref.ref(thing, interrupted)
    del thing
    print("it goes on")

monitor.cli.app.main = run
monitor.cli.main()
"""


def test_ctrl_c_ends_the_command_where_python_would_ignore_it() -> None:
    done = subprocess.run([sys.executable, "-c", IGNORED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_an_unknown_command_or_option_gets_one_line_that_says_where_to_look(parley: Parley) -> None:
    assert "`parley --help`" in refusal(parley("statsu"))
    assert "`parley status --help`" in refusal(parley("status", "--colour"))
    assert "Missing" in refusal(parley("ingest"))


def test_the_command_alone_shows_its_help(parley: Parley) -> None:
    alone = parley()
    assert "parley up" in alone.stdout + alone.stderr
    assert "Traceback" not in alone.stderr


def test_wrong_settings_name_the_line_or_the_variable(parley: Parley, tmp_path: Path) -> None:
    config = tmp_path / "wrong.toml"
    config.write_text('topics = ["pti"]\n\n[dashboard]\nprot = 1\n')
    assert "wrong.toml, line" in refusal(parley("--config", str(config), "status"))
    assert "PARLEY_DASHBOARD_PORT" in refusal(parley("status", PARLEY_DASHBOARD_PORT="eighty"))
    assert "PARLEY_SMTP_PASSWORD_FILE" in refusal(parley("status", PARLEY_SMTP_PASSWORD_FILE="/nowhere"))


def test_an_unusable_data_folder_gets_one_line(parley: Parley, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for command in ("seed", "status"):
        said = refusal(parley(command, data=tmp_path / "file"))
        assert (
            f"the data folder {tmp_path / 'file'} is no folder but a file; name another with --data" in said
        )
    within = refusal(parley("status", data=tmp_path / "file" / "data"))
    assert "Not a directory" in within
    assert "Errno" not in within


def test_a_global_option_after_the_command_is_told_where_it_belongs(parley: Parley) -> None:
    said = refusal(parley("status", "--data", "/tmp/x"))
    assert said == "parley: --data is a global option, and those come first: `parley --data FOLDER status`"
    assert "`parley -v topics check`" in refusal(parley("topics", "check", "pti", "-v"))
    assert "No such option: --colour (see `parley --help`)" in refusal(parley("--colour", "status"))


def test_a_byte_order_mark_is_no_part_of_a_text(parley: Parley, tmp_path: Path) -> None:
    line = json.dumps({"id": "a", "text": "The union has refused to return to talks.", "label": "rejected"})
    file = tmp_path / "bom.jsonl"
    file.write_text(f"{line}\n", encoding="utf-8-sig")
    for command in ("detect", "evaluate"):
        assert parley(command, str(file), "--json").returncode == 0
    assert parley("topics", "check", "pti", str(file)).returncode == 0
    (tmp_path / "bom.txt").write_text("Talks collapsed.", encoding="utf-8-sig")
    (found,) = document(parley("detect", "--text", str(tmp_path / "bom.txt"), "--json"))["claims"]
    assert found["span"]["start"] == 0


@pytest.mark.parametrize("what", ["dashboard", "api"])
def test_a_port_that_is_taken_is_named_with_the_setting_that_moves_it(parley: Parley, what: str) -> None:
    with socket.socket() as taken, socket.socket() as other:
        for listener in (taken, other):
            listener.bind(("127.0.0.1", 0))
        other_port = other.getsockname()[1]
        other.close()
        taken.listen()
        ports = {"PARLEY_DASHBOARD_PORT": str(other_port), "PARLEY_API_PORT": str(other_port)}
        ports[f"PARLEY_{what.upper()}_PORT"] = str(taken.getsockname()[1])
        done = parley("up", **ports)
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert f"PARLEY_{what.upper()}_PORT" in last
    assert "Traceback" not in done.stderr


def test_an_unknown_role_is_refused(parley: Parley) -> None:
    done = parley("run", "--role", "wacht")
    assert done.returncode == 2
    assert "roles are" in done.stderr


def test_a_wrong_topic_file_is_refused_with_its_line(parley: Parley, tmp_path: Path) -> None:
    (tmp_path / "docks.toml").write_text('id = "docks"\nlabel = "Docks"\nchanels = 3\n')
    line = refusal(parley("topics", PARLEY_TOPIC_DIRS=str(tmp_path)))
    assert "docks.toml, line 3" in line
    assert "channels" in line


def test_the_doctor_fails_where_mail_cannot_be_sent(parley: Parley, tmp_path: Path) -> None:
    config = tmp_path / "parley.toml"
    config.write_text('[[subscriptions]]\nid = "desk"\nkind = "email"\naddress = "desk@example.org"\n')
    done = parley("--config", str(config), "doctor")
    assert done.returncode == 1
    assert "smtp.host" in done.stdout


def test_a_line_that_is_not_json_is_named_and_the_rest_is_answered(parley: Parley, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(
        '{"id": "a", "text": "The two sides will meet."}\nnot json\n{"id": "b", "text": "Talks began."}\n'
    )
    done = parley("detect", str(lines), "--json")
    assert done.returncode == 1
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"parley: {lines}, line 2 is not JSON")


@pytest.mark.parametrize("command", [("detect",), ("evaluate",)], ids=lambda command: command[0])
def test_a_file_in_which_nothing_can_be_read_gets_one_line(
    parley: Parley, tmp_path: Path, command: tuple[str]
) -> None:
    file = tmp_path / "some.jsonl"
    for raw, why in (
        (b"", "texts: it is empty"),
        (b"\n \n", "texts: it is empty"),
        (b"\x1f\x8b\x08\n" + b"a\0b\n" * 31, "is no text but binary data; expected JSON lines in UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "is no text but binary data; expected JSON lines in UTF-8"),
    ):
        file.write_bytes(raw)
        assert why in refusal(parley(*command, str(file)))


def test_detect_answers_a_line_for_a_line_in_the_form_of_the_contract(parley: Parley, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    sentence = "The union has refused to return to talks with the port operator."
    lines.write_text(
        json.dumps({"id": "x", "text": sentence, "published": "2025-03-04", "source": "passed over"}) + "\n"
    )
    answer = document(parley("detect", str(lines), "--topic", "any", "--json"))
    assert (answer["id"], answer["kind"]) == ("x", "rejected")
    claim = answer["claims"][0]
    assert set(claim) >= CLAIM
    assert set(claim["when"]) == {"start_earliest", "start_latest", "end"}
    span = claim["span"]
    assert sentence[span["start"] : span["end"]] == span["text"]


def test_explain_says_why_and_why_not(parley: Parley, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(
        "The union has refused to return to talks. Talks were held in 2013, and the ongoing talks matter."
    )
    done = parley("detect", "--text", str(text), "--explain")
    assert "rule:" in done.stdout
    assert "dropped" in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x00",
        "‏محادثات السلام‏ talks resumed",
        "talks\x00 resumed",
        "؟" * 50,
        "\ud800 talks resumed \udfff",
    ],
    ids=["empty", "nul", "right-to-left", "nul within", "marks", "lone surrogates"],
)
def test_odd_texts_get_an_answer(parley: Parley, tmp_path: Path, text: str) -> None:
    lines = tmp_path / "odd.jsonl"
    lines.write_text(json.dumps({"text": text}) + "\n")
    assert "kind" in document(parley("detect", str(lines), "--json"))


@pytest.mark.parametrize("piece", ["a", "talks ", "talks talks. ", "(" * 3, "no not never "], ids=repr)
def test_huge_texts_take_time_that_grows_with_their_length(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        begun = time.process_time()
        detect(Document("", text), ANY, "0" * 32)
        return time.process_time() - begun

    seconds(10_000)
    small, large = max(seconds(125_000), 0.02), seconds(1_000_000)
    assert large < 60
    assert large / small < 8 * 4


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (bytes(range(256)) * 80, "is no text in UTF-8 (byte 128); save it as UTF-8"),
        ("Talks collapsed in Bogotá.".encode("latin-1"), "is no text in UTF-8 (byte 24); save it as UTF-8"),
        ("Talks collapsed.".encode("utf-16-le"), "is no text but binary data; expected plain text in UTF-8"),
        (b"", "has no text: it is empty"),
    ],
    ids=["all bytes", "latin", "nul", "empty"],
)
def test_bytes_that_are_no_text_are_refused(parley: Parley, tmp_path: Path, raw: bytes, why: str) -> None:
    file = tmp_path / "raw.txt"
    file.write_bytes(raw)
    assert refusal(parley("detect", "--text", str(file))) == f"parley: {file} {why}"


def test_a_plain_text_may_come_by_stdin(parley: Parley, monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard = io.TextIOWrapper(io.BytesIO(b"The union has refused to return to talks."))
    monkeypatch.setattr(sys, "stdin", keyboard)
    answer = document(parley("detect", "--text", "-", "--json"))
    assert (answer["id"], answer["kind"]) == ("stdin", "rejected")


def test_detect_refuses_what_it_would_have_passed_over(parley: Parley, tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("Talks collapsed.")
    assert "not both" in refusal(parley("detect", "lines.jsonl", "--text", str(text)))
    assert "--title goes with --text" in refusal(parley("detect", "lines.jsonl", "--title", "Talks"))
    assert "--published goes with --text" in refusal(parley("detect", "x.jsonl", "--published", "2025-05-29"))


def test_the_tour_of_help_has_an_example_to_start_with(parley: Parley) -> None:
    done = parley("--help")
    assert done.returncode == 0
    assert "parley up" in done.stdout
    for command in (
        "up",
        "run",
        "seed",
        "ingest",
        "status",
        "timeline",
        "alerts",
        "claims",
        "detect",
        "evaluate",
        "log",
        "rebuild",
        "doctor",
    ):
        assert f" {command} " in done.stdout
        assert parley(command, "--help").returncode == 0
