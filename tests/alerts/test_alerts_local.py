"""Alerts in a file and on the console: one line per delivery, once, whole."""

import fcntl
import io
import json
import os
import threading
from dataclasses import replace

import pytest

from monitor.alerts.channels import local
from monitor.alerts.channels.local import ConsoleChannel, FileChannel
from monitor.alerts.config import SubscriptionConfig
from monitor.errors import DeliveryError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "alerts.jsonl"


@pytest.fixture
def delivery(delivery_of, path):
    config = {"id": "log", "kind": "file", "path": str(path)}
    return delivery_of(SubscriptionConfig.model_validate(config))


def refusal(channel, delivery):
    with pytest.raises(DeliveryError) as caught:
        channel.send(delivery)
    assert caught.value.retry
    return caught.value


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_is_the_payload_with_the_deliverys_id(delivery, path):
    FileChannel().send(delivery)
    [line] = lines(path)
    assert line.pop("id") == delivery.delivery_id
    assert line == delivery.message.payload


def test_a_repeat_of_what_was_written_is_not_written_again(delivery, path):
    other = replace(delivery, delivery_id="f" * 32)
    for one in (delivery, other, replace(delivery, attempt=2), replace(other, attempt=3)):
        FileChannel().send(one)
    assert [line["id"] for line in lines(path)] == [delivery.delivery_id, other.delivery_id]


def test_a_repeat_of_what_was_not_written_is(delivery, path):
    path.write_text(json.dumps({"id": "f" * 32, "text": delivery.delivery_id}) + "\n")
    FileChannel().send(replace(delivery, attempt=2))
    assert [line["id"] for line in lines(path)] == ["f" * 32, delivery.delivery_id]


def test_a_line_that_somebody_died_in_does_not_spoil_the_next(delivery, path):
    path.write_text('{"id":"' + delivery.delivery_id + '","type":"ale')
    FileChannel().send(replace(delivery, attempt=2))
    torn, whole = path.read_text().splitlines()
    assert torn.endswith("ale")
    assert json.loads(whole)["id"] == delivery.delivery_id


def test_threads_write_whole_lines(delivery, path):
    channel = FileChannel()
    made = [replace(delivery, delivery_id=f"{number:032x}") for number in range(40)]
    threads = [threading.Thread(target=channel.send, args=(one,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {line["id"] for line in lines(path)} == {one.delivery_id for one in made}


def test_a_full_disk_leaves_the_file_as_it_was_and_is_tried_again(delivery, path, monkeypatch):
    path.write_text("{}\n")
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:10]))
    error = refusal(FileChannel(), delivery)
    assert error.reason == "unwritable"
    assert path.read_text() == "{}\n"


def test_what_is_no_file_is_not_written_to_and_keeps_nobody_waiting(delivery, path, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for target in (tmp_path, pipe, tmp_path / "missing" / "file", "/dev/null"):
        recipient = replace(delivery.recipient, target=str(target))
        assert refusal(FileChannel(), replace(delivery, recipient=recipient)).reason == "unwritable"


def test_a_file_that_stays_locked_is_given_up_in_time(delivery, path, monkeypatch):
    monkeypatch.setattr(local, "_LOCK_S", 0.1)
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert refusal(FileChannel(), delivery).reason == "unwritable"
    FileChannel().send(delivery)
    assert len(lines(path)) == 1


def test_the_console_shows_the_message(delivery, capsys):
    ConsoleChannel().send(delivery)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert delivery.message.subject in shown.err
    assert "“Khan has rejected any dialogue with the government.”" in shown.err
    assert delivery.delivery_id in shown.err


def test_a_closed_console_is_a_passing_failure(delivery, monkeypatch):
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr("sys.stderr", closed)
    assert refusal(ConsoleChannel(), delivery).reason == "unwritable"


def test_a_path_means_the_same_wherever_a_role_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for path, meant in (("alerts.jsonl", "alerts.jsonl"), ("~/alerts.jsonl", "home/alerts.jsonl")):
        config = SubscriptionConfig.model_validate({"id": "log", "kind": "file", "path": path})
        assert config.target == str(tmp_path / meant)
