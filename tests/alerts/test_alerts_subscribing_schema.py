"""What OpenAPI says of subscriptions is true: schemathesis asks for whatever it allows, and for what it does not."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from monitor.alerts.config import Wishes
from monitor.alerts.links import link
from monitor.alerts.people import People
from monitor.alerts.tables import create_tables
from monitor.api.app import create_app
from monitor.api.context import Context
from monitor.readmodel.queries import ReadModel
from monitor.readmodel.store import open_engine
from tests.alerts.conftest import NOW, TOPIC, VAULT
from tests.api.serving import served


def app_of(folder: Path, *, is_open: bool):
    """The application with one subscription, and the path of a link of it."""
    engine = open_engine(folder / "service.sqlite")
    create_tables(engine)
    people = People(engine, VAULT, "", lambda: NOW, {"pti": TOPIC}, is_open=is_open)
    return people, create_app(Context(ReadModel(folder), dict, lambda: NOW, people=people))


@pytest.fixture(scope="module", params=[True, False], ids=["open", "closed"])
def service(request, tmp_path_factory):
    """The address of a server, and how to make a token for what a path is for."""
    people, app = app_of(tmp_path_factory.mktemp("service"), is_open=request.param)
    people.ask("anna@example.org", Wishes())
    with people._engine.connect() as connection:
        subscription = connection.exec_driver_sql("SELECT id FROM subscription").scalar()

    def token(path):
        return link(VAULT, "", path.rpartition("/")[2], subscription).partition("token=")[2]

    with served(Context(ReadModel(Path("nowhere")), dict, lambda: NOW), app) as client:
        yield str(client.base_url), token


def described():
    """The schema; it is the same whatever is kept."""
    people = People(None, VAULT, "", lambda: NOW, {}, is_open=True)
    app = create_app(Context(ReadModel(Path("nowhere")), dict, lambda: NOW, people=people))
    refusals = [400, 403, 404, 405, 413, 414, 422, 429]
    config = {"checks": {"negative_data_rejection": {"expected-statuses": refusals}}}
    return schemathesis.openapi.from_dict(app.openapi(), config=schemathesis.Config.from_dict(config))


schema = described()


@pytest.mark.drill
@schema.include(path_regex="^/v1/subscriptions").parametrize()
@settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_answer_is_as_described(case, service):
    base_url, token = service
    if len(case.query.get("token", "")) % 2:  # half of the tokens are good ones
        case.query["token"] = token(case.path)
    # Not every text is a time zone, a topic or a token, and a client may ask ten times only.
    case.call_and_validate(base_url=base_url, excluded_checks=[positive_data_acceptance])
