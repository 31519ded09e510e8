"""Who walks through the site, and what the demonstration data lacks for every page to have something to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from medicaim.access import ACCESS
from medicaim.common.access import Role, is_allowed
from tests.support.live import LiveSite

V, U, P = Role.VISITOR, Role.USER, Role.PATIENT


@dataclass(frozen=True)
class Person:
    """A role as one walks with it. `only`: a state of an account in which a few pages look different."""

    role: str
    username: str
    holds: Role
    only: tuple[str, ...] = ()

    def may_open(self, name: str) -> bool:
        if name.startswith("dev:") and self.holds != V:
            return False  # development pages know no role: one reader is enough
        asked = ACCESS.get(name, ACCESS.get(f"{name.rpartition(':')[0]}:*"))
        return asked is not None and is_allowed(asked, self.holds)


#: The two who see the admin walk longest, and therefore start first.
PEOPLE = (
    Person("superuser", "admin", U | P | Role.CARETEAM | Role.SUPERUSER),
    Person("careteam", "careteam", U | P | Role.CARETEAM),
    Person("owner", "owner", U | P | Role.PROVIDER_OWNER),
    Person("editor", "editor", U | P | Role.PROVIDER_EDITOR),
    Person("reception", "reception", U | P | Role.PROVIDER_RECEPTION),
    Person("patient", "patient", U | P),
    Person("coordinator", "coordinator", U | P | Role.COORDINATOR),
    Person("visitor", "", V),
    Person("no password", "patient1", U | P, ("account_set_password", "account_change_password")),
    Person("passkey", "patient8", U | P, ("mfa_index", "mfa_list_webauthn")),
    Person("new terms", "patient2", U | P, ("accounts:accept_terms", "accounts:security", "bookings:my_appointments")),
    Person("nothing yet", "newcomer", U, (
        "accounts:dependants", "providers:saved_searches", "accounts:profile", "accounts:security",
    )),
)  # fmt: skip

#: Runs inside the product after `manage.py demo`. Prints the sessions, the samples, the rest.
PREPARE = """
import json, re, time
from urllib.parse import urlsplit
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.test import RequestFactory
from accounts.services.security import raise_alarm, refuse_access, reset_link
from medicaim.common.ids import new_token, token_hash
from medicaim.error_pages import plain_error
from medicaim.notifications import outbox
from datetime import timedelta
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from accounts import kept
from accounts.models import AccountAlarm, AccountMail, Consent, User
from bookings import services
from bookings.models import Appointment
from medicaim.common.crypto import seal
from medicaim.common.models import AuditEntry
from medicaim.common.money import Money
from medicaim.notifications.models import Message
from medicaim.notifications.services import send_due_messages
from payments.enums import AccountKind, EntryKind
from payments.ledger import credit, debit
from payments.services import post_entry
from providers.care_areas import area_path, refresh_care_areas
from providers.models import (BusyTime, CareArea, Closure, ExternalCalendar, ExtraOpening, HandedSearch, Membership,
                              Practitioner, Provider, SavedSearch)

translation.activate("en")
now = timezone.now()
users = {user.username: user for user in User.objects.all()}
own = Membership.objects.get(user=users["owner"]).provider
person = Practitioner.objects.filter(provider=own).order_by("pk").first()
place = own.locations.order_by("pk").first()
today = now.date()

# The patient has one appointment in each state, all with the provider of the three provider accounts.
samples = {"patient": [], "owner": [], "editor": [], "reception": []}
chosen = []
for state in Appointment.objects.order_by("state").values_list("state", flat=True).distinct():
    rows = Appointment.objects.filter(state=state, dependant=None)
    row = rows.filter(provider=own).order_by("pk").first() or rows.order_by("pk").first()
    chosen.append(row)
moved = Appointment.objects.filter(state="confirmed", proposals__state="open").order_by("pk").first()
over = Appointment.objects.filter(state="confirmed", provider=own).exclude(
    pk__in=[row.pk for row in [*chosen, moved] if row]).order_by("-pk").first()
length = over.ends_at - over.starts_at
over.starts_at = now - timedelta(hours=3)
over.ends_at = over.starts_at + length
over.save(update_fields=["starts_at", "ends_at"])
for row in [*chosen, moved, over]:
    Appointment.objects.filter(pk=row.pk).update(patient=users["patient"])
    samples["patient"].append(reverse("bookings:appointment", args=[row.public_id]))
    if row.provider_id == own.pk:
        for role in ("owner", "reception"):
            samples[role].append(reverse("bookings:provider_appointment", args=[row.public_id]))

for role in ("owner", "editor"):
    samples[role] += [reverse(f"providers:{name}", args=[own.public_id]) for name in (
        "preview", "publish", "photo_remove")]
proposal = moved.proposals.get(state="open")
samples["patient"].append(reverse("bookings:answer_proposal", args=[moved.public_id, proposal.public_id, "accept"]))
for role in ("owner", "reception"):
    samples[role].append(reverse("bookings:accept", args=[moved.public_id]))
    answer = [moved.public_id, proposal.public_id, "accept"]
    samples[role].append(reverse("bookings:provider_answer_proposal", args=answer))

# One of everything else.
Closure.objects.create(practitioner=person, starts_on=today + timedelta(days=60), ends_on=today + timedelta(days=62))
ExtraOpening.objects.create(
    practitioner=person, location=place, on=today + timedelta(days=70), starts="09:00", ends="11:00")
calendar = ExternalCalendar.objects.create(
    practitioner=person, url="https://calendar.example.org/a.ics", time_zone="Europe/Paris")
far = now + timedelta(days=80)
BusyTime.objects.create(calendar=calendar, starts_at=far, ends_at=far + timedelta(hours=1))
for user in users.values():
    SavedSearch.objects.create(user=user, name="Knee in Lisbon", query="q=knee&city=Lisbon")
amount = Money(10_000, "EUR")
post_entry(kind=EntryKind.CAPTURE, reference="capture:crawl", actor=users["careteam"], lines=[
    debit(AccountKind.STRIPE_CLEARING, amount), credit(AccountKind.TRUST_PATIENT, amount, "crawl")])
HandedSearch.objects.create(user=users["patient"], name="Knee in Lisbon", query="q=knee&city=Lisbon")
newcomer = User.objects.create_user(
    "newcomer", email="newcomer@demo.example.org", first_name="Noor", last_name="Exemple")
newcomer.emailaddress_set.create(email=newcomer.email, verified=True, primary=True)
Consent.objects.bulk_create(
    Consent(user=newcomer, version=one.version, accepted_at=now, address="192.0.2.1", language="en")
    for one in users["patient"].consents.all())
users["newcomer"] = newcomer
users["patient1"].set_unusable_password()
users["patient1"].save()
Consent.objects.filter(user=users["patient2"]).delete()
for name in ("careteam", "admin"):
    TOTP.activate(users[name], "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(users[name])

passkey = {"name": "Telephone", "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
key = Authenticator.objects.create(user=users["patient8"], type=Authenticator.Type.WEBAUTHN, data=passkey)
samples["passkey"] = [reverse(f"mfa_{name}_webauthn", args=[key.pk]) for name in ("edit", "remove")]

token = new_token()
AccountAlarm.objects.create(user=users["patient3"], token_hash=token_hash(token), expires_at=now + timedelta(hours=3))
samples["visitor"] = [
    urlsplit(reset_link(users["patient3"])).path,
    reverse("account_reset_password_from_key", args=["1", "abc-def"]),
    reverse("accounts:alarm_answer", args=[token]),
    reverse("search") + "?q=zzzz&radius=-1&budget=much&from=tomorrow&country=XX",
]
refuse_access(user=users["patient7"], reason="A crawl.", actor=users["careteam"])
raise_alarm(user=users["patient4"], actor=None, address="192.0.2.7")
Group.objects.create(name="Night shift")
UserSession.objects.create(user=users["patient5"], ip="192.0.2.8", session_key="0" * 32, user_agent="A browser")
AuditEntry.objects.create(action="crawled", actor=users["careteam"], object_ref="accounts.user:1")

settings.CARE_PAGE_MIN_PROVIDERS = 1  # with few providers none would have a page
refresh_care_areas(now=now)
area = CareArea.objects.order_by("pk").first()
samples["visitor"] += [area_path(area), reverse("care_specialty", args=[area_path(area).strip("/").split("/")[-2]])]

# What the messages of the demonstration became.
while send_due_messages():
    pass

def sign_in(user):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # Signed in just now, and for as long as the crawl may last.
    session[METHODS] = [{"method": "password", "at": time.time() + 86400, "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    if user.username == "patient":  # whose session was over when they sent a form
        form = {"to": reverse("accounts:profile"), "fields": [("first_name", "Words that were typed")]}
        session[kept.KEY] = seal(json.dumps(form), purpose=kept.PURPOSE)
    session.create()
    return session.session_key

subjects = {re.sub(r"[0-9]", "", entry.subject): entry.id for entry in outbox.entries(1000) if not entry.is_sms}
samples["visitor"] += [reverse("dev:outbox_part", args=[entry, 0]) for entry in subjects.values()]

# The pages of templates/errors: they need a broken site, so they are put where no page is.
refusals = {}
for path in sorted((settings.BASE_DIR / "templates" / "errors").glob("*.html")):
    for code, _name in settings.LANGUAGES:
        status = int(path.stem) if path.stem.isdigit() else 403
        request = RequestFactory().get(f"/{code}/crawl/{path.stem}/")
        refusals[request.path] = [status, plain_error(request, status, path.stem).content.decode()]

cookies = {name: sign_in(user) for name, user in users.items()}

rows = []
for model in admin.site._registry:
    row = model._default_manager.order_by("pk").first()
    if row is not None:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        rows += [reverse(f"{base}_{page}", args=[row.pk]) for page in ("change", "history", "delete")]
rows.append(reverse("admin:accounts_user_restore", args=[users["patient7"].pk]))
print(json.dumps({"cookies": cookies, "samples": samples, "admin": rows, "refusals": refusals}))
"""


def prepare(site: LiveSite) -> dict[str, Any]:
    """Demonstration data and the rest; sessions by user name, and pages to look at beside what links lead to."""
    site.manage("demo", "--providers", "12")
    return site.shell_json(PREPARE)
