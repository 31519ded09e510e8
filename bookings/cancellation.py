"""What a cancellation costs: the table of Rules 6, row by row, and nothing else.

Pure: no clock, no database, no settings. Preview, act, careteam and `bin/manage assess_cancellation` are answered by
the same `assess`, so they cannot disagree.

Three definitions carry all of it.

* Days are calendar days in the zone of the visit. Notice in the last second of a day there is notice of that day,
  whatever the time is elsewhere and however long the day was.
* Rows 1 to 4 ask why, rows 5 to 8 ask when. The first of rows 1 to 4 that holds gives everything back; one that may
  still come to hold makes the money wait; one that does not hold leaves the question to the days.
* Row 9 looks at what rows 6 to 8 would have charged: too long after the payment, everything is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import IntEnum, StrEnum
from itertools import groupby

from medicaim.common.money import Money

REGISTERED_LETTER_DAYS = 15
"""Row 5: a registered letter received that many days before the visit, or more, costs nothing."""
SHORT_NOTICE_DAYS = 7
"""Row 7: up to that many days before the visit, notice is short."""
CERTIFICATE_DAYS = 14
"""Row 4: the medical certificate may arrive until that many days after the cancellation."""

_DAY = timedelta(days=1)


class Rule(IntEnum):
    """The rows of the table."""

    PROVIDER_CANCELS = 1
    DEATH = 2
    FORCE_MAJEURE = 3
    MEDICAL_DECISION = 4
    REGISTERED_LETTER = 5
    LATE = 6
    SHORT_NOTICE = 7
    NO_SHOW = 8
    REFUND_WINDOW_OVER = 9


class Channel(StrEnum):
    """How the notice came."""

    ONLINE = "online"
    PHONE = "phone"
    LETTER = "letter"
    REGISTERED_LETTER = "registered_letter"


class Cause(StrEnum):
    """Why the visit does not take place."""

    NONE = "none"
    PROVIDER = "provider"
    DEATH = "death"
    FORCE_MAJEURE = "force_majeure"
    CARE_REFUSED = "care_refused"
    UNFIT_TO_TRAVEL = "unfit_to_travel"
    NO_SHOW = "no_show"


class Awaited(StrEnum):
    """What has to come before anything can be said about money."""

    CERTIFICATE = "certificate"
    CARETEAM = "careteam"


@dataclass(frozen=True, slots=True)
class FeeTable:
    """The fees that the patient accepted with the quote, in whole percent of the deposit."""

    late_percent: int
    short_notice_percent: int
    no_show_percent: int
    refund_window_days: int | None
    """Row 9: notice later than that many days after the payment brings nothing back. None: row 9 is not agreed."""

    def __post_init__(self) -> None:
        for percent in (self.late_percent, self.short_notice_percent, self.no_show_percent):
            if not 0 <= percent <= 100:
                raise ValueError(f"a fee of {percent} percent is not between 0 and 100")
        if self.refund_window_days is not None and self.refund_window_days < 0:
            raise ValueError("a refund window is not shorter than 0 days")


@dataclass(frozen=True, slots=True)
class Move:
    """The visit was moved because the patient asked for it. A move that the provider asked for is none of these."""

    from_on: date
    """The day that was given up."""
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class PaidAppointment:
    """A visit and the deposit that was paid for it."""

    appointment_on: date
    """In `zone`; the first visit where there are several."""
    zone: tzinfo
    deposit: Money
    paid_at: datetime
    fee_table: FeeTable
    fees_allowed: bool = True
    """Whether the law of the provider's country and profession lets a fee be taken for a visit that did not happen."""
    moves: tuple[Move, ...] = ()

    def __post_init__(self) -> None:
        if self.deposit.minor < 0:
            raise ValueError("a deposit is not negative")


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What is known, at `assessed_at`, about a visit that does not take place.

    What is given counts, even where it lies after `assessed_at`: a page may ask about a notice of tomorrow.
    """

    assessed_at: datetime
    notice_received_at: datetime | None = None
    """None: nobody said anything before the visit was over."""
    channel: Channel = Channel.ONLINE
    cause: Cause = Cause.NONE
    cause_accepted: bool | None = None
    """The careteam's answer about force majeure; None: they have not answered. No other cause asks them."""
    certificate_received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is kept and what goes back, by which row; or what is waited for, and then neither amount is known."""

    rule: Rule
    fee: Money | None = None
    refund: Money | None = None
    waits_for: Awaited | None = None
    waits_until: date | None = None
    """The last day, in the zone of the visit, on which what is awaited may arrive. The careteam has no such day."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Notice received from `first_on` to `last_on`, both included, in the zone of the visit, comes to the same."""

    first_on: date
    last_on: date
    assessment: Assessment


def assess(appointment: PaidAppointment, cancellation: Cancellation) -> Assessment:
    """The row of the table that decides this cancellation, and the money that follows from it."""
    notice_on = _day(cancellation.notice_received_at, appointment.zone) if cancellation.notice_received_at else None
    return _by_cause(appointment, cancellation, notice_on) or _by_days(
        appointment, notice_on, cancellation.channel, has_missed=cancellation.cause is Cause.NO_SHOW
    )


def tiers_of(
    appointment: PaidAppointment, *, channel: Channel, from_on: date, until_on: date | None = None
) -> tuple[Tier, ...]:
    """What notice by this channel, without a cause, comes to on each day: "if I cancel on …".

    From `from_on` to the day of the visit, or `until_on`, both included. Neighbouring days with the same answer are one
    tier. What it costs not to come at all is `assess` with `Cause.NO_SHOW`.
    """
    every_day = _days(from_on, until_on or appointment.appointment_on)
    tiers = []
    for assessment, group in groupby(every_day, lambda day: _by_days(appointment, day, channel)):
        days = list(group)
        tiers.append(Tier(days[0], days[-1], assessment))
    return tuple(tiers)


def _by_cause(appointment: PaidAppointment, cancellation: Cancellation, notice_on: date | None) -> Assessment | None:
    """Rows 1 to 4; None where the days decide."""
    match cancellation.cause:
        case Cause.PROVIDER:
            return _settled(appointment, Rule.PROVIDER_CANCELS, 0)
        case Cause.DEATH:
            return _settled(appointment, Rule.DEATH, 0)
        case Cause.FORCE_MAJEURE if cancellation.cause_accepted is None:
            return Assessment(Rule.FORCE_MAJEURE, waits_for=Awaited.CARETEAM)
        case Cause.FORCE_MAJEURE if cancellation.cause_accepted:
            return _settled(appointment, Rule.FORCE_MAJEURE, 0)
        case Cause.CARE_REFUSED | Cause.UNFIT_TO_TRAVEL:
            last_day = (notice_on or appointment.appointment_on) + CERTIFICATE_DAYS * _DAY
            arrived_at = cancellation.certificate_received_at
            if arrived_at and _day(arrived_at, appointment.zone) <= last_day:
                return _settled(appointment, Rule.MEDICAL_DECISION, 0)
            if _day(cancellation.assessed_at, appointment.zone) <= last_day:
                return Assessment(Rule.MEDICAL_DECISION, waits_for=Awaited.CERTIFICATE, waits_until=last_day)
    return None


def _by_days(
    appointment: PaidAppointment, notice_on: date | None, channel: Channel, *, has_missed: bool = False
) -> Assessment:
    """Rows 5 to 9: the dearest of the rows that the visit and each day given up for it had reached, or everything."""
    table, zone = appointment.fee_table, appointment.zone
    percents = {
        Rule.REGISTERED_LETTER: 0,
        Rule.LATE: table.late_percent,
        Rule.SHORT_NOTICE: table.short_notice_percent,
        Rule.NO_SHOW: table.no_show_percent,
        Rule.REFUND_WINDOW_OVER: 100,
    }
    rows = [Rule.NO_SHOW if has_missed else _row_reached(appointment.appointment_on, notice_on, channel)]
    rows += [_row_reached(move.from_on, _day(move.asked_at, zone), channel) for move in appointment.moves]
    rule = max(rows, key=lambda row: (percents[row], row))
    if rule is not Rule.REGISTERED_LETTER and table.refund_window_days is not None:
        since_payment = (notice_on or appointment.appointment_on) - _day(appointment.paid_at, zone)
        if since_payment.days > table.refund_window_days:
            rule = Rule.REFUND_WINDOW_OVER
    return _settled(appointment, rule, percents[rule])


def _row_reached(visit_on: date, notice_on: date | None, channel: Channel) -> Rule:
    """Rows 5 to 8: how long before the visit the notice came."""
    if notice_on is None or notice_on > visit_on:
        return Rule.NO_SHOW
    notice = (visit_on - notice_on).days
    if notice <= SHORT_NOTICE_DAYS:
        return Rule.SHORT_NOTICE
    if notice >= REGISTERED_LETTER_DAYS and channel is Channel.REGISTERED_LETTER:
        return Rule.REGISTERED_LETTER
    return Rule.LATE


def _settled(appointment: PaidAppointment, rule: Rule, percent: int) -> Assessment:
    """The deposit, split. A fee is rounded down to the minor unit; to ten of them where the currency has three
    decimals, because no card can be charged or refunded less."""
    deposit = appointment.deposit
    minor = deposit.minor * percent // 100 if appointment.fees_allowed else 0
    if deposit.exponent == 3:
        minor -= minor % 10
    fee = Money(minor, deposit.currency)
    return Assessment(rule, fee=fee, refund=deposit - fee)


def _day(instant: datetime, zone: tzinfo) -> date:
    """The calendar day of an instant in a zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(zone).date()


def _days(first_on: date, last_on: date) -> Iterator[date]:
    for number in range((last_on - first_on).days + 1):
        yield first_on + number * _DAY
