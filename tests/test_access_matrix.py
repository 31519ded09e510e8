"""Every URL, for every role, on one's own object and on somebody else's: as the access table declares.

The table that the guard reads at run time (`medicaim/access.py`) is walked here through HTTP. Red are: a URL
without a row, a row that the guard does not keep, an object of somebody else that answers, a URL whose
arguments are not known here, and a page that answers a read with an error.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import transaction
from django.test import override_settings
from django.urls import clear_url_caches, path, reverse
from django.utils import timezone, translation

from accounts.models import Dependant, TermsVersion
from bookings import services
from bookings.models import Appointment, CalendarFeed
from bookings.queries import free_slots
from medicaim.access import declared_for, roles_of
from medicaim.access_check import named_urls
from medicaim.common.access import ANYONE, Role, is_allowed
from medicaim.common.ids import new_public_id, new_token, token_hash
from providers.enums import MemberRole
from providers.models import Closure, ExternalCalendar, ExtraOpening, Practitioner, Provider, SavedSearch
from tests.payments.support import capture
from tests.support.factories import (
    CareteamFactory,
    MembershipFactory,
    PatientFactory,
    UserFactory,
    make_open_provider,
)

pytestmark = pytest.mark.django_db

ADMIN = "admin:"
#: The walk over all URLs is cut into so many tests of about one length, which run side by side.
PARTS = 8


@dataclass
class Side:
    """One provider with a team, one patient, and all their objects."""

    patient: object
    owner: object
    editor: object
    reception: object
    args: dict = field(default_factory=dict)

    @property
    def team(self):
        return (self.owner, self.editor, self.reception)


def make_side() -> Side:
    opened = make_open_provider(service={"instant_confirmation": False})
    provider = opened.provider
    side = Side(
        patient=PatientFactory(),
        owner=opened.owner,
        editor=MembershipFactory(provider=provider, role=MemberRole.EDITOR).user,
        reception=MembershipFactory(provider=provider, role=MemberRole.RECEPTION).user,
    )
    now = timezone.now()
    slots = free_slots(service=opened.service, from_at=now, until_at=now + timedelta(days=20), now=now)
    appointment = services.request_appointment(
        slot=slots[20],
        patient=side.patient,
        dependant=None,
        subject="",
        request_key=new_public_id(),
        address="192.0.2.9",
        actor=side.patient,
    )
    services.propose_slot(appointment=appointment, slot=slots[40], note="", actor=side.owner)
    appointment = Appointment.objects.get(pk=appointment.pk)
    today = now.date()
    person = Practitioner.objects.get(provider=provider)
    side.args = {
        "provider": provider.public_id,
        "slug": "dr-camille",
        "appointment": appointment.public_id,
        "proposal": appointment.proposals.get().public_id,
        "service": opened.service.public_id,
        "practitioner": person.public_id,
        "location": opened.location.public_id,
        "closure": Closure.objects.create(practitioner=person, starts_on=today, ends_on=today).public_id,
        "opening": ExtraOpening.objects.create(
            practitioner=person, location=opened.location, on=today + timedelta(days=9), starts=time(9), ends=time(10)
        ).public_id,
        "calendar": ExternalCalendar.objects.create(
            practitioner=person, url="https://calendar.example.org/a.ics", time_zone="Europe/Paris"
        ).public_id,
        "membership": provider.memberships.get(user=side.reception).public_id,
        "dependant": Dependant.objects.create(
            representative=side.patient,
            first_name="Leo",
            last_name="Exemple",
            date_of_birth=date(2018, 1, 2),
            gender="male",
            relation="child",
            authority="Parental authority",
        ).public_id,
        "saved": SavedSearch.objects.create(user=side.patient, name="Knee", query="q=knee").public_id,
    }
    token = new_token()
    CalendarFeed.objects.create(user=side.patient, token_hash=token_hash(token))
    side.args["feed"] = token
    return side


def workspace(*extra: str):
    return lambda a: {"public_id": a["provider"], **{f"{name}_id": a[name] for name in extra}}


def appointment(**extra):
    return lambda a: {"public_id": a["appointment"], **extra}


def proposal(a):
    return {"public_id": a["appointment"], "proposal_id": a["proposal"], "answer": "accept"}


#: Of each URL with arguments: whose object it names (a patient's, a team's, or nobody's), and the arguments.
ARGUMENTS = {
    "feeds:calendar": ("", lambda a: {"token": a["feed"]}),
    "account_reset_password_from_key": ("", lambda a: {"uidb36": "1", "key": "abc-def"}),
    "mfa_edit_webauthn": ("none", lambda a: {"pk": 999_999}),
    "mfa_remove_webauthn": ("none", lambda a: {"pk": 999_999}),
    "accounts:dependant_change": ("patient", lambda a: {"public_id": a["dependant"]}),
    "accounts:terms_version": (
        "",
        lambda a: {"kind": "terms", "number": TermsVersion.objects.filter(kind="terms").latest("pk").number},
    ),
    "accounts:alarm_answer": ("none", lambda a: {"token": "not-a-token"}),
    "providers:page": ("", lambda a: {"slug": a["slug"], "public_id": a["provider"]}),
    "providers:card": ("", lambda a: {"public_id": a["provider"]}),
    "care_specialty": ("none", lambda a: {"specialty": "cardiology"}),
    "care_area": ("", lambda a: {"specialty": "cardiology", "country": "france"}),
    "care_card": ("none", lambda a: {"specialty": "cardiology", "country": "france"}),
    "sitemap": ("", lambda a: {"section": "providers", "part": 0}),
    "providers:photo_file": ("none", lambda a: {"public_id": a["provider"], "version": "a" * 23, "ending": ".webp"}),
    "providers:delete_saved_search": ("patient", lambda a: {"public_id": a["saved"]}),
    "providers:practitioner_edit": ("team", workspace("practitioner")),
    "providers:location_edit": ("team", workspace("location")),
    "providers:service_edit": ("team", workspace("service")),
    "providers:week_edit": ("team", workspace("practitioner")),
    "providers:week_remove": ("team", workspace("practitioner")),
    "providers:closure_remove": ("team", workspace("closure")),
    "providers:opening_remove": ("team", workspace("opening")),
    "providers:calendar_remove": ("team", workspace("calendar")),
    "providers:calendar_refresh": ("team", workspace("calendar")),
    "providers:member_role": ("team", workspace("membership")),
    "providers:member_remove": ("team", workspace("membership")),
    "bookings:slots": ("", lambda a: {"service_id": a["service"]}),
    "bookings:answer_proposal": ("patient", proposal),
    "bookings:provider_answer_proposal": ("team", proposal),
    "bookings:provider_calendar": ("team", lambda a: {"provider_id": a["provider"]}),
    "dev:outbox_message": ("none", lambda a: {"entry_id": "none"}),
    "dev:outbox_part": ("none", lambda a: {"entry_id": "none", "number": 0}),
}
PATIENTS_URLS = {"appointment", "withdraw", "move", "cancel", "goes_on", "calendar_entry", "appointment_sheet"}
#: A signed-in person gets 404 where there is nothing of that kind now, and not because of a role.
NOTHING_THERE = {
    "accounts:access_refused",  # says 403 to whoever reads it
    "account_set_password",
    "bookings:request",
    "bookings:answer_proposal",
    "bookings:provider_answer_proposal",
    "mfa_download_recovery_codes",
    "mfa_view_recovery_codes",
    "mfa_deactivate_totp",
    "bookings:goes_on",
    "bookings:provider_goes_on",
}


def whose_and_arguments(name: str, parameters: set[str]):
    if name in ARGUMENTS:
        return ARGUMENTS[name]
    if not parameters:
        return "", lambda a: {}
    if parameters == {"public_id"} and name.startswith("bookings:"):
        whose = "patient" if name.removeprefix("bookings:") in PATIENTS_URLS else "team"
        return whose, appointment()
    if parameters == {"public_id"} and name.startswith("providers:"):
        return "team", workspace()
    raise AssertionError(f"say in ARGUMENTS which arguments {name} takes ({parameters})")


def parameters_by_name() -> dict[str, set[str]]:
    """Of every named URL outside the admin the names of its arguments."""
    from django.urls import URLPattern, URLResolver, get_resolver

    found: dict[str, set[str]] = {}

    def walk(resolver, namespaces, above):
        for pattern in resolver.url_patterns:
            arguments = above | set(pattern.pattern.regex.groupindex)
            if isinstance(pattern, URLResolver):
                walk(pattern, (*namespaces, pattern.namespace) if pattern.namespace else namespaces, arguments)
            elif isinstance(pattern, URLPattern) and pattern.name:
                found[":".join([*namespaces, pattern.name])] = arguments

    walk(get_resolver(), (), set())
    return {name: arguments for name, arguments in found.items() if not name.startswith(ADMIN)}


def ask(client, method: str, url: str):
    """The answer, with everything that it did undone."""
    with transaction.atomic():
        response = getattr(client, method)(url, HTTP_ACCEPT_LANGUAGE="en")
        status = response.status_code, response.headers.get("Location", "")
        transaction.set_rollback(True)
    return status


def check_cell(name, asked, whose, held, method, status, location, *, is_insider, is_own):
    cell = f"{method.upper()} {name} as {held}: {status} {location}"
    if held == Role.VISITOR and asked != ANYONE:
        assert status == 302, cell
        assert "/account/login/" in location, cell
        return
    if not is_allowed(asked, held):
        assert status == 403, cell
        return
    assert status < 500, cell
    if whose in ("patient", "team") and not (is_insider and is_own):
        assert status in (404, 405), cell
        return
    if method == "get" and whose != "none" and name not in NOTHING_THERE:
        assert status in (200, 301, 302, 405), cell
        assert asked == ANYONE or "/account/login/" not in location, cell


def make_people(own: Side, foreign: Side) -> dict[str, object]:
    """Somebody of each role, all with a verified address."""
    people = {
        "visitor": None,
        "somebody": UserFactory(),
        "patient": own.patient,
        "other patient": foreign.patient,
        "owner": own.owner,
        "editor": own.editor,
        "reception": own.reception,
        "owner of another": foreign.owner,
        "coordinator": UserFactory(is_coordinator=True),
        "careteam": CareteamFactory(),
        "superuser": UserFactory(is_staff=True, is_superuser=True),
    }
    for person in people.values():
        assert person is None or EmailAddress.objects.filter(user=person, verified=True).exists()
    return people


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("part", range(PARTS))
def test_every_url_answers_as_the_table_says(part, client_of):
    """Pains 37, security rows 12-14: role x object x method; a foreign object is a 404, never a 403 or a 200."""
    own, foreign = make_side(), make_side()
    people = make_people(own, foreign)
    clients = {role: client_of(person) for role, person in people.items()}
    held = {role: roles_of(person) if person else Role.VISITOR for role, person in people.items()}
    for client in clients.values():
        client.get(reverse("healthz"))  # notes that the session is in use, which later requests need not do again
    cells = 0
    for name, parameters in sorted(parameters_by_name().items())[part::PARTS]:
        asked = declared_for(name)
        assert asked is not None, name
        whose, arguments = whose_and_arguments(name, parameters)
        with translation.override("en"):
            urls = [(True, reverse(name, kwargs=arguments(own.args)))]
            if whose in ("patient", "team"):
                urls.append((False, reverse(name, kwargs=arguments(foreign.args))))
                urls.append((False, reverse(name, kwargs=arguments({**own.args, **nobody(own.args)}))))
        refused = 0
        for role, person in people.items():
            insiders = (own.patient,) if whose == "patient" else own.team
            let_in = is_allowed(asked, held[role])
            refused += not let_in
            # The guard knows the address and not the object: past the first two who are refused, one object will do.
            for is_own, url in urls if let_in or refused <= 2 else urls[:1]:
                if not is_own and person in (foreign.patient, *foreign.team):
                    continue
                for method in ("get", "post"):
                    if method == "post" and is_own and person is not None and let_in:
                        continue  # what one may do to one's own objects is what the other tests are about
                    status, location = ask(clients[role], method, url)
                    check_cell(
                        name, asked, whose, held[role], method, status, location,
                        is_insider=person in insiders, is_own=is_own,
                    )  # fmt: skip
                    cells += 1
    assert cells


def nobody(args: dict) -> dict:
    """Arguments of the right form that name nothing."""
    return {key: new_public_id() for key in args if key not in ("slug", "feed")}


@pytest.mark.slow
def test_the_admin_is_for_the_careteam(client_of):
    """Every page of the admin: the careteam may open it or is told no; everybody else never gets in."""
    own = make_side()
    capture()
    outsiders = [None, UserFactory(), own.patient, *own.team, UserFactory(is_coordinator=True)]
    insiders = [CareteamFactory(), UserFactory(is_staff=True, is_superuser=True)]
    with translation.override("en"):
        urls = [reverse("admin:index")]
        for model in admin.site._registry:
            names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            urls.append(reverse(f"{names}_changelist"))
            row = model.objects.order_by("pk").first()
            if row is not None:
                urls.append(reverse(f"{names}_change", args=[row.pk]))
    for number, person in enumerate(outsiders):
        client = client_of(person)
        # The guard knows the namespace alone; each page is still asked for by one of them, and the first by all.
        for url in [urls[0], *urls[1:][number :: len(outsiders)]]:
            status, location = ask(client, "get", url)
            assert status == (302 if person is None else 403), (url, person, status)
            assert person is not None or "/login/" in location, url
    for person in insiders:
        client = client_of(person)
        for url in urls:
            status, location = ask(client, "get", url)
            assert status in (200, 403), (url, person, status, location)
        assert ask(client, "get", urls[0])[0] == 200


def test_an_undeclared_url_is_closed_and_found(client_of, settings):
    """Security row 13: a planted URL fails `check`, and at run time is closed even to a superuser."""
    import types

    import medicaim.urls as site_urls
    from medicaim import views

    planted = types.ModuleType("planted_urls")
    planted.urlpatterns = [*site_urls.urlpatterns, path("planted/", views.home, name="planted")]
    planted.handler403 = site_urls.handler403
    with override_settings(ROOT_URLCONF=planted):
        clear_url_caches()
        with pytest.raises(SystemCheckError, match="planted"):
            call_command("check")
        status, _ = ask(client_of(UserFactory(is_staff=True, is_superuser=True)), "get", "/planted/")
        assert status == 403
    clear_url_caches()
    call_command("check")


def test_no_pattern_is_nameless():
    assert [route for name, route in named_urls() if not name] == []


def test_the_matrix_knows_what_day_it_is():
    """The objects of this test lie ahead, whatever the day of the week."""
    own = make_side()
    found = Appointment.objects.get(public_id=own.args["appointment"])
    assert isinstance(found.starts_at, datetime)
    assert found.starts_at > timezone.now()
    assert Provider.objects.public().filter(public_id=own.args["provider"]).exists()
