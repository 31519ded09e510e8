"""Busy times from other calendars: the parser, the fetch over a real connection, the rows that it leaves."""

import contextlib
import gzip
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone, translation

from bookings import queries
from bookings import services as bookings_services
from bookings.feeds import replace_feed
from providers import calendar_fetch, services, tasks
from providers.calendar_fetch import FetchFailed, fetch, is_public_address
from providers.errors import CalendarKnown
from providers.external_calendar import CalendarUnreadable, busy_intervals
from providers.models import BusyTime, ExternalCalendar, Provider
from tests.support.factories import MembershipFactory, PatientFactory, make_open_provider

PARIS = ZoneInfo("Europe/Paris")
WINDOW = {"starts": datetime(2027, 1, 1, tzinfo=UTC), "ends": datetime(2027, 12, 31, tzinfo=UTC)}


def ics(*events):
    body = "".join(f"BEGIN:VEVENT\r\n{event.strip()}\r\nEND:VEVENT\r\n".replace("\n        ", "\n") for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n{body}END:VCALENDAR\r\n".encode()


def event(uid="a", start=":20270111T090000Z", end=":20270111T100000Z", *more):
    return "\r\n".join([f"UID:{uid}", f"DTSTART{start}", f"DTEND{end}", *more])


def read(*events, zone=PARIS):
    return [
        (row.starts_at.strftime("%m-%dT%H:%M"), row.ends_at.strftime("%m-%dT%H:%M"))
        for row in busy_intervals(ics(*events), zone=zone, **WINDOW)
    ]


# --- the parser -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (":20270111T090000Z", ":20270111T100000Z", ("01-11T09:00", "01-11T10:00")),
        (":20270111T090000", ":20270111T100000", ("01-11T08:00", "01-11T09:00")),
        (
            ";TZID=America/New_York:20270111T090000",
            ";TZID=America/New_York:20270111T100000",
            ("01-11T14:00", "01-11T15:00"),
        ),
        (";VALUE=DATE:20270712", ";VALUE=DATE:20270714", ("07-11T22:00", "07-13T22:00")),
    ],
)
def test_times_are_read_in_their_zone(start, end, expected):
    assert read(event("a", start, end)) == [expected]


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"])
def test_what_does_not_keep_busy_is_passed_over(line):
    assert read(event("a", ":20270111T090000Z", ":20270111T100000Z", line)) == []


def test_our_own_events_are_passed_over():
    """pains 32: a feed that comes back to us adds nothing."""
    assert read(event("xyz@medicaim"), event("other@medicaim.test")) == [("01-11T09:00", "01-11T10:00")]


def test_series_with_exception_and_moved_occurrence_across_the_clock_change():
    weekly = event(
        "s",
        ";TZID=Europe/Paris:20270315T090000",
        ";TZID=Europe/Paris:20270315T100000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "EXDATE;TZID=Europe/Paris:20270322T090000",
    )
    moved = event(
        "s",
        ";TZID=Europe/Paris:20270405T150000",
        ";TZID=Europe/Paris:20270405T160000",
        "RECURRENCE-ID;TZID=Europe/Paris:20270405T090000",
    )
    found = busy_intervals(ics(weekly, moved), zone=PARIS, **WINDOW)
    # Winter time on 15 March, summer time from 28 March on.
    assert [row.starts_at.strftime("%m-%dT%H:%M") for row in found] == ["03-15T08:00", "03-29T07:00", "04-05T13:00"]
    assert len({(row.uid, row.recurrence) for row in found}) == 3


def test_cancelled_occurrence_is_free():
    weekly = event("s", ":20270111T090000Z", ":20270111T100000Z", "RRULE:FREQ=DAILY;COUNT=2")
    cancelled = event(
        "s", ":20270112T090000Z", ":20270112T100000Z", "RECURRENCE-ID:20270112T090000Z", "STATUS:CANCELLED"
    )
    assert read(weekly, cancelled) == [("01-11T09:00", "01-11T10:00")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>sign in</html>",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        ics(event("a", ":20270111T090000Z", ":20270111T100000Z", "RRULE:FREQ=SECONDLY")),
        pytest.param(ics(*[event(str(number)) for number in range(10_001)]), marks=pytest.mark.slow),
        pytest.param(
            ics(*[event(str(n), ":20270111T090000Z", ":20270111T100000Z", "RRULE:FREQ=DAILY") for n in range(501)]),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_is_no_calendar_or_too_much_is_refused(content):
    with pytest.raises(CalendarUnreadable):
        busy_intervals(content, zone=PARIS, **WINDOW)


# --- the fetch ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "::", "ff02::1",
    ],
)  # fmt: skip
def test_inner_addresses_are_not_public(address):
    assert not is_public_address(address)


def test_open_addresses_are_public():
    assert is_public_address("93.184.216.34")
    assert is_public_address("2606:2800:220:1::1")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.answer(self)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    """A calendar server on loopback; `server.answer` decides what it says."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    running.asked = []
    running.url = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def answering(body=b"", status=200, **headers):
    def answer(request):
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        with contextlib.suppress(OSError):
            request.wfile.write(body)

    return answer


def test_loopback_is_refused_unless_a_test_allows_it(server):
    server.answer = answering(b"x")
    for url in (
        server.url,
        server.url.replace("127.0.0.1", "localhost"),
        f"http://[::ffff:127.0.0.1]:{server.server_port}",
    ):
        with pytest.raises(FetchFailed, match="not on the open internet"):
            fetch(url)
    assert server.asked == []
    assert fetch(server.url, allow_private=True).content == b"x"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/", "http://u:p@example.org/", "http://", "http://x:99999/"]
)
def test_only_web_addresses(url):
    with pytest.raises(FetchFailed):
        fetch(url, allow_private=True)


def test_redirects_are_followed_three_times_and_checked_each_time(server):
    server.answer = lambda request: answering(
        b"end" if request.path == "/3" else b"",
        200 if request.path == "/3" else 302,
        Location=f"/{int(request.path[1:] or 0) + 1}",
    )(request)
    assert fetch(server.url + "/0", allow_private=True).content == b"end"
    server.answer = answering(status=302, Location="/again")
    with pytest.raises(FetchFailed, match="on and on"):
        fetch(server.url, allow_private=True)
    server.answer = answering(status=302, Location="file:///etc/passwd")
    with pytest.raises(FetchFailed):
        fetch(server.url, allow_private=True)


@pytest.mark.slow
def test_size_is_bounded_also_after_unpacking(server):
    server.answer = answering(b"x" * (3 * 1024 * 1024))
    with pytest.raises(FetchFailed, match="larger than 2 MB"):
        fetch(server.url, allow_private=True)
    bomb = gzip.compress(b"0" * (200 * 1024 * 1024), 1)
    server.answer = answering(bomb, Content_Encoding="gzip")
    with pytest.raises(FetchFailed, match="larger than 2 MB"):
        fetch(server.url, allow_private=True)
    server.answer = answering(gzip.compress(b"fine"), Content_Encoding="gzip")
    assert fetch(server.url, allow_private=True).content == b"fine"


def test_a_dripping_answer_is_cut_off(server, monkeypatch):
    monkeypatch.setattr(calendar_fetch, "MAX_SECONDS", 0.6)

    def drip(request):
        request.send_response(200)
        request.end_headers()
        try:
            for _tick in range(60):
                request.wfile.write(b"x")
                time.sleep(0.1)
        except OSError:
            pass

    server.answer = drip
    began = time.monotonic()
    with pytest.raises(FetchFailed):
        fetch(server.url, allow_private=True)
    assert time.monotonic() - began < 3


def test_errors_are_told_in_a_sentence(server):
    server.answer = answering(status=503)
    with pytest.raises(FetchFailed, match="answers with an error"):
        fetch(server.url, allow_private=True)


# --- the rows -------------------------------------------------------------------------------------


@pytest.fixture
def calendar(db, server, settings):
    settings.EXTERNAL_CALENDAR_ALLOW_PRIVATE = True
    made = make_open_provider()
    return ExternalCalendar.objects.create(practitioner=made.practitioner, url=server.url, time_zone="Europe/Paris")


def soon(hours):
    return (timezone.now().replace(microsecond=0) + timedelta(hours=hours)).strftime(":%Y%m%dT%H%M%SZ")


def read_again(calendar):
    ExternalCalendar.objects.update(next_fetch_at=timezone.now())
    Provider.objects.update(search_stale_since=None)
    tasks.fetch_external_calendar(calendar.pk)
    calendar.refresh_from_db()


def test_reading_twice_doubles_nothing_and_follows_changes(calendar, server):
    """pains 32: keyed by (calendar, UID, recurrence): moved events move, removed ones go, nothing is doubled."""
    server.answer = answering(ics(event("a", soon(24), soon(25)), event("b", soon(26), soon(27))))
    read_again(calendar)
    first = {row.uid: row.pk for row in BusyTime.objects.all()}
    assert set(first) == {"a", "b"}
    assert calendar.fetched_at is not None
    assert Provider.objects.get().search_stale_since is not None
    read_again(calendar)
    assert {row.uid: row.pk for row in BusyTime.objects.all()} == first
    assert Provider.objects.get().search_stale_since is None
    server.answer = answering(ics(event("a", soon(48), soon(49))))
    read_again(calendar)
    row = BusyTime.objects.get()
    assert row.pk == first["a"]
    assert row.starts_at > timezone.now() + timedelta(hours=47)


def test_occurrences_of_a_series_are_rows_of_their_own_in_each_calendar(calendar, server):
    """pains 32: (calendar, UID, RECURRENCE-ID) is the key, in the database too: read again, a series stays itself."""
    begins = timezone.now().replace(microsecond=0) + timedelta(days=1)

    def at(hours):
        return (begins + timedelta(hours=hours)).strftime(":%Y%m%dT%H%M%SZ")

    weekly = event("s", at(0), at(1), "RRULE:FREQ=WEEKLY;COUNT=3")
    server.answer = answering(ics(weekly))
    other = make_open_provider().practitioner
    second = ExternalCalendar.objects.create(practitioner=other, url=server.url, time_zone="Europe/Paris")
    read_again(calendar)
    read_again(second)
    first = {(row.calendar_id, row.recurrence): row.pk for row in BusyTime.objects.filter(uid="s")}
    assert len(first) == BusyTime.objects.count() == 6
    moved = event("s", at(7 * 24 + 3), at(7 * 24 + 4), f"RECURRENCE-ID{at(7 * 24)}")
    server.answer = answering(ics(weekly, moved))
    read_again(calendar)
    assert {(row.calendar_id, row.recurrence): row.pk for row in BusyTime.objects.filter(uid="s")} == first
    times = BusyTime.objects.filter(calendar=calendar).order_by("starts_at").values_list("starts_at", flat=True)
    assert list(times) == [begins, begins + timedelta(hours=7 * 24 + 3), begins + timedelta(days=14)]
    row = BusyTime.objects.filter(calendar=calendar).first()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_what_went_out_in_our_feed_does_not_come_back_as_busy(calendar, server, client):
    """pains 32: one way each: our feed read as a foreign calendar adds nothing, and nobody can write to it."""
    made = make_open_provider(service={"minimum_notice": 0})
    alice = PatientFactory()
    slot = queries.next_free_slots(pairs=[(made.service.pk, made.location.pk)], now=timezone.now())
    ((free, *_),) = slot.values()
    asked = bookings_services.request_appointment(slot=free, patient=alice, actor=alice)
    bookings_services.accept_request(appointment=asked, actor=made.owner)
    address = f"/feeds/{replace_feed(user=made.owner, provider=made.provider)}.ics"
    feed = client.get(address).content
    assert feed.count(b"BEGIN:VEVENT") == 1
    assert asked.uid.encode() in feed
    server.answer = answering(feed)
    read_again(calendar)
    assert calendar.error == ""
    assert calendar.fetched_at is not None
    assert not BusyTime.objects.exists()
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(address, data=feed, content_type="text/calendar").status_code in (403, 405)


def test_an_error_is_read_in_the_language_of_the_page(client, calendar, server):
    """Not in that of the worker, which has none."""
    server.answer = answering(status=404)
    with translation.override("fr"):
        read_again(calendar)
    owner = MembershipFactory(provider=calendar.practitioner.provider).user
    client.force_login(owner)
    hours = f"workspace/{calendar.practitioner.provider.public_id}/hours/"
    assert "There is no calendar at this address." in client.get(f"/en/{hours}").text
    assert "Il n’y a pas d’agenda à cette adresse." in client.get(f"/fr/{hours}").text


def test_an_error_is_kept_and_the_old_busy_times_stay(calendar, server):
    server.answer = answering(ics(event("a", soon(24), soon(25))))
    read_again(calendar)
    before = calendar.fetched_at
    for answer, words in (
        (answering(status=500), "answers with an error"),
        (answering(status=404), "no calendar at this address"),
        (answering(b"<html>"), "ICS"),
    ):
        server.answer = answer
        read_again(calendar)
        assert words in calendar.error
        assert calendar.fetched_at == before
        assert BusyTime.objects.count() == 1
        assert calendar.next_fetch_at > timezone.now() + timedelta(minutes=30)
    server.answer = answering(ics())
    read_again(calendar)
    assert calendar.error == ""
    assert not BusyTime.objects.exists()


def test_an_unchanged_calendar_is_not_read_in_full(calendar, server):
    server.answer = answering(ics(event("a", soon(24), soon(25))), ETag='"v1"')
    read_again(calendar)
    server.answer = answering(status=304)
    read_again(calendar)
    assert server.asked[-1][1]["If-None-Match"] == '"v1"'
    assert BusyTime.objects.count() == 1
    assert calendar.error == ""


SECRET = "https://cal.example.org/private-3f9a2c/basic.ics"


def add(made, url=SECRET):
    return services.add_external_calendar(
        provider=made.provider, practitioner=made.practitioner, url=url, time_zone="Europe/Paris", actor=made.owner
    )


@pytest.mark.django_db
def test_the_address_is_sealed_in_the_database():
    """Whoever has a copy of the database reads no calendar; equal addresses are found all the same."""
    made = make_open_provider()
    calendar = add(made)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM providers_externalcalendar")
        [row] = cursor.fetchall()
    assert "3f9a2c" not in repr(row)
    assert "cal.example.org" in row
    assert ExternalCalendar.objects.get(pk=calendar.pk).url == SECRET
    with pytest.raises(CalendarKnown):
        add(made)


@pytest.mark.django_db
def test_an_address_outlives_a_change_of_the_key(settings):
    made, old = make_open_provider(), settings.SECRET_KEY
    calendar = add(made)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [old]
    assert ExternalCalendar.objects.get(pk=calendar.pk).url == SECRET
    with pytest.raises(CalendarKnown):
        add(made)


def test_an_address_whose_key_is_lost_is_asked_for_again(calendar, server, settings):
    settings.SECRET_KEY = "n" * 60
    read_again(calendar)
    assert "add it again" in calendar.error
    assert server.asked == []


def test_nothing_that_is_logged_names_the_address(calendar, server, caplog):
    caplog.set_level("DEBUG")
    calendar.url = f"{server.url}/private-3f9a2c.ics"
    calendar.save()
    server.answer = answering(status=503)
    read_again(calendar)
    assert calendar.error
    assert "3f9a2c" not in caplog.text + calendar.error


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_addresses_that_stood_open_are_sealed_by_the_migration():
    made = make_open_provider()
    before, after = ("providers", "0004_care_areas"), ("providers", "0006_no_open_calendar_addresses")
    apps = MigrationExecutor(connection).loader.project_state([before]).apps
    try:
        MigrationExecutor(connection).migrate([before])
        old = apps.get_model("providers", "ExternalCalendar").objects
        pk = old.create(practitioner_id=made.practitioner.pk, url=SECRET, time_zone="UTC").pk
        MigrationExecutor(connection).migrate([after])
        calendar = ExternalCalendar.objects.get(pk=pk)
        assert (calendar.url, calendar.host) == (SECRET, "cal.example.org")
        with pytest.raises(CalendarKnown):
            add(made)
        MigrationExecutor(connection).migrate([before])
        assert old.get(pk=pk).url == SECRET
    finally:
        MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


def test_a_calendar_is_claimed_once(calendar):
    now = timezone.now()
    assert services.claim_calendar(pk=calendar.pk, now=now) is not None
    assert services.claim_calendar(pk=calendar.pk, now=now) is None


def test_the_sweep_wakes_a_reading_for_each_that_is_due(calendar, enqueued, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks.fetch_external_calendar, "delay", woken.append)
    tasks.fetch_external_calendars()
    ExternalCalendar.objects.update(next_fetch_at=timezone.now() + timedelta(minutes=5))
    tasks.fetch_external_calendars()
    assert woken == [calendar.pk]
