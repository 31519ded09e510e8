"""Every guard of the suite, and the one that runs in production beside it, catches its planted violation."""

import socket
import types
import warnings

import pytest
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.template import engines
from django.template.base import Origin
from django.template.base import Template as RawTemplate
from django.test import override_settings
from django.urls import clear_url_caches, path

from accounts.models import User
from medicaim.access import ACCESS
from medicaim.common.access import ANYONE
from tests.support import guards


@pytest.fixture
def planted(monkeypatch):
    """`planted(view)` puts a view at /planted/, open to anyone, and gives its address."""
    import medicaim.urls as site_urls

    module = types.ModuleType("planted_urls")
    module.handler403, module.handler404 = site_urls.handler403, site_urls.handler404
    with override_settings(ROOT_URLCONF=module):

        def plant(view):
            module.urlpatterns = [*site_urls.urlpatterns, path("planted/", view, name="planted")]
            monkeypatch.setitem(ACCESS, "planted", ANYONE)
            clear_url_caches()
            return "/planted/"

        yield plant
    clear_url_caches()


def ours(source: str) -> RawTemplate:
    """A template as if it stood in templates/."""
    engine = engines["django"].engine
    return RawTemplate(source, Origin(f"{guards.UndefinedVariableGuard.OURS}/planted.html"), "planted.html", engine)


def render(source: str, **context) -> str:
    from django.template import Context

    return ours(source).render(Context(context))


def test_an_undefined_variable_fails():
    with pytest.raises(guards.UndefinedTemplateVariable, match="nobody"):
        render("{{ nobody }}")


def test_an_undefined_variable_fails_after_the_templates_were_set_up_anew(settings):
    settings.DEBUG = True
    with pytest.raises(guards.UndefinedTemplateVariable, match="nobody"):
        render("{{ nobody }}")


def test_asking_whether_a_variable_is_there_is_allowed():
    assert render("{% if nobody %}x{% endif %}{{ nobody|default:'none' }}") == "none"
    assert render("{{ somebody }}", somebody="Maya") == "Maya"


def test_leaving_this_machine_fails():
    with pytest.raises(guards.NetworkForbidden), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as outside:
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(guards.NetworkForbidden):
        socket.getaddrinfo("example.org", 80)


def test_loopback_is_allowed():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            assert client.getpeername() == server.getsockname()


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["{{ name }}", "{% url 'home' %}", "Hello %(name)s", "<User object at 0x7f00>"])
def test_a_page_with_a_leak_fails(client, planted, body):
    url = planted(lambda request: HttpResponse(f"<p>{body}</p>"))
    with pytest.raises(guards.LeakedTemplate):
        client.get(url)


@pytest.mark.django_db
def test_a_warning_fails():
    with pytest.raises(RuntimeWarning):
        warnings.warn("planted", RuntimeWarning, stacklevel=1)


@pytest.mark.django_db
def test_an_unordered_pager_fails():
    from django.core.paginator import UnorderedObjectListWarning

    with pytest.raises(UnorderedObjectListWarning):
        Paginator(get_user_model().objects.order_by(), 2).page(1)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_write_while_reading_fails(client, planted, user, method):
    """The rule "GET never changes anything" holds in production too: the database refuses (pains 35)."""

    def view(request):
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(first_name="Changed")
        return HttpResponse("done")

    with pytest.raises(RuntimeError, match="tried to write"):
        getattr(client, method)(planted(view))
    user.refresh_from_db()
    assert user.first_name != "Changed"


@pytest.mark.django_db
def test_a_write_in_a_post_is_allowed(client, planted, user):
    def view(request):
        User.objects.filter(pk=user.pk).update(first_name="Changed")
        return HttpResponse("done")

    assert client.post(planted(view)).status_code == 200
    user.refresh_from_db()
    assert user.first_name == "Changed"
