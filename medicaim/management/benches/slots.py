"""Free times, agenda, inbox and the patient's list of a clinic with very many appointments (`demo --busy 10000`)."""

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from bookings.models import Appointment
from medicaim.demo.busy import FULL_DAYS, HORIZON_DAYS
from medicaim.management.measure import busy_clinic, get, measure, new_client, report, signed_in

#: Days from today: a week that is full, the first with free times, the last one that is shown.
WEEKS = {"next": 7, "free": FULL_DAYS + 7, "last": HORIZON_DAYS}


def run(*, repeat: int, **options) -> dict[str, object]:
    clinic = busy_clinic()
    today = timezone.now().date()
    full, other, *_ = clinic.service.practitioners.order_by("pk").values_list("public_id", flat=True)
    slots = reverse("bookings:slots", args=[clinic.service.public_id])
    after = {name: (today + timedelta(days=days)).isoformat() for name, days in WEEKS.items()}
    public: dict[str, dict[str, object]] = {
        "free times, first page": {},
        "free times, a week later: all taken": {"week": after["next"]},
        "free times, a month later": {"week": after["free"]},
        "free times, the last week": {"week": after["last"]},
        "free times of one practitioner": {"practitioner": other},
        "free times of one who has none left": {"practitioner": full},
        "free times of one who has none left, a month later": {"practitioner": full, "week": after["free"]},
    }
    desk: dict[str, tuple[str, dict[str, object]]] = {
        "agenda, a week": ("bookings:agenda", {}),
        "agenda, a day": ("bookings:agenda", {"view": "day"}),
        "agenda, a week of one practitioner": ("bookings:agenda", {"practitioner": other}),
        "agenda, a week ago": ("bookings:agenda", {"day": (today - timedelta(days=7)).isoformat()}),
        "inbox": ("bookings:inbox", {}),
        "inbox, page 5": ("bookings:inbox", {"page": 5}),
    }
    home: dict[str, tuple[str, dict[str, object]]] = {
        "my appointments": ("bookings:my_appointments", {}),
        "my appointments, page 5": ("bookings:my_appointments", {"page": 5}),
    }
    pages = {}
    visitor = new_client()
    part = new_client(HTTP_HX_REQUEST="true")
    for name, query in public.items():
        pages[name] = measure(lambda query=query: get(visitor, f"{slots}?{urlencode(query)}"), repeat=repeat)
    week = f"{slots}?{urlencode({'week': after['free']})}"
    pages["the same as a part for htmx"] = measure(lambda: get(part, week), repeat=repeat)
    for user, addresses in ((clinic.owner, desk), (clinic.regular, home)):
        with signed_in(user) as client:
            for name, (view, query) in addresses.items():
                page = f"{reverse(view)}?{urlencode(query)}"
                pages[name] = measure(lambda page=page, client=client: get(client, page), repeat=repeat)
            if user == clinic.regular:
                pages["free times, signed in"] = measure(lambda client=client: get(client, week), repeat=repeat)
    return report(
        "slots",
        pages=pages,
        repeat=repeat,
        appointments=Appointment.objects.filter(provider=clinic.service.provider).count(),
        appointments_in_all=Appointment.objects.count(),
        of_the_patient=Appointment.objects.of_patient(clinic.regular).count(),
    )
