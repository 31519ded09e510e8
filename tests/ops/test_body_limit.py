"""The first middleware: a body that is larger than its address allows is refused before anything reads it."""

import pytest
from django.conf import settings
from django.test import RequestFactory

from medicaim.common.middleware import BodySizeLimitMiddleware


class Unreadable:
    """A body that nobody may read."""

    def read(self, *_args):
        raise AssertionError("the body was read")


def send(path="/en/", *, length=None, **extra):
    """What the middleware answers to a post, with a view behind it that answers 200."""
    request = RequestFactory().post(path)
    request.META["wsgi.input"] = Unreadable()
    request.META.pop("CONTENT_LENGTH", None)
    if length is not None:
        request.META["CONTENT_LENGTH"] = length
    request.META.update(extra)
    return BodySizeLimitMiddleware(lambda _request: "passed")(request)


def test_it_stands_first():
    assert settings.MIDDLEWARE[0] == "medicaim.common.middleware.BodySizeLimitMiddleware"


def test_the_largest_allowed_body_passes_and_one_byte_more_does_not():
    limit = settings.BODY_LIMITS["default"]
    assert send(length=str(limit)) == "passed"
    assert send(length=str(limit + 1)).status_code == 413


@pytest.mark.parametrize("path", ["/en/", "/en/no/such/page/", "/healthz", "/static/x.css"])
def test_every_address_has_a_limit(path):
    assert send(path, length=str(2 * 1024**3)).status_code == 413


def test_a_body_without_a_declared_length_is_refused():
    assert send(HTTP_TRANSFER_ENCODING="chunked").status_code == 411


@pytest.mark.parametrize("length", ["-1", "1e3", "many", "0x10"])
def test_a_length_that_is_no_number_is_refused(length):
    assert send(length=length).status_code == 400


def test_no_body_passes():
    assert send() == "passed"
    assert send(length="") == "passed"


@pytest.mark.parametrize(("language", "word"), [("en", "large"), ("fr", 'lang="fr"')])
def test_the_refusal_is_a_page_in_the_readers_language(language, word):
    page = send(f"/{language}/", length=str(2 * 1024**3)).content.decode()
    assert f'lang="{language}"' in page
    assert word in page


def test_every_larger_limit_belongs_to_an_address_that_exists():
    """A limit for a name that was changed would silently fall back to the default."""
    from django.urls import get_resolver

    names = set()

    def walk(resolver, prefix=""):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                walk(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
            elif pattern.name:
                names.add(prefix + pattern.name)

    walk(get_resolver())
    assert set(settings.BODY_LIMITS) - {"default"} <= names
