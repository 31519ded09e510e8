"""Dates and times in the words of the reader's language: the place's clock first, then the reader's."""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, get_timezone_location
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

CLDR_LOCALES = {"en": "en_GB"}
"""English with the day before the month and 24 hours: read the same way in every country."""


def cldr_locale(language: str | None = None) -> Locale:
    """The CLDR locale of a site language; that of the current language by default."""
    language = language or get_language() or "en"
    return Locale.parse(CLDR_LOCALES.get(language, language).replace("-", "_"))


def as_zone(zone: tzinfo | str | None) -> tzinfo:
    """A zone object from an IANA name or a zone; the reader's (current) zone where none is given."""
    if not zone:
        return timezone.get_current_timezone()
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def listed(*words: str) -> str:
    """Words one after the other, with the comma of the reader's language; empty ones are left out."""
    return pgettext("between two words", ", ").join(word for word in words if word)


def date_words(day: date, style: str = "full", language: str | None = None) -> str:
    """A date in words. `full` "Wednesday, 13 January 2027", `long` without weekday, `short` "Wed 13 Jan",
    `medium` "Wed, 13 Jan 2027", `weekday` "Wednesday", `month` "January 2027"."""
    locale = cldr_locale(language)
    skeletons = {"short": "MMMEd", "medium": "yMMMEd", "month": "yMMMM"}
    if style == "weekday":
        return format_date(day, "EEEE", locale=locale)
    if style in skeletons:
        midday = datetime.combine(day, time(12), tzinfo=timezone.get_fixed_timezone(0))
        return format_skeleton(skeletons[style], midday, locale=locale)
    return format_date(day, style, locale=locale)


def days_words(first: date, last: date, language: str | None = None) -> str:
    """Some days in a row, both ends included: "23–29 Nov 2026", "30 Nov – 6 Dec 2026"."""
    return format_interval(first, last, "yMMMd", locale=cldr_locale(language))


def clock(instant: datetime, zone: tzinfo | str | None = None, language: str | None = None) -> str:
    """The time of day ("09:30") of an instant in a zone."""
    return format_skeleton("Hm", instant.astimezone(as_zone(zone)), locale=cldr_locale(language))


def instant_words(
    instant: datetime, zone: tzinfo | str | None = None, style: str = "full", language: str | None = None
) -> str:
    """The date and time of an instant in a zone, without the zone's name: "Wednesday, 13 January 2027, 09:30"."""
    local = instant.astimezone(as_zone(zone))
    return listed(date_words(local.date(), style, language), clock(local, local.tzinfo, language))


def weekday_name(iso_weekday: int, language: str | None = None) -> str:
    """The name of an ISO weekday (1 is Monday)."""
    return cldr_locale(language).days["stand-alone"]["wide"][iso_weekday - 1]


def utc_offset(instant: datetime, zone: tzinfo | str | None = None) -> str:
    """How far a zone is from UTC at that instant: "UTC+1", "UTC−3:30", "UTC"."""
    offset = instant.astimezone(as_zone(zone)).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02d}" if rest else "")


def zone_name(zone: tzinfo | str | None = None, language: str | None = None) -> str:
    """The zone as people say it: "Paris time"; "UTC" and fixed offsets have no city and give ""."""
    zone = as_zone(zone)
    key = getattr(zone, "key", "")
    if "/" not in key or key.startswith("Etc/"):
        return ""
    city = get_timezone_location(zone, locale=cldr_locale(language), return_city=True)
    return pgettext("time zone, such as Paris time", "%(city)s time") % {"city": city.rpartition("/")[2]}


def zone_words(instant: datetime, zone: tzinfo | str | None = None) -> str:
    """The zone with its distance from UTC at that instant: "Paris time, UTC+1"."""
    return listed(zone_name(zone), utc_offset(instant, zone))


@dataclass(frozen=True, slots=True)
class BothTimes:
    """One instant as the place says it and, where the clocks differ, as the reader does."""

    place: str
    place_zone: str
    reader: str
    """Empty where the reader's clock shows the same time."""
    reader_zone: str


def both_times(
    instant: datetime,
    place_zone: tzinfo | str | None,
    reader_zone: tzinfo | str | None = None,
    *,
    style: str = "full",
    end: datetime | None = None,
) -> BothTimes:
    """The words for one instant (or a stretch until `end`) in the place's zone and the reader's.

    Without `place_zone` (a video call has no place) the reader's is the only one. The reader's day stands only
    where it is another day than the place's.
    """
    reader_zone = as_zone(reader_zone)
    place_zone = as_zone(place_zone) if place_zone else reader_zone
    local, theirs = instant.astimezone(place_zone), instant.astimezone(reader_zone)

    def hours(zone: tzinfo) -> str:
        start = clock(instant, zone)
        return f"{start}–{clock(end, zone)}" if end else start

    place = listed(date_words(local.date(), style), hours(place_zone))
    if local.utcoffset() == theirs.utcoffset():
        return BothTimes(place, zone_words(instant, place_zone), "", "")
    reader = hours(reader_zone)
    if local.date() != theirs.date():
        reader = listed(date_words(theirs.date(), style), reader)
    return BothTimes(place, zone_words(instant, place_zone), reader, zone_words(instant, reader_zone))


def both_times_text(
    instant: datetime, place_zone: tzinfo | str | None, reader_zone: tzinfo | str | None = None, *, style: str = "full"
) -> str:
    """The same in one line of plain text, for e-mail and SMS."""
    words = both_times(instant, place_zone, reader_zone, style=style)
    if not words.reader:
        return f"{words.place} ({words.place_zone})"
    return _("%(place)s (%(place_zone)s); for you %(reader)s (%(reader_zone)s)") % {
        "place": words.place,
        "place_zone": words.place_zone,
        "reader": words.reader,
        "reader_zone": words.reader_zone,
    }
