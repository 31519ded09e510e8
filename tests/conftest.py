"""What every test stands on: the guards of `tests/support/guards.py`, a client, people, and the outbox.

A test that needs real commits says `@pytest.mark.django_db(transaction=True)`; the reference data that
migrations load is put back for it. A test that needs real processes takes `live_site` (`tests/support/live.py`).
"""

import os

import hypothesis
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.signals import setting_changed
from django.db import connection
from django.template import engines
from django.utils import translation

from tests.support import factories, guards, ledger_guards
from tests.support.live import _live_databases, live_site, make_live_site  # noqa: F401 - fixtures
from tests.support.outbox import Outbox

# Playwright's synchronous API runs a loop in the thread of the test; Django would refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


#: Tests that start real processes; bin/test runs them by themselves (marker "live").
LIVE_FOLDERS = {"journeys", "concurrency", "live"}

#: How long property tests look for a counter-example; bin/test asks for the thorough one, on one database.
hypothesis.settings.register_profile("quick", max_examples=40)
hypothesis.settings.register_profile("thorough", max_examples=400)
hypothesis.settings.load_profile("quick")


def pytest_configure(config):
    config.addinivalue_line("markers", "live: starts real processes (gunicorn, a worker, beat, a browser)")
    config.addinivalue_line("markers", "slow: a sweep over everything, or a process of its own; not in the fast part")
    config.addinivalue_line("markers", "once: needs no second run on the other database")
    config.addinivalue_line("markers", "crawl: every page of everybody, long enough to be a part of its own")
    config.addinivalue_line("markers", "database: uses the database of the run, so it is run on each kind of database")
    # Of one of the services that apprise loads; nothing of ours uses it.
    config.addinivalue_line("filterwarnings", "ignore:'imghdr' is deprecated:DeprecationWarning")


def pytest_collection_modifyitems(items):
    for item in items:
        if LIVE_FOLDERS & set(item.path.parts):
            item.add_marker("live")
        marker = item.get_closest_marker("django_db")
        if marker or "db" in item.fixturenames:
            item.add_marker("database")
        if marker and marker.kwargs.get("transaction"):
            kwargs = {**marker.kwargs, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(*marker.args, **kwargs), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """A test with real commits ends by emptying the database: put back what migrations loaded, for whoever is next.

    The trust ledger refuses to be emptied: its guards stand aside meanwhile.
    """
    marker = item.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction"))
    if not (commits or {"transactional_db", "live_server"} & set(item.fixturenames)):
        return (yield)
    blocker = item.funcargs.get("django_db_blocker") or item._request.getfixturevalue("django_db_blocker")
    with blocker.unblock():
        ledger_guards.drop()
    result = yield
    if nextitem is not None:
        with blocker.unblock():
            ledger_guards.make()
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)
            ContentType.objects.clear_cache()
    return result


@pytest.fixture(autouse=True, scope="session")
def _undefined_template_variables_fail():
    guard = guards.UndefinedVariableGuard()

    def watch(**kwargs):
        """Also the engine that is made anew after a test has changed a setting of templates, DEBUG being one."""
        engines["django"].engine.string_if_invalid = guard

    watch()
    setting_changed.connect(watch)
    yield
    setting_changed.disconnect(watch)
    engines["django"].engine.string_if_invalid = ""


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    with pytest.MonkeyPatch.context() as monkeypatch:
        guards.forbid_network(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def _english():
    """A request leaves its language behind in the thread: no test inherits that of another."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _empty_cache(request, settings):
    """Rate limits of one test are not those of the next: what no roll-back undoes is cleared."""
    marker = request.node.get_closest_marker("django_db")
    is_in_database = settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    if marker and marker.kwargs.get("transaction"):
        request.getfixturevalue("transactional_db")
        cache.clear()
    elif not is_in_database:
        cache.clear()


@pytest.fixture
def client():
    """A visitor's browser. `client.force_login(user)` signs in."""
    return guards.SiteClient()


@pytest.fixture
def client_of():
    """`client_of(user)`: another browser, signed in as that user (or a visitor's where the user is None)."""

    def make(user=None):
        browser = guards.SiteClient()
        if user is not None:
            browser.force_login(user)
        return browser

    return make


@pytest.fixture
def enqueued():
    """The wake-ups that the test published: `enqueued.named("app.tasks.name")`."""
    with guards.Enqueued() as record:
        yield record


@pytest.fixture
def outbox(settings, tmp_path, mailoutbox):
    """Everything that is sent: `outbox.deliver()` sends what is due, `outbox.mails` and `outbox.sms` hold it."""
    settings.OUTBOX_DIR = tmp_path / "outbox"
    settings.SMS_URL = f"outbox://{settings.OUTBOX_DIR}"
    return Outbox(settings.OUTBOX_DIR, mailoutbox)


@pytest.fixture
def user(db):
    """Somebody with an account and nothing else."""
    return factories.UserFactory()


@pytest.fixture
def patient(db):
    """A patient with a verified address."""
    return factories.PatientFactory()


@pytest.fixture
def careteam(db):
    """A member of MEDICAIM's staff."""
    return factories.CareteamFactory()


@pytest.fixture
def provider_owner(db):
    """The owner of an active, published practitioner (`provider_owner.provider_memberships`)."""
    return factories.MembershipFactory().user
