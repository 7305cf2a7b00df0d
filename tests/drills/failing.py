"""Articles sent into the compose stack while parts of it fail, and what must be true of them in the end."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.drills.stack import Outside, Stack

ARTICLE = """---
title: {title}
date: {at:%Y-%m-%dT%H:%M:%SZ}
outlet: Meridian Post
url: https://meridian.example/{name}
---
ISLAMABAD: The PTI {news}, Barrister Gohar Ali Khan told reporters after a meeting about paper {number}.
"""
RESUMED = "resumed talks with the federal government in Islamabad on {at:%A}"
QUIET = "has no date yet for a sitting with the federal government"
# An operator's own shell: the files come in, and are taken in together.
TAKE_IN = """
import json, pathlib, sys
folder = pathlib.Path("/tmp/load")
folder.mkdir(exist_ok=True)
for name, text in json.load(sys.stdin).items():
    (folder / name).write_text(text)
"""
IN_THE_CONTAINER = ("sh", "-c", f"python -c '{TAKE_IN}' && exec parley ingest --json /tmp/load")
SETTLED = {"succeeded", "dropped"}
READABLE = "secrets"
"""The doctor's check that a drill cannot please: its settings file holds a secret, and a container's user reads it."""


class Load:
    """Rounds of two articles: a new one, and one that its outlet corrects each time, which alerts or takes back."""

    def __init__(self, stack: Stack, outside: Outside, chance: random.Random) -> None:
        self.stack, self.outside = stack, outside
        self.refusals: list[str] = []
        """What an attempt to take articles in said when it failed."""
        self._tag = f"{chance.getrandbits(48):x}"
        self._rounds = 0
        self._before = self._counts()

    @property
    def rounds(self) -> int:
        """So many were taken in."""
        return self._rounds

    def send(self, within: float = 300) -> None:
        """Take in one more round; an attempt that fails is made again, as an operator would, with the same articles."""
        articles = self._articles()
        deadline = time.monotonic() + within
        while (said := self.attempt(articles)) is not None:
            self.refusals.append(said)
            assert time.monotonic() < deadline, f"a round was not taken in within {within} s: {said}"
            time.sleep(1)
        self._rounds += 1

    def attempt(self, articles: dict[str, str] | None = None) -> str | None:
        """Try to take in the round that is next; what the command said when it failed."""
        given = json.dumps(articles or self._articles())
        done = self.stack.inside("backup", *IN_THE_CONTAINER, given=given, check=False)
        return None if done.returncode == 0 else (done.stdout + done.stderr)[-2000:]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Rounds, one after the other, as long as this lasts; the last one is waited for."""
        enough = threading.Event()
        failed: list[BaseException] = []

        def work() -> None:
            try:
                while not enough.is_set():
                    self.send()
            except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
                failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            enough.set()
            thread.join()
        if failed:
            raise failed[0]

    def check(self) -> None:
        """Wait until all is well; then each article and each reading must be there once, and told of once."""
        self.stack.wait_until_well()
        wanted = self._before + Counter({"articles": 2 * self._rounds, "claims.detected": 2 * self._rounds})
        self.stack.wait("every article and its claims", lambda: self._counts() == wanted)
        self.stack.wait("a doctor with nothing to say", lambda: not ails(self.stack))
        assert self._counts() == wanted, "and none twice"
        self.stack.inside("api", "parley", "log", "verify")
        self._check_deliveries()

    def _check_deliveries(self) -> None:
        listed = self.stack.inside(
            "api", "parley", "deliveries", "list", "--subscription", "hook", "-n", "1000", "--json"
        )
        rows = [row for row in json.loads(listed.stdout) if row["topic"] == "pti"]
        assert {row["state"] for row in rows} <= SETTLED
        assert {row["id"] for row in rows if row["state"] == "succeeded"} == set(self.outside.hook_ids)
        raised = [row["alert"] for row in rows if row["message"] == "alert"]
        by_type = self.stack.log()["pti"]["by_type"]
        assert len(raised) == len(set(raised)) == by_type["alert.raised"]
        told: dict[str, set[str]] = {}
        for name, hook in zip(self.outside.hook_ids, self.outside.hooks, strict=True):
            if hook["data"]["message_type"] == "Alert":
                told.setdefault(hook["data"]["alert"], set()).add(name)
        assert all(len(names) == 1 for names in told.values()), told

    def _articles(self) -> dict[str, str]:
        number, at = self._rounds, datetime.now(UTC)
        turning, new = f"turning-{self._tag}", f"new-{self._tag}-{number}"
        news = (RESUMED if number % 2 == 0 else QUIET).format(at=at)
        return {
            "turning.md": ARTICLE.format(
                title="Notes from two committees", at=at, name=turning, news=news, number=number
            ),
            "new.md": ARTICLE.format(
                title=f"Notes, part {number}", at=at, name=new, news=QUIET, number=number
            ),
        }

    def _counts(self) -> "Counter[str]":
        by_type = self.stack.log()["pti"]["by_type"]
        articles = by_type["article.ingested"] + by_type.get("article.revised", 0)
        return Counter({"articles": articles, "claims.detected": by_type["claims.detected"]})


def ails(stack: Stack, role: str = "ingest") -> dict[str, str]:
    """Check -> what `parley doctor` found wrong, asked in a role's container."""
    done = stack.inside(role, "parley", "doctor", "--json", check=False)
    assert done.stdout, f"the doctor in {role} says nothing: {done.stderr}"
    said: dict[str, Any] = json.loads(done.stdout)
    found = {check["name"]: check["found"] for check in said["checks"] if not check["ok"]}
    return {name: words for name, words in found.items() if name != READABLE}
