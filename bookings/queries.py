"""Reads that span models: free times, agendas, lists of appointments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from providers.enums import ProviderState
from providers.models import BusyTime, Closure, ExtraOpening, Location, Practitioner, Provider, SearchEntry, Service
from providers.models import WeeklyHours as WeeklyHoursRow

from . import availability
from .availability import Hours, Interval, SlotRules
from .enums import AppointmentState as State
from .enums import ProposalState, Side
from .models import OPEN_STATES, Appointment, AppointmentQuerySet, AppointmentTransition, Proposal, SlotHold
from .slots import Slot

Pair = tuple[int, int]
"""(service id, location id)"""
Busy = dict[int, list[Interval]]
"""The times taken, by practitioner."""

#: How far a search for the next free times looks at once, in days; the last window ends with the horizon.
WINDOWS = (0, 14, 62, 731)
FREE_DAYS = 62
FREE_DAYS_BITS = 63


# --- Free times -----------------------------------------------------------------------------------


def rules_of(service: Service) -> SlotRules:
    """What a service asks of a start time. The rows say minutes and days."""
    return SlotRules(
        duration=timedelta(minutes=service.duration),
        step=timedelta(minutes=service.slot_step),
        buffer_before=timedelta(minutes=service.buffer_before),
        buffer_after=timedelta(minutes=service.buffer_after),
        minimum_notice=timedelta(minutes=service.minimum_notice),
        horizon_days=service.horizon_days,
    )


def requestable_services() -> QuerySet[Service]:
    """Services that anyone may ask for: published ones of public providers."""
    return Service.objects.filter(is_published=True, provider__in=Provider.objects.public()).select_related(
        "provider", "specialty"
    )


@dataclass
class Calendars:
    """The calendars behind some services, read in a bounded number of queries whatever their size.

    Only what may be requested is in it: published services of active, published providers, with practitioners
    who take appointments and locations in use. Building one costs four queries; each window of busy times one.
    """

    services: dict[int, Service]
    seats: dict[Pair, list[int]]
    """The practitioners of each service at each location, by primary key."""
    zones: dict[int, ZoneInfo]
    weekly: dict[tuple[int, int], list[WeeklyHoursRow]] = field(default_factory=dict)
    extras: dict[tuple[int, int], list[ExtraOpening]] = field(default_factory=dict)
    closures: dict[int, list[Closure]] = field(default_factory=dict)
    moving: int | None = None
    """The appointment that looks for another time, by primary key: what it keeps itself is not in its way."""

    @classmethod
    def read(
        cls,
        *,
        services: Iterable[Service],
        practitioner_id: int | None = None,
        pairs: Collection[Pair] = (),
        with_hours: bool = True,
        moving: int | None = None,
    ) -> Calendars:
        """The calendars of these services, of one practitioner if named, at these pairs only if any are given.

        Without the hours it only says who could be asked for, in one query.
        """
        by_id = {service.pk: service for service in services}
        # One filter() for all: each further call would join the practitioners anew, and check somebody else.
        named = {} if practitioner_id is None else {"practitioners": practitioner_id}
        rows = Service.objects.filter(
            pk__in=by_id,
            is_published=True,
            provider__state=ProviderState.ACTIVE,
            provider__published_at__isnull=False,
            practitioners__is_active=True,
            practitioners__provider_id=F("provider_id"),
            locations__is_active=True,
            locations__provider_id=F("provider_id"),
            **named,
        )
        wanted = set(pairs)
        seats: dict[Pair, list[int]] = defaultdict(list)
        zones: dict[int, ZoneInfo] = {}
        for service_id, practitioner, location, zone in rows.order_by(
            "pk", "locations__pk", "practitioners__pk"
        ).values_list("pk", "practitioners__pk", "locations__pk", "locations__time_zone"):
            if not wanted or (service_id, location) in wanted:
                seats[service_id, location].append(practitioner)
                zones.setdefault(location, ZoneInfo(zone))
        calendars = cls(services=by_id, seats=dict(seats), zones=zones, moving=moving)
        if with_hours:
            calendars._read_hours()
        return calendars

    @cached_property
    def practitioner_ids(self) -> list[int]:
        return sorted({practitioner for seat in self.seats.values() for practitioner in seat})

    def _read_hours(self) -> None:
        people, places = self.practitioner_ids, list(self.zones)
        if not people:
            return
        at = {"practitioner_id__in": people, "location_id__in": places}
        mine = Q(service=None) | Q(service_id__in=list(self.services))
        self.weekly, self.extras, self.closures = defaultdict(list), defaultdict(list), defaultdict(list)
        for row in WeeklyHoursRow.objects.filter(mine, **at).order_by("pk"):
            self.weekly[row.practitioner_id, row.location_id].append(row)
        for extra in ExtraOpening.objects.filter(mine, **at).order_by("pk"):
            self.extras[extra.practitioner_id, extra.location_id].append(extra)
        for closure in Closure.objects.filter(practitioner_id__in=people).order_by("pk"):
            self.closures[closure.practitioner_id].append(closure)

    def hours(self, pair: Pair, practitioner_id: int) -> Hours:
        """The hours of a practitioner for the service and location of the pair."""
        service_id, location_id = pair
        mine = (None, service_id)
        return Hours(
            zone=self.zones[location_id],
            weekly=tuple(
                availability.WeeklyRule(row.weekday, row.starts, row.ends, row.valid_from, row.valid_until)
                for row in self.weekly.get((practitioner_id, location_id), ())
                if row.service_id in mine
            ),
            extras=tuple(
                availability.ExtraOpening(row.on, row.starts, row.ends)
                for row in self.extras.get((practitioner_id, location_id), ())
                if row.service_id in mine
            ),
            closures=tuple(
                availability.Closure(row.starts_on, row.ends_on) for row in self.closures.get(practitioner_id, ())
            ),
        )

    def busy(self, *, from_at: datetime, until_at: datetime, now: datetime) -> Busy:
        """For each practitioner, the times taken that could touch a visit starting in [from_at, until_at).

        Those kept for appointments (buffers included, while they count) and those that external calendars
        declare. One query.
        """
        taken: Busy = {practitioner: [] for practitioner in self.practitioner_ids}
        if not taken:
            return taken
        rules = [rules_of(service) for service in self.services.values()]
        lower = from_at - max(rule.buffer_before for rule in rules)
        upper = until_at + max(rule.duration + rule.buffer_after for rule in rules)
        holds = SlotHold.objects.counting(now).overlapping(lower, upper).filter(practitioner_id__in=list(taken))
        if self.moving is not None:
            holds = holds.exclude(appointment_id=self.moving)
        external = BusyTime.objects.filter(
            calendar__practitioner_id__in=list(taken), ends_at__gt=lower, starts_at__lt=upper
        )
        both = holds.values_list("practitioner_id", "starts_at", "ends_at").union(
            external.values_list("calendar__practitioner_id", "starts_at", "ends_at"), all=True
        )
        for practitioner, start, end in both:
            taken[practitioner].append(Interval(start, end))
        return {practitioner: availability.merge(times) for practitioner, times in taken.items()}

    def free(
        self,
        pair: Pair,
        *,
        from_at: datetime,
        until_at: datetime,
        now: datetime,
        busy: Busy,
        practitioner_id: int | None = None,
    ) -> list[datetime]:
        """The free starts of a pair with one practitioner, or with any of them, in order."""
        rules = rules_of(self.services[pair[0]])
        people = self.seats.get(pair, [])
        if practitioner_id is not None:
            people = [practitioner_id] if practitioner_id in people else []
        found: set[datetime] = set()
        for person in people:
            found.update(
                availability.free_starts(
                    hours=self.hours(pair, person),
                    busy=busy[person],
                    rules=rules,
                    now=now,
                    from_at=from_at,
                    until_at=until_at,
                )
            )
        return sorted(found)

    def first(
        self,
        pair: Pair,
        limit: int,
        *,
        from_at: datetime,
        until_at: datetime,
        now: datetime,
        busy: Busy,
    ) -> list[datetime]:
        """The first `limit` free starts with anybody: looked for in growing steps, for most are found in the first."""
        found: list[datetime] = []
        days = 3
        while from_at < until_at and len(found) < limit:
            to = min(from_at + timedelta(days=days), until_at)
            found += self.free(pair, from_at=from_at, until_at=to, now=now, busy=busy)
            from_at, days = to, days * 3
        return found[:limit]

    def slots(
        self,
        *,
        from_at: datetime,
        until_at: datetime,
        now: datetime,
        pairs: Iterable[Pair] | None = None,
        practitioner_id: int | None = None,
        busy: Busy | None = None,
    ) -> list[Slot]:
        """The free slots of some pairs, or of all, that start in [from_at, until_at), in order.

        Without a practitioner those of all of them, each once ("whoever is free") where there are several.
        One query, or none where the busy times of that window or a wider one are given.
        """
        if busy is None:
            busy = self.busy(from_at=from_at, until_at=until_at, now=now)
        found = []
        for pair in self.seats if pairs is None else pairs:
            who = self.named(pair, practitioner_id)
            starts = self.free(
                pair, from_at=from_at, until_at=until_at, now=now, busy=busy, practitioner_id=practitioner_id
            )
            found += [Slot(start, *pair, who) for start in starts]
        return sorted(found, key=lambda slot: (slot.starts_at, slot.location_id))

    def named(self, pair: Pair, practitioner_id: int | None) -> int | None:
        """Who stands in the slot: the one who was asked for, the only one there is, or None for anyone."""
        people = self.seats.get(pair, [])
        return practitioner_id or (people[0] if len(people) == 1 else None)


def free_slots(
    *,
    service: Service,
    from_at: datetime,
    until_at: datetime,
    now: datetime,
    practitioner: Practitioner | None = None,
    location: Location | None = None,
) -> list[Slot]:
    """The slots of a service that start in [from_at, until_at), in order. Five queries, whatever the size.

    Without a practitioner the slots of all of them, each once ("whoever is free") where there are several.
    Without a location those of all locations.
    """
    person = practitioner.pk if practitioner else None
    calendars = Calendars.read(services=[service], practitioner_id=person)
    pairs = [pair for pair in calendars.seats if location is None or pair[1] == location.pk]
    return calendars.slots(pairs=pairs, from_at=from_at, until_at=until_at, now=now, practitioner_id=person)


def next_free_slots(*, pairs: Iterable[Pair], now: datetime, per_pair: int = 3) -> dict[Pair, list[Slot]]:
    """For each (service, location) its first free slots from now on, all pairs together in at most 8 queries.

    The search looks two weeks ahead, then two months, then to the horizon, for the pairs that still lack some.
    Every pair is in the answer; one without a free time, or that cannot be requested, has an empty list.
    """
    wanted = list(dict.fromkeys(pairs))
    found: dict[Pair, list[Slot]] = {pair: [] for pair in wanted}
    if not wanted:
        return found
    services = Service.objects.filter(pk__in={service for service, _ in wanted})
    calendars = Calendars.read(services=services, pairs=wanted)
    lacking = [pair for pair in wanted if pair in calendars.seats]
    for first, last in pairwise(WINDOWS):
        lacking = [
            pair for pair in lacking if len(found[pair]) < per_pair and calendars.services[pair[0]].horizon_days > first
        ]
        if not lacking:
            break
        from_at, until_at = now + timedelta(days=first), now + timedelta(days=last)
        busy = calendars.busy(from_at=from_at, until_at=until_at, now=now)
        for pair in lacking:
            lack = per_pair - len(found[pair])
            starts = calendars.first(pair, lack, from_at=from_at, until_at=until_at, now=now, busy=busy)
            who = calendars.named(pair, None)
            found[pair] += [Slot(start, *pair, who) for start in starts]
    return found


def nearest_free_slots(*, slot: Slot, now: datetime, limit: int = 6) -> list[Slot]:
    """The free slots of the same service nearest to a time that is gone, in order of time.

    First those with the same practitioner at the same location, then those of the service with anybody,
    anywhere. Looks three days around the wanted time, then two weeks, then from now to the horizon.
    """
    service = Service.objects.filter(pk=slot.service_id).first()
    if service is None:
        return []
    calendars = Calendars.read(services=[service])
    if not calendars.seats:
        return []
    windows = [(slot.starts_at - timedelta(days=days), slot.starts_at + timedelta(days=days)) for days in (3, 14)]
    windows.append((now, now + timedelta(days=service.horizon_days)))
    for from_at, until_at in windows:
        free = {candidate.token: candidate for candidate in _around(calendars, slot, from_at, until_at, now)}
        if len(free) >= limit or until_at == windows[-1][1]:
            nearest = sorted(free.values(), key=lambda other: _distance(other, slot))[:limit]
            return sorted(nearest, key=lambda other: (other.starts_at, other.location_id))
    return []


def _around(calendars: Calendars, slot: Slot, from_at: datetime, until_at: datetime, now: datetime) -> list[Slot]:
    slots = calendars.slots(from_at=from_at, until_at=until_at, now=now)
    pair = (slot.service_id, slot.location_id)
    people = calendars.seats.get(pair, [])
    if slot.practitioner_id in people and len(people) > 1:
        named = calendars.slots(
            pairs=[pair], from_at=from_at, until_at=until_at, now=now, practitioner_id=slot.practitioner_id
        )
        same = {(other.starts_at, other.location_id) for other in named}
        slots = named + [other for other in slots if (other.starts_at, other.location_id) not in same]
    return slots


def _distance(other: Slot, wanted: Slot) -> tuple[bool, bool, timedelta, datetime]:
    return (
        wanted.practitioner_id is not None and other.practitioner_id != wanted.practitioner_id,
        other.location_id != wanted.location_id,
        abs(other.starts_at - wanted.starts_at),
        other.starts_at,
    )


def similar_slots(*, appointment_or_slot: Appointment | Slot, now: datetime, limit: int = 4) -> list[Slot]:
    """The next free slot of each of some other public providers: same specialty, same country, earliest first.

    They are looked up where search looks, so what ranks them is the time alone (Rules 2, point 3).
    """
    service = Service.objects.filter(pk=appointment_or_slot.service_id).select_related("provider").first()
    location = Location.objects.filter(pk=appointment_or_slot.location_id).first()
    if service is None or location is None or service.specialty_id is None:
        return []
    entries = (
        SearchEntry.objects.filter(
            specialty_id=service.specialty_id, country=str(location.country), next_free_at__gte=now
        )
        .exclude(provider_id=service.provider_id)
        .order_by("next_free_at", "pk")
        .values_list("provider_id", "service_id", "location_id")[: 4 * limit]
    )
    one_each: dict[int, Pair] = {}
    for provider_id, service_id, location_id in entries:
        one_each.setdefault(provider_id, (service_id, location_id))
    found = next_free_slots(pairs=list(one_each.values())[: 2 * limit], now=now, per_pair=1)
    return sorted(slot for slots in found.values() for slot in slots)[:limit]


def availability_of(*, provider: Provider, now: datetime) -> dict[Pair, tuple[datetime | None, int]]:
    """What search remembers of a provider: for each (service, location) the next free start and the free days.

    Free days are a mask of 63 bits: bit `date.toordinal() % 63` for each local date of the next 62 days on
    which a visit can begin.
    """
    calendars = Calendars.read(services=Service.objects.filter(provider=provider))
    answer: dict[Pair, tuple[datetime | None, int]] = {}
    if not calendars.seats:
        return answer
    near = now + timedelta(days=FREE_DAYS)
    busy = calendars.busy(from_at=now, until_at=near, now=now)
    later: list[Pair] = []
    for pair in calendars.seats:
        starts = calendars.free(pair, from_at=now, until_at=near, now=now, busy=busy)
        zone = calendars.zones[pair[1]]
        today = now.astimezone(zone).date()
        mask = 0
        for day in {start.astimezone(zone).date() for start in starts}:
            if (day - today).days < FREE_DAYS:
                mask |= 1 << (day.toordinal() % FREE_DAYS_BITS)
        answer[pair] = (starts[0] if starts else None, mask)
        if not starts and calendars.services[pair[0]].horizon_days > FREE_DAYS:
            later.append(pair)
    if later:
        horizon = now + timedelta(days=WINDOWS[-1])
        busy = calendars.busy(from_at=near, until_at=horizon, now=now)
        for pair in later:
            starts = calendars.first(pair, 1, from_at=near, until_at=horizon, now=now, busy=busy)
            if starts:
                answer[pair] = (starts[0], 0)
    return answer


# --- Appointments ---------------------------------------------------------------------------------


def _for_lists(queryset: AppointmentQuerySet, now: datetime) -> AppointmentQuerySet:
    return queryset.with_current_state(now).select_related(
        "patient__patient_profile", "dependant", "provider", "practitioner", "service__specialty", "location"
    )


def agenda(
    *,
    provider: Provider,
    from_at: datetime,
    until_at: datetime,
    now: datetime,
    practitioner: Practitioner | None = None,
) -> AppointmentQuerySet:
    """The appointments of a provider that touch [from_at, until_at): those that stand, and those that took place.

    Each has `current_state`. What was declined, withdrawn, cancelled or has run out takes no room.
    """
    rows = Appointment.objects.filter(
        provider=provider,
        state__in=[*OPEN_STATES, State.COMPLETED, State.NO_SHOW],
        starts_at__lt=until_at,
        starts_at__gte=from_at - timedelta(days=1),
        ends_at__gt=from_at,
    )
    if practitioner is not None:
        rows = rows.filter(practitioner=practitioner)
    # The annotation of `_for_lists` is what mypy does not see.
    listed = _for_lists(rows, now).exclude(current_state=State.EXPIRED)  # type: ignore[misc]
    return listed.order_by("starts_at", "pk")


def inbox(*, provider: Provider, now: datetime) -> AppointmentQuerySet:
    """What waits for the provider: requests not answered, and moves that patients propose. Most urgent first."""
    moves = Proposal.objects.filter(
        state=ProposalState.OPEN, expires_at__gt=now, proposed_by__in=[Side.PATIENT, Side.CARETEAM]
    )
    rows = Appointment.objects.alive(now).filter(
        Q(state=State.REQUESTED) | Q(state__in=[State.ACCEPTED, State.CONFIRMED], pk__in=moves.values("appointment")),
        provider=provider,
    )
    return _for_lists(rows, now).order_by(F("expires_at").asc(nulls_last=True), "starts_at", "pk")


def waiting_of_patient(*, patient, now: datetime) -> AppointmentQuerySet:
    """What is not settled yet: requested, another time proposed, accepted and not paid. Most urgent first."""
    rows = Appointment.objects.of_patient(patient).alive(now).exclude(state=State.CONFIRMED)
    return _for_lists(rows, now).order_by("expires_at", "pk")


def upcoming_of_patient(*, patient, now: datetime) -> AppointmentQuerySet:
    """Confirmed visits that are not over."""
    rows = Appointment.objects.of_patient(patient).filter(state=State.CONFIRMED, ends_at__gt=now)
    return _for_lists(rows, now).order_by("starts_at", "pk")


def past_of_patient(*, patient, now: datetime) -> AppointmentQuerySet:
    """All the rest, newest first: visits that are over, and whatever ended before. Long: to be paged."""
    rows = Appointment.objects.of_patient(patient).filter(
        ~Q(state__in=OPEN_STATES)
        | Q(state=State.CONFIRMED, ends_at__lte=now)
        | (~Q(state=State.CONFIRMED) & Q(expires_at__lte=now))
    )
    return _for_lists(rows, now).order_by("-starts_at", "-pk")


def open_proposal(*, appointment: Appointment, now: datetime) -> Proposal | None:
    """The other time that is on the table now, with its location and practitioner; None where nothing is."""
    return (
        appointment.proposals.filter(state=ProposalState.OPEN, expires_at__gt=now)
        .select_related("location", "practitioner", "hold")
        .first()
    )


def history(*, appointment: Appointment) -> QuerySet[AppointmentTransition]:
    """All that happened to an appointment, oldest first."""
    return appointment.transitions.select_related("actor").order_by("at", "pk")


def standing_with(provider: Provider, *, now: datetime) -> tuple[int, int]:
    """(open requests, agreed visits) that lie ahead with a provider."""
    rows = Appointment.objects.alive(now).filter(provider=provider, starts_at__gt=now)
    requests = rows.filter(state__in=(State.REQUESTED, State.PROPOSED)).count()
    return requests, rows.count() - requests
