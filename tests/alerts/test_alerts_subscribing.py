"""The whole way of a person's subscription, over a real HTTP server and a real mail server."""

import email
import re
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from email.policy import default
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from aiosmtpd.controller import Controller
from sqlmodel import Session, select

from monitor.alerts.channels.email import EmailChannel, MailServer
from monitor.alerts.config import Wishes
from monitor.alerts.dispatch import Dispatcher
from monitor.alerts.links import CONFIRM, MINE, UNSUBSCRIBE, link
from monitor.alerts.people import People
from monitor.alerts.tables import AuditRow, DeliveryRow, SubscriptionRow
from monitor.api.app import create_app
from monitor.api.context import Context
from monitor.readmodel.queries import ReadModel

API = "https://api.parley.example"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
ANNA = "anna@example.org"
NEW = "/v1/subscriptions/new"


class Mailbox:
    """Takes mail."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name that aiosmtpd calls
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


class AnyPort(Controller):
    """aiosmtpd's controller on a port that the system chooses."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def served(app):
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def people(engine, story, clock):
    return People(engine, story.vault, API, clock, {"pti": story.topic}, is_open=True)


@pytest.fixture
def client(people, clock, tmp_path):
    with served(create_app(Context(ReadModel(tmp_path), dict, clock, people=people))) as client:
        yield client


@pytest.fixture
def deliver(engine, story, clock):
    """Send what is due through a real mail server; returns what arrived."""
    mailbox = Mailbox()
    controller = AnyPort(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    server = MailServer(
        host="127.0.0.1", port=controller.port, sender="parley@parley.example", security="none"
    )
    dispatcher = Dispatcher(
        engine, {"email": EmailChannel(server, clock)}, clock, story.open, lambda event: None
    )

    def run():
        before = len(mailbox.mails)
        dispatcher.tick()
        assert dispatcher.drain(10)
        return mailbox.mails[before:]

    yield run
    dispatcher.close()
    controller.stop()


def path_in(mail, words):
    """The path of the link that stands after these words in a mail's text."""
    found = re.search(rf"^{words}: (\S+)\s*$", mail.get_body(("plain",)).get_content(), re.MULTILINE)
    parts = urlsplit(found[1])
    assert f"{parts.scheme}://{parts.netloc}" == API
    return f"{parts.path}?{parts.query}"


def path_to(story, purpose, subscription, until=None):
    return link(story.vault, "", purpose, subscription, until)


def everything(engine):
    with Session(engine) as session:
        tables = (SubscriptionRow, AuditRow, DeliveryRow)
        return [row.model_dump() for table in tables for row in session.exec(select(table))]


@pytest.fixture
def anna(people, engine):
    """The id of a subscription that waits to be confirmed."""
    people.ask(ANNA, Wishes())
    with Session(engine) as session:
        return session.exec(select(SubscriptionRow.id)).one()


def test_from_subscribing_over_an_alert_to_the_one_click_that_ends_it(client, engine, story, clock, deliver):
    answer = client.post("/v1/subscriptions", json={"address": ANNA, "topics": ["pti"]})
    assert answer.status_code == 202
    [(to, mail)] = deliver()
    assert to == [ANNA]
    assert mail["Subject"] == "[Parley] Please confirm your subscription"

    confirm = path_in(mail, "Confirm")
    before = everything(engine)
    page = client.get(confirm, headers=BROWSER)
    assert "<button>Confirm</button>" in page.text
    assert "a***@example.org" in page.text
    assert everything(engine) == before  # a scanner that follows links confirms nothing
    assert "You are subscribed" in client.post(confirm, headers=BROWSER).text

    clock.turn(timedelta(minutes=1))
    story.tell(story.alert())
    [(to, mail)] = deliver()
    assert to == [ANNA]
    assert mail["Subject"] == "[Parley] PTI and the government: talks rejected (reported)"

    stop = path_in(mail, "Stop these messages")
    assert mail["List-Unsubscribe"].split(",")[0].strip("<>").removeprefix(API) == stop
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    before = everything(engine)
    assert "<button>Stop them</button>" in client.get(stop, headers=BROWSER).text
    assert everything(engine) == before
    story.tell(story.alert("waiting"))
    assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    clock.turn(timedelta(minutes=1))
    story.tell(story.alert("later"), story.update())
    assert deliver() == []
    with Session(engine) as session:
        row = session.exec(select(SubscriptionRow)).one()
        assert (row.target, row.target_mark) == ("", "")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"content": b""},
        {"content": b"\xff\x00 no form", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": b"{", "headers": {"Content-Type": "application/json"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
    ],
)
def test_one_click_needs_no_body_and_may_be_repeated(client, story, engine, anna, sent):
    for _ in range(2):
        assert client.post(path_to(story, UNSUBSCRIBE, anna), **sent).status_code == 200
    with Session(engine) as session:
        assert session.get(SubscriptionRow, anna).target == ""


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(client, people, story, anna):
    people.confirm(path_to(story, CONFIRM, anna).rpartition("=")[2])
    known = client.post("/v1/subscriptions", json={"address": ANNA})
    unknown = client.post("/v1/subscriptions", json={"address": "ben@example.org"})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text) == (202, known.text)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 422),
        ({"address": "anna"}, 422),
        ({"address": "anna@example.org\r\nBcc: all@example.org"}, 422),
        ({"address": f"{'a' * 250}@example.org"}, 422),
        ({"address": ANNA, "kind": "webhook", "url": "http://127.0.0.1/"}, 422),
        ({"address": ANNA, "time_zone": "Nowhere"}, 422),
        ({"address": ANNA, "topics": ["ptj"]}, 404),
        ({"address": ANNA, "topics": ["_system"]}, 404),
    ],
)
def test_a_wrong_wish_is_a_problem_and_nobody_is_mailed(client, engine, asked, status):
    answer = client.post("/v1/subscriptions", json=asked)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert everything(engine) == []


def test_one_client_cannot_have_many_addresses_mailed(client, engine):
    answers = [client.post("/v1/subscriptions", json={"address": f"a{n}@example.org"}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    assert answers[-1].headers["Retry-After"] == "3600"
    with Session(engine) as session:
        assert len(session.exec(select(DeliveryRow)).all()) == 10
    form = client.post(NEW, data={"address": ANNA}, headers=BROWSER)
    assert (form.status_code, form.headers["Retry-After"]) == (429, "3600")


def test_where_it_is_not_switched_on_nobody_subscribes_but_links_hold(engine, story, clock, tmp_path, anna):
    closed = People(engine, story.vault, API, clock, {"pti": story.topic}, is_open=False)
    with served(create_app(Context(ReadModel(tmp_path), dict, clock, people=closed))) as client:
        assert client.post("/v1/subscriptions", json={"address": "ben@example.org"}).status_code == 403
        assert client.get(NEW).status_code == 403
        assert client.post(NEW, data={"address": "ben@example.org"}).status_code == 403
        assert client.post(path_to(story, UNSUBSCRIBE, anna)).status_code == 200


def test_the_form_asks_as_the_document_does(client, engine, deliver):
    page = client.get(NEW, headers=BROWSER)
    assert 'name="address"' in page.text
    answer = client.post(
        NEW,
        data={"address": ANNA, "topics": "pti", "min_severity": "major", "quiet_from": ""},
        headers=BROWSER,
    )
    assert "Look into your mailbox" in answer.text
    with Session(engine) as session:
        wishes = session.exec(select(SubscriptionRow)).one().wishes
    assert Wishes.model_validate(wishes) == Wishes(topics=("pti",), min_severity="major")
    assert len(deliver()) == 1
    wrong = client.post(NEW, data={"address": "<script>"}, headers=BROWSER)
    assert wrong.status_code == 422
    assert "name@example.org" in wrong.text
    assert "<script" not in wrong.text


def test_the_form_can_be_filled_in_by_its_address(client, engine):
    asked = {"topics": ["pti", "<b>"], "channels": "government"}
    page = client.get(NEW, params=asked, headers=BROWSER).text
    assert 'name="topics" value="pti" checked' in page
    assert 'name="channels" value="government" checked' in page
    assert page.count(" checked>") == 2
    assert "<b>" not in page
    assert client.get(NEW, params={"topics": "x" * 101}).status_code == 422
    form = {"address": ANNA, "topics": "pti", "channels": "government"}
    assert client.post(NEW, data=form, headers=BROWSER).status_code == 202
    with Session(engine) as session:
        wishes = session.exec(select(SubscriptionRow)).one().wishes
    assert Wishes.model_validate(wishes) == Wishes(topics=("pti",), channels=("government",))


def test_it_says_whether_people_may_subscribe(client, people):
    assert client.get("/v1/subscriptions").json() == {"open": True, "feeds_open": True}
    people.is_open = False
    assert client.get("/v1/subscriptions").json()["open"] is False


def test_wishes_are_changed_by_document_and_by_form(client, story, engine, anna):
    mine = path_to(story, MINE, anna)
    as_json = {"Accept": "application/json"}
    shown = client.get(mine, headers=as_json).json()
    assert (shown["state"], shown["address"]) == ("unconfirmed", "a***@example.org")
    changed = client.patch(mine, json={"digest": "daily", "digest_at": "07:30"})
    assert changed.status_code == 200
    assert client.patch(mine, json={"min_severity": "major"}).json()["wishes"]["digest"] == "daily"
    page = client.get(mine, headers=BROWSER).text
    assert 'value="07:30"' in page
    assert '<option value="major" selected>' in page
    answer = client.post(
        mine,
        data={"digest": "off", "quiet_from": "22:00", "quiet_until": "07:00", "time_zone": "Asia/Karachi"},
        headers=BROWSER,
    )
    assert "22:00 to 07:00 (Asia/Karachi)" in answer.text
    wishes = client.get(mine, headers=as_json).json()["wishes"]
    assert (wishes["digest"], wishes["min_severity"], wishes["quiet_until"]) == ("off", "major", "07:00:00")
    for wrong in ({"colour": "red"}, {"quiet_from": "21:00", "quiet_until": None}, {"digest": "often"}):
        assert client.patch(mine, json=wrong).status_code == 422
    assert client.post(mine, data={"quiet_from": "22:00"}, headers=BROWSER).status_code == 422
    assert client.get(mine, headers=as_json).json()["wishes"] == wishes


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("purpose", [CONFIRM, UNSUBSCRIBE, MINE])
def test_a_link_that_is_not_ours_is_a_page_to_people_and_a_problem_to_programs(client, purpose, method):
    for token in ("", "<script>", "x" * 3000):
        path = f"/v1/subscriptions/{purpose}"
        page = client.request(method, path, params={"token": token}, headers=BROWSER)
        assert page.status_code in {404, 422}
        assert page.headers["Content-Type"].startswith("text/html")
        assert "<script" not in page.text
        problem = client.request(method, path, params={"token": token})
        assert problem.headers["Content-Type"] == "application/problem+json"


def test_every_page_is_plain_and_keeps_its_address_to_itself(client, story, anna):
    for path in (NEW, *(path_to(story, purpose, anna) for purpose in (CONFIRM, UNSUBSCRIBE, MINE))):
        page = client.get(path, headers=BROWSER)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "width=device-width" in page.text
        assert "color-scheme: light dark" in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        for name, value in (
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ):
            assert page.headers[name] == value


def test_a_form_that_never_ends_is_cut_off(client, story, anna):
    answer = client.post(path_to(story, MINE, anna), content=b"topics=" + b"x" * 20_000)
    assert answer.status_code == 413


def test_a_method_that_a_path_does_not_take_is_answered_with_all_that_it_takes(client):
    answer = client.put("/v1/subscriptions/mine")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PATCH, POST")
