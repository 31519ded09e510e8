"""What was typed into a form that could not be received, kept for when its sender is signed in again.

A session that ran out, a person who signs in on the way, terms that changed meanwhile: none of it may cost anybody
their words (one form at a time). They are sealed, live in the browser's own session and end with it. Passwords,
codes and files are never kept.
"""

import json
import re

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from medicaim.common.crypto import InvalidToken, seal, unseal

KEY = "kept_form"
PURPOSE = "accounts.kept-form"
LARGEST = 12_000
SECRET = re.compile(r"password|credential|code|token|secret", re.IGNORECASE)
#: Pages that take up by themselves what was typed; every other form is offered to be sent again.
TAKES_UP = frozenset({"bookings:request"})


def fields_of(request: HttpRequest) -> list[tuple[str, str]] | None:
    """What the form said, without the CSRF token; None where it holds secrets or files, or too much."""
    if request.FILES or any(SECRET.search(name) for name in request.POST if name != "csrfmiddlewaretoken"):
        return None
    pairs = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and isinstance(value, str)
    ]
    return pairs if sum(len(name) + len(value) for name, value in pairs) <= LARGEST else None


def keep(request: HttpRequest) -> str:
    """Keep the form of this POST; the address where it waits, or "" where there is nothing to keep."""
    here = request.get_full_path()
    fields = fields_of(request)
    if not fields:
        return ""
    request.session[KEY] = seal(json.dumps({"to": here, "fields": fields}), purpose=PURPOSE)
    match = request.resolver_match
    if match is not None and match.view_name in TAKES_UP:
        return here
    return reverse("accounts:unsent")


def kept(request: HttpRequest) -> tuple[str, list[tuple[str, str]]] | None:
    """The address and the fields of the form that waits; None where none does."""
    sealed = request.session.get(KEY)
    if not isinstance(sealed, str):
        return None
    try:
        found = json.loads(unseal(sealed, purpose=PURPOSE))
    except InvalidToken:
        return None
    return found["to"], [(name, value) for name, value in found["fields"]]


def kept_for(request: HttpRequest, view_name: str) -> dict[str, str]:
    """The fields that wait for this page, by name; empty where none do."""
    found = kept(request)
    if found is None:
        return {}
    try:
        is_mine = resolve(found[0].partition("?")[0]).view_name == view_name
    except Resolver404:
        return {}
    return dict(found[1]) if is_mine else {}


def forget(request: HttpRequest, *, to: str = "") -> None:
    """The form has arrived (at the path `to`), or its sender no longer wants it."""
    found = kept(request)
    if found and (not to or found[0].partition("?")[0] == to):
        del request.session[KEY]


def words_of(fields: list[tuple[str, str]]) -> list[str]:
    """What a person would recognise of a form: the texts that were typed, not the marks of buttons and choices."""
    return [value.strip() for _name, value in fields if len(value.strip()) > 3 and re.search(r"\s", value.strip())]
