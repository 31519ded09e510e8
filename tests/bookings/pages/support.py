"""What the tests of these pages post and look for."""

import re
import uuid
from datetime import timedelta

from django.urls import reverse

from bookings import queries
from bookings.models import SlotHold
from bookings.slots import slot_token
from tests.bookings.support import NOW


def post_data(slot, **more):
    data = {"slot": slot_token(slot), "who": "myself", "subject": "A sore knee", "website": ""}
    return {**data, "request_key": str(uuid.uuid4()), **more}


def slots_url(made, **query):
    return reverse("bookings:slots", args=[made.service.public_id], query=query)


def take_every_time(made, appointment) -> int:
    """Keep every time of every practitioner as far as the horizon; how many that are."""
    holds = []
    for person in made.service.practitioners.all():
        free = queries.free_slots(
            service=made.service, from_at=NOW, until_at=NOW + timedelta(days=100), now=NOW, practitioner=person
        )
        holds += [
            SlotHold(
                appointment=appointment,
                practitioner=person,
                starts_at=slot.starts_at,
                ends_at=slot.starts_at + timedelta(minutes=made.service.duration),
            )
            for slot in free
        ]
    return len(SlotHold.objects.bulk_create(holds))


def tokens(response) -> list[str]:
    return re.findall(r'<input type="radio" name="slot"[^>]* value="([^"]+)"', response.text)
