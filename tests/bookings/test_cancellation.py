"""The table of cancellation fees, against a second one that is written as data, and the properties of both."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import cycle, pairwise, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookings.cancellation import (
    Assessment,
    Awaited,
    Cancellation,
    Cause,
    Channel,
    FeeTable,
    Move,
    PaidAppointment,
    Rule,
    assess,
    tiers_of,
)
from medicaim.common.money import Money

DAY = timedelta(days=1)
VISIT = date(2026, 12, 20)
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Bangkok",
        "Pacific/Apia",
        "America/New_York",
        "Europe/Paris",
        "Asia/Tokyo",
        "Indian/Reunion",
        "America/Santiago",  # its clock changes at midnight
    )
]
USUAL = FeeTable(late_percent=50, short_notice_percent=100, no_show_percent=100, refund_window_days=15)
THOUSAND = Money(100_000, "EUR")

#: Rules 6 once more: causes, evidence, channels, days from notice to visit, row, what is awaited. The first line that
#: fits holds. "-" is no notice at all.
SECOND_TABLE = [
    [field.strip() for field in line.split("|")]
    for line in """
    provider                    | any      | any               | any    | 1 |
    death                       | any      | any               | any    | 2 |
    force_majeure               | accepted | any               | any    | 3 |
    force_majeure               | open     | any               | any    | 3 | careteam
    care_refused unfit_to_travel| in time  | any               | any    | 4 |
    care_refused unfit_to_travel| open     | any               | any    | 4 | certificate
    no_show                     | any      | any               | any    | 8 |
    any                         | any      | registered_letter | 400 15 | 5 |
    any                         | any      | any               | 400 8  | 6 |
    any                         | any      | any               | 7 0    | 7 |
    any                         | any      | any               | -1 -30 | 8 |
    any                         | any      | any               | -      | 8 |
    """.strip().splitlines()
]
#: Evidence by cause: its name in the table, the careteam's answer, the day on which the certificate arrived, and that
#: of the assessment, both counted from the day of the notice (of the visit where there is none).
MEDICAL = [
    ("in time", None, -3, 20),
    ("in time", None, 0, 0),
    ("in time", None, 14, 14),
    ("open", None, None, 0),
    ("open", False, None, 14),
    ("missing", True, None, 15),
    ("missing", None, 15, 15),
    ("missing", None, 15, 200),
]
EVIDENCE = {
    "force_majeure": [("accepted", True, None, 0), ("open", None, 3, 100), ("refused", False, 3, 100)],
    "care_refused": MEDICAL,
    "unfit_to_travel": MEDICAL,
}
#: Which end of the local day, days from payment to notice, refund window, whether fees are allowed, and whether row 9
#: is reached.
PAYMENTS = [
    (time.min, 15, 15, True, False),
    (time.max, 15, 15, True, False),
    (time.min, 16, 15, True, True),
    (time.max, 16, 15, True, True),
    (time.max, -1, 0, True, False),
    (time.min, 1, 0, True, True),
    (time.max, 500, None, True, False),
    (time.min, 16, 15, False, True),
]
#: Percents of rows 6, 7 and 8, and of the others.
FEES = [(50, 100, 100), (33, 66, 99), (90, 70, 0)]
PERCENTS = {1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 9: 100}
#: Currency, deposit, and the smallest step of a fee in minor units.
DEPOSITS = [("EUR", 100_000, 1), ("JPY", 33_333, 1), ("KWD", 123_450, 10), ("EUR", 1, 1), ("TND", 99_990, 10)]
CAUSES = [cause.value for cause in Cause]
EVERY_DAY = [*range(400, -31, -1), None]
EDGES = [400, 16, 15, 14, 8, 7, 0, -1, -30, None]


def is_within(span, days):
    if span in ("any", "-") or days is None:
        return span == "any" or (span == "-" and days is None)
    longest, shortest = map(int, span.split())
    return shortest <= days <= longest


def second_row(cause, evidence, channel, days):
    """The row of the second table, and what is awaited."""
    for causes, proof, channels, span, row, awaited in SECOND_TABLE:
        names = ((causes.split(), cause), ([proof], evidence), ([channels], channel))
        if all(name in known or known == ["any"] for known, name in names) and is_within(span, days):
            return int(row), awaited or None
    raise AssertionError("no line of the table fits")


def sweep(cause, every_day):
    """Compare both tables on those days, for all channels, evidence and payments.

    Zones (7), fee tables (3) and deposits (5) take turns, so that each meets each of the 8 payments. Returns the rows
    that were met, and how many comparisons it took.
    """
    rows, count = set(), 0
    turns = zip(cycle(ZONES), cycle(FEES), cycle(DEPOSITS), strict=False)
    cases = EVIDENCE.get(cause, [("none", None, None, 0)])
    for days, channel, case, payment in product(every_day, Channel, cases, PAYMENTS):
        zone, fees, (currency, deposit, step) = next(turns)
        evidence, accepted, certificate, assessed = case
        edge, since_payment, window, allowed, is_over = payment
        noticed_on = VISIT if days is None else VISIT - days * DAY

        def at(offset, noticed_on=noticed_on, edge=edge, zone=zone):
            return datetime.combine(noticed_on + offset * DAY, edge, tzinfo=zone).astimezone(UTC)

        got = assess(
            PaidAppointment(
                VISIT, zone, Money(deposit, currency), at(-since_payment), FeeTable(*fees, window), allowed
            ),
            Cancellation(
                assessed_at=at(assessed),
                notice_received_at=None if days is None else at(0),
                channel=channel,
                cause=Cause(cause),
                cause_accepted=accepted,
                certificate_received_at=None if certificate is None else at(certificate),
            ),
        )
        row, awaited = second_row(cause, evidence, channel.value, days)
        if awaited:
            until = noticed_on + 14 * DAY if awaited == "certificate" else None
            expected = (None, None, row, awaited, until)
        else:
            row = 9 if row in (6, 7, 8) and is_over else row
            percent = (PERCENTS | dict(zip((6, 7, 8), fees, strict=True)))[row] if allowed else 0
            exact = Decimal(deposit) * percent / 100
            fee = int((exact / step).quantize(Decimal(1), ROUND_DOWN)) * step
            expected = (fee, deposit - fee, row, None, None)
        amounts = (got.fee, got.refund)
        minors = tuple(None if amount is None else amount.minor for amount in amounts)
        assert (*minors, got.rule, got.waits_for, got.waits_until) == expected, (days, channel, case, payment, zone)
        rows.add(row)
        count += 1
    return rows, count


def test_both_tables_agree_at_every_edge():
    found = [sweep(cause, EDGES) for cause in CAUSES]
    assert set().union(*(rows for rows, _count in found)) == set(range(1, 10))
    assert sum(count for _rows, count in found) == len(EDGES) * 4 * 23 * 8


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("cause", CAUSES)
def test_both_tables_agree_on_every_day(cause):
    """Every day from 400 before the visit to 30 after it, and no notice at all."""
    _rows, count = sweep(cause, EVERY_DAY)
    assert count == 432 * 4 * len(EVIDENCE.get(cause, [None])) * 8


# One by one, as people would tell them


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def visit(on=VISIT, zone="Asia/Bangkok", **changes):
    given_ = {"deposit": THOUSAND, "paid_at": utc("2026-12-01T00:00"), "fee_table": USUAL} | changes
    return PaidAppointment(on, ZoneInfo(zone), **given_)


def notice(text, **changes):
    at = utc(text) if text else None
    return Cancellation(**({"assessed_at": at or utc("2026-12-21T09:00"), "notice_received_at": at} | changes))


def row(appointment, cancellation):
    return assess(appointment, cancellation).rule


@pytest.mark.parametrize(
    ("zone", "on", "last", "first"),
    [
        # The last second of the eighth day before the visit, and the first of the seventh.
        ("Asia/Bangkok", date(2026, 12, 20), "2026-12-12T16:59:59", "2026-12-12T17:00:00"),
        ("Pacific/Apia", date(2026, 12, 20), "2026-12-12T10:59:59", "2026-12-12T11:00:00"),
        ("Pacific/Pago_Pago", date(2026, 12, 20), "2026-12-13T10:59:59", "2026-12-13T11:00:00"),
        ("Asia/Kathmandu", date(2026, 12, 20), "2026-12-12T18:14:59", "2026-12-12T18:15:00"),
        ("America/New_York", date(2026, 12, 20), "2026-12-13T04:59:59", "2026-12-13T05:00:00"),
        # The day of the notice has 25 hours, then 23.
        ("Europe/Paris", date(2026, 11, 1), "2026-10-24T21:59:59", "2026-10-24T22:00:00"),
        ("Europe/Paris", date(2026, 11, 2), "2026-10-25T22:59:59", "2026-10-25T23:00:00"),
        ("Europe/Paris", date(2026, 4, 6), "2026-03-29T21:59:59", "2026-03-29T22:00:00"),
        # The first hour of the day does not exist, or the last comes twice.
        ("America/Santiago", date(2026, 9, 13), "2026-09-06T03:59:59", "2026-09-06T04:00:00"),
        ("America/Santiago", date(2026, 4, 12), "2026-04-05T03:59:59", "2026-04-05T04:00:00"),
    ],
)
def test_a_day_is_a_day_of_the_place(zone, on, last, first):
    appointment = visit(on, zone, paid_at=utc(last) - DAY)
    assert row(appointment, notice(last)) == Rule.LATE
    assert row(appointment, notice(first)) == Rule.SHORT_NOTICE


def test_a_date_that_a_zone_skipped_is_a_calendar_day_all_the_same():
    """Apia had no 30 December 2011: from the 29th to the 6th are eight days on the calendar, seven lived through."""
    appointment = visit(date(2012, 1, 6), "Pacific/Apia", paid_at=utc("2011-12-28T12:00"))
    assert row(appointment, notice("2011-12-30T09:59:59")) == Rule.LATE
    assert row(appointment, notice("2011-12-30T10:00:00")) == Rule.SHORT_NOTICE


def test_the_day_of_the_visit_is_short_notice_until_its_last_second():
    appointment = visit(paid_at=utc("2026-12-10T00:00"))
    assert row(appointment, notice("2026-12-20T16:59:59")) == Rule.SHORT_NOTICE
    assert row(appointment, notice("2026-12-20T17:00:00")) == Rule.NO_SHOW


def test_the_refund_window_counts_days_of_the_place():
    """Paid on 1 December in Bangkok, though it is still November in Greenwich: the 16th is the last day."""
    appointment = visit(date(2027, 1, 30), paid_at=utc("2026-11-30T17:00:00"))
    assert row(appointment, notice("2026-12-16T16:59:59")) == Rule.LATE
    assert row(appointment, notice("2026-12-16T17:00:00")) == Rule.REFUND_WINDOW_OVER
    letter = notice("2026-12-16T17:00:00", channel=Channel.REGISTERED_LETTER)
    assert assess(appointment, letter) == Assessment(Rule.REGISTERED_LETTER, Money(0, "EUR"), THOUSAND)


def test_a_certificate_may_arrive_in_the_last_second_of_the_fourteenth_day():
    told = notice("2026-12-01T09:00", cause=Cause.CARE_REFUSED)
    waiting = assess(visit(), replace(told, assessed_at=utc("2026-12-15T16:59:59")))
    assert waiting == Assessment(Rule.MEDICAL_DECISION, waits_for=Awaited.CERTIFICATE, waits_until=date(2026, 12, 15))
    assert row(visit(), replace(told, assessed_at=utc("2026-12-15T17:00:00"))) == Rule.LATE
    much_later = replace(told, assessed_at=utc("2027-03-01T00:00"))
    arrived = replace(much_later, certificate_received_at=utc("2026-12-15T16:59:59"))
    assert row(visit(), arrived) == Rule.MEDICAL_DECISION
    assert row(visit(), replace(much_later, certificate_received_at=utc("2026-12-15T17:00:00"))) == Rule.LATE


def test_without_notice_the_fourteen_days_begin_on_the_day_of_the_visit():
    """A doctor examines the patient and refuses the care: nobody cancels beforehand."""
    refused = notice(None, cause=Cause.CARE_REFUSED)
    assert assess(visit(), refused).waits_until == date(2027, 1, 3)
    later = replace(refused, assessed_at=utc("2027-01-03T17:00"))
    assert row(visit(paid_at=utc("2026-12-10T00:00")), later) == Rule.NO_SHOW


def test_a_doctor_s_decision_is_not_for_the_careteam_to_refuse():
    told = notice("2026-12-01T09:00", cause=Cause.UNFIT_TO_TRAVEL, cause_accepted=False)
    assert row(visit(), replace(told, certificate_received_at=told.assessed_at)) == Rule.MEDICAL_DECISION


@pytest.mark.parametrize(
    ("currency", "deposit", "percent", "fee"),
    [
        ("EUR", 99, 50, 49),
        ("JPY", 1, 99, 0),
        ("KWD", 12_350, 50, 6_170),
        ("KWD", 1_005, 100, 1_000),
        ("EUR", 0, 100, 0),
    ],
)
def test_a_fee_is_rounded_down(currency, deposit, percent, fee):
    appointment = visit(deposit=Money(deposit, currency), fee_table=replace(USUAL, late_percent=percent))
    got = assess(appointment, notice("2026-12-02T09:00"))
    assert (got.fee, got.refund) == (Money(fee, currency), Money(deposit - fee, currency))


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        assess(visit(), notice("2026-12-02T09:00", notice_received_at=datetime(2026, 12, 2)))  # noqa: DTZ001
    with pytest.raises(ValueError, match="not between 0 and 100"):
        replace(USUAL, late_percent=101)
    with pytest.raises(ValueError, match="refund window"):
        replace(USUAL, refund_window_days=-1)
    with pytest.raises(ValueError, match="negative"):
        visit(deposit=Money(-1, "EUR"))


# Moving a visit


def test_a_move_keeps_the_tier_that_the_old_day_had_reached():
    moved = visit(
        date(2027, 3, 1), paid_at=utc("2026-12-10T00:00"), moves=(Move(VISIT, asked_at=utc("2026-12-15T00:00")),)
    )
    letter = notice("2026-12-20T00:00", channel=Channel.REGISTERED_LETTER)
    assert row(replace(moved, moves=()), letter) == Rule.REGISTERED_LETTER
    assert assess(moved, letter) == Assessment(Rule.SHORT_NOTICE, THOUSAND, Money(0, "EUR"))


def test_a_move_in_good_time_costs_nothing_later():
    moved = visit(date(2027, 3, 1), moves=(Move(VISIT, asked_at=utc("2026-12-05T16:59:59")),))
    assert row(moved, notice("2027-02-14T00:00", channel=Channel.REGISTERED_LETTER)) == Rule.REGISTERED_LETTER


# Whatever the case


instants = st.datetimes(datetime(2026, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2026, 6, 1), date(2027, 6, 1))
percents = st.integers(0, 100)
tables = st.builds(FeeTable, percents, percents, percents, st.none() | st.integers(0, 60))
ordered_tables = st.builds(
    lambda three, window: FeeTable(*sorted(three), window),
    st.lists(percents, min_size=3, max_size=3),
    st.none() | st.integers(0, 60),
)
deposits = st.builds(Money, st.integers(0, 10**9), st.sampled_from(["EUR", "JPY", "KRW", "TND", "KWD", "BHD", "USD"]))
channels = st.sampled_from(Channel)
#: A busy machine is no counter-example.
UNHURRIED = settings(deadline=None)


def appointments(fee_tables=tables):
    moves = st.lists(st.builds(Move, days, instants), max_size=2).map(tuple)
    return st.builds(
        PaidAppointment, days, st.sampled_from(ZONES), deposits, instants, fee_tables, st.booleans(), moves
    )


cancellations = st.builds(
    Cancellation,
    assessed_at=instants,
    notice_received_at=st.none() | instants,
    channel=channels,
    cause=st.sampled_from(Cause),
    cause_accepted=st.none() | st.booleans(),
    certificate_received_at=st.none() | instants,
)


@UNHURRIED
@given(appointments(), cancellations)
def test_the_deposit_is_split_without_rest(appointment, cancellation):
    got = assess(appointment, cancellation)
    if got.waits_for:
        assert (got.fee, got.refund) == (None, None)
        return
    deposit = appointment.deposit
    assert got.fee + got.refund == deposit
    assert 0 <= got.fee.minor <= deposit.minor
    if deposit.currency in ("TND", "KWD", "BHD"):
        assert got.fee.minor % 10 == 0
    if not appointment.fees_allowed or got.rule <= Rule.REGISTERED_LETTER:
        assert got.refund == deposit


@UNHURRIED
@given(appointments(), cancellations)
def test_where_no_fee_is_allowed_the_row_is_the_same(appointment, cancellation):
    forbidden = assess(replace(appointment, fees_allowed=False), cancellation)
    allowed = assess(replace(appointment, fees_allowed=True), cancellation)
    assert (forbidden.rule, forbidden.waits_for, forbidden.waits_until) == (
        allowed.rule,
        allowed.waits_for,
        allowed.waits_until,
    )


@UNHURRIED
@given(appointments(), cancellations, st.sampled_from(ZONES))
def test_an_instant_is_the_same_in_whatever_zone_it_is_written(appointment, cancellation, zone):
    names = ("assessed_at", "notice_received_at", "certificate_received_at")
    written = {name: value.astimezone(zone) for name in names if (value := getattr(cancellation, name))}
    assert assess(appointment, replace(cancellation, **written)) == assess(appointment, cancellation)


def fee_of(appointment, notice_at, channel):
    return assess(appointment, Cancellation(notice_at or appointment.paid_at, notice_at, channel)).fee.minor


@UNHURRIED
@given(appointments(ordered_tables), st.lists(instants, min_size=2, max_size=2).map(sorted), channels)
def test_earlier_notice_never_costs_more(appointment, notices, channel):
    earlier, later = notices
    assert fee_of(appointment, later, channel) >= fee_of(appointment, earlier, channel)
    if earlier.astimezone(appointment.zone).date() <= appointment.appointment_on:
        assert fee_of(appointment, None, channel) >= fee_of(appointment, earlier, channel)


@UNHURRIED
@given(appointments(), st.lists(instants, min_size=2, max_size=2).map(sorted), st.integers(0, 300), channels)
@example(
    # Free in row 6, but too late after the payment: a move to a far day and a registered letter do not help.
    PaidAppointment(date(2026, 9, 20), ZONES[0], THOUSAND, utc("2026-07-01T00:00"), FeeTable(0, 0, 0, 15)),
    [utc("2026-09-10T00:00"), utc("2026-09-11T00:00")],
    200,
    Channel.REGISTERED_LETTER,
)
def test_moving_a_visit_never_dodges_a_tier(appointment, instants_, days_later, channel):
    """pains 29: whoever moves the visit and then cancels, or stays away, pays what cancelling had cost by then."""
    asked_at, noticed_at = instants_
    new_day = asked_at.astimezone(appointment.zone).date() + days_later * DAY
    move = Move(appointment.appointment_on, asked_at)
    moved = replace(appointment, appointment_on=new_day, moves=(*appointment.moves, move))
    at_the_move = fee_of(appointment, asked_at, channel)
    assert fee_of(moved, noticed_at, channel) >= at_the_move
    assert fee_of(moved, None, channel) >= at_the_move


# "If I cancel on …"


def test_tiers_of_an_appointment():
    got = tiers_of(visit(paid_at=utc("2026-12-10T00:00")), channel=Channel.ONLINE, from_on=date(2026, 12, 10))
    assert [(tier.first_on.day, tier.last_on.day, tier.assessment.rule) for tier in got] == [
        (10, 12, Rule.LATE),
        (13, 20, Rule.SHORT_NOTICE),
    ]
    assert got[0].assessment == Assessment(Rule.LATE, Money(50_000, "EUR"), Money(50_000, "EUR"))


def test_tiers_show_the_registered_letter_and_the_end_of_the_refund_window():
    appointment = visit(date(2027, 1, 20))
    online = tiers_of(appointment, channel=Channel.ONLINE, from_on=date(2026, 12, 1))
    letter = tiers_of(appointment, channel=Channel.REGISTERED_LETTER, from_on=date(2026, 12, 1))
    assert [(tier.last_on, tier.assessment.rule) for tier in online] == [
        (date(2026, 12, 16), Rule.LATE),
        (date(2027, 1, 20), Rule.REFUND_WINDOW_OVER),
    ]
    assert [(tier.last_on, tier.assessment.rule) for tier in letter] == [
        (date(2027, 1, 5), Rule.REGISTERED_LETTER),
        (date(2027, 1, 20), Rule.REFUND_WINDOW_OVER),
    ]


def test_a_past_visit_has_no_tiers_left():
    assert tiers_of(visit(), channel=Channel.ONLINE, from_on=VISIT + DAY) == ()


@UNHURRIED
@given(appointments(), channels, days, st.integers(0, 60))
def test_tiers_say_of_each_day_what_the_assessment_says(appointment, channel, from_on, length):
    until_on = from_on + length * DAY
    got = tiers_of(appointment, channel=channel, from_on=from_on, until_on=until_on)
    shown = [
        (tier.first_on + number * DAY, tier.assessment)
        for tier in got
        for number in range((tier.last_on - tier.first_on).days + 1)
    ]
    assert [day for day, _answer in shown] == [from_on + number * DAY for number in range(length + 1)]
    assert all(one.assessment != other.assessment for one, other in pairwise(got))
    for day, answer in shown:
        for edge in (time.min, time.max):
            noticed_at = datetime.combine(day, edge, tzinfo=appointment.zone)
            assert assess(appointment, Cancellation(noticed_at, noticed_at, channel)) == answer
