"""What the dashboard for Grafana and Prometheus' rules ask for is what Parley tells: names, labels and their values."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from monitor import metrics
from monitor.readmodel import backups
from monitor.service.wiring import open_service
from monitor.sources.config import SourceConfig
from monitor.sources.state import SourceStates
from tests.api.serving import NOW, context_of, served, told_model
from tests.api.test_api_service import _deliver

DEPLOY = Path(__file__).parents[1] / "deploy"
RULES = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())
PROMETHEUS = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
DASHBOARD = json.loads((DEPLOY / "grafana" / "parley.json").read_text())
_OWN_LABELS = {"job", "instance", "le"}
"""Those that Prometheus itself puts on."""
_OUR_NAMES = re.compile(r"\b(?:parley|process)_[a-z_]+\b")
_SELECTOR = re.compile(r"\b(parley_[a-z_]+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING = re.compile(r"\bby \(([^)]*)\)")


def expressions() -> Iterator[tuple[str, str]]:
    """(where, PromQL) of all there are."""
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, set[str]]]:
    """Name -> label -> values, of all that a process with the HTTP interface tells."""
    model = told_model(tmp_path_factory.mktemp("metrics") / "data")
    service = open_service(model.store)
    SourceStates(service).enrol([SourceConfig(id="post", url="https://post.example/feed")], NOW)
    _deliver(service, [("mail", "failed"), ("mail", "pending")])
    service.dispose()
    (model.data_dir / backups.FILE).write_text(
        json.dumps({"at": NOW.isoformat(), "place": "/backup/1", "events": 7})
    )
    for consumer in metrics.CONSUMERS:
        metrics.CONSUMER_LAG_EVENTS.labels(consumer).set(0)
    metrics.succeeded("watch docks", NOW)
    for outcome in ("succeeded", "failed", "abandoned", "limited"):
        metrics.DELIVERIES.labels("email", outcome)
    with served(context_of(model)) as client:
        client.get("/v1/topics")
        text = client.get("/metrics").text
    found: dict[str, dict[str, set[str]]] = {}
    family: Metric
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


def test_all_of_the_check_list_is_told(told: dict[str, Any]) -> None:
    for name in (
        "parley_feed_polls_total", "parley_feed_fetch_seconds_bucket", "parley_articles_ingested_total",
        "parley_duplicates_total", "parley_append_conflicts_total", "parley_consumer_lag_events",
        "parley_consumer_last_success_timestamp_seconds", "parley_status_changes_total", "parley_deliveries_total",
        "parley_delivery_age_seconds", "parley_dead_letters", "parley_feed_stale",
    ):  # fmt: skip
        assert name in told
    assert told["parley_feed_polls_total"]["outcome"] == {"changed", "unchanged", "failed", "not_stored"}
    assert told["parley_last_backup_timestamp_seconds"] == {}


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_what_is_asked_for_is_told(where: str, expression: str, told: dict[str, dict[str, set[str]]]) -> None:
    names = set(_OUR_NAMES.findall(expression))
    assert names | ({"up"} if where == "ParleyDown" else set()), expression
    assert names <= told.keys()
    for name, matchers in _SELECTOR.findall(expression):
        for label, operator, value in _MATCHER.findall(matchers):
            if label in _OWN_LABELS:
                continue
            known = told[name][label]
            wanted = set(value.split("|")) if operator in {"=~", "!~"} else {value}
            assert operator.startswith("!") or wanted <= known, f"{name}: {label} is never {wanted - known}"
    labels = {label.strip() for group in _GROUPING.findall(expression) for label in group.split(",")}
    known_labels = {label for name in names for label in told[name]}
    assert labels <= known_labels | _OWN_LABELS


def test_a_matcher_for_what_is_never_told_would_be_noticed(told: dict[str, dict[str, set[str]]]) -> None:
    with pytest.raises(AssertionError, match="never"):
        test_what_is_asked_for_is_told("x", 'parley_feed_polls_total{outcome="lost"}', told)
    with pytest.raises(AssertionError):
        test_what_is_asked_for_is_told("x", "parley_no_such_total", told)


def test_each_rule_says_what_is_wrong_and_what_to_do() -> None:
    (group,) = RULES["groups"]
    names = [rule["alert"] for rule in group["rules"]]
    assert len(set(names)) == len(names)
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"].keys() == {"summary", "description"}


def test_prometheus_reads_the_rules_and_asks_the_ports_of_the_roles() -> None:
    assert PROMETHEUS["rule_files"] == ["rules.yml"]
    jobs = {job["job_name"]: job for job in PROMETHEUS["scrape_configs"]}
    assert jobs["parley-api"]["static_configs"] == [{"targets": ["api:8500"]}]
    (roles,) = jobs["parley-roles"]["dns_sd_configs"]
    assert (set(roles["names"]), roles["port"]) == ({"ingest", "watch", "notify"}, 8502)


def test_panels_do_not_overlap_and_have_ids_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("text", ["", "{}", '{"at": "yesterday", "place": "x", "events": 1}', "[1]"])
def test_a_note_of_a_backup_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    assert backups.last_backup(tmp_path) is None
    (tmp_path / backups.FILE).write_text(text)
    assert backups.last_backup(tmp_path) is None


def test_the_last_backup_is_read_as_it_was_noted(tmp_path: Path) -> None:
    (tmp_path / backups.FILE).write_text('{"at": "2026-03-02T03:00:00Z", "place": "/b/1", "events": 12}')
    assert backups.last_backup(tmp_path) == (datetime(2026, 3, 2, 3, tzinfo=UTC), "/b/1", 12)
