"""What a search asks for, and how words are compared. Pure: no database, no clock, no settings.

What ranks results is here and in `queries.py`, and reads `SearchEntry` only: no contract, no commission
(Rules 2, point 3).
"""

import math
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from medicaim.common.text import normalise

MASK_BITS = 63
SEARCHABLE_DAYS = 61
"""How many days from today, today included, a date window may cover: what `SearchEntry.free_days` knows of.

The mask holds 63 days by their ordinal; a mask written yesterday still says the truth about these.
"""
MAX_WORDS = 8
DEFAULT_RADIUS_KM = 50
RADII_KM = (5, 10, 25, 50, 100, 250)
EARTH_KM = 6371.0
KM_PER_DEGREE = math.pi * EARTH_KM / 180
_FOLD = re.compile("[ao]e")
_STOP_WORDS = frozenset(
    {"a", "an", "and", "at", "by", "dr", "doctor", "for", "from", "i", "in", "near", "of", "on", "or", "the", "to"}
    | {"au", "aux", "avec", "chez", "d", "de", "des", "docteur", "du", "en", "et", "je", "l", "la", "le", "les"}
    | {"ou", "par", "pour", "pres", "un", "une", "with"}
    | {"الى", "دكتور", "طبيب", "طبيبة", "عن", "عند", "في", "مع", "من"}
)
#: Words for a professional that share no beginning with the name of the specialty.
_SYNONYMS = {
    "anesthesiologist": "anesthes",
    "ent": "otorhino",
    "gp": "general practice",
    "kine": "kinesitherap",
    "physio": "physiotherap",
    "ophtalmo": "ophtalmolog",
    "pulmonologist": "pneumolog",
}
#: Endings that tell a professional from a field, in French and English, and what is kept of the word.
_ENDINGS = (
    (re.compile(r"(chirurg|surg)(?:ien|ienne|eon|ery|ie|ies|ical|ical|icale|iens|eons)$"), r"\1"),
    (re.compile(r"(olog)(?:ist|iste|ue|ie|y|ique|ical|ic|ies)s?$"), r"\1"),
    (re.compile(r"(iatr)(?:ician|ist|e|ie|y|ique|ics|ic)s?$"), r"\1"),
    (re.compile(r"(therap)(?:eute|ist|ie|y|ies|eutique|eutic)s?$"), r"\1"),
    (re.compile(r"(\w{4,})(?:icienne|icien|ician|iste|ist|ien|ienne|iere|ier)s?$"), r"\1"),
    (re.compile(r"(\w{5,})(?:ique|ical|ics|ic|ies|ie|y)s?$"), r"\1"),
    (re.compile(r"(\w{4,})[sx]$"), r"\1"),
)


class Sort(StrEnum):
    """How results may be ordered (Rules 2, point 3)."""

    RELEVANCE = "relevance"
    EARLIEST = "earliest"
    PRICE = "price"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the question: as it was typed, and the beginning that its relatives share."""

    whole: str
    stem: str

    @property
    def needle(self) -> str:
        """What the text must hold. Short words count only where a word begins with them."""
        return self.stem if len(self.stem) >= 3 else f" {self.stem}"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search (Rules 2, point 1). Every field may be empty. Dates are local to the place of care, both included."""

    words: str = ""
    specialty: str = ""
    country: str = ""
    city: str = ""
    radius_km: int = 0
    language: str = ""
    from_day: date | None = None
    to_day: date | None = None
    budget: Decimal | None = None
    currency: str = "EUR"
    mode: str = ""
    kind: str = ""
    sort: Sort = Sort.RELEVANCE
    page: int = 1

    #: What can be taken away from a search that finds nothing, in the order of the form.
    RELAXABLE = ("words", "specialty", "country", "city", "language", "dates", "budget", "mode", "kind")

    def has(self, filter_name: str) -> bool:
        """Whether this filter narrows the search."""
        if filter_name == "dates":
            return self.from_day is not None or self.to_day is not None
        if filter_name == "budget":
            return self.budget is not None
        return bool(getattr(self, filter_name))

    def without(self, filter_name: str) -> "SearchQuery":
        """The same search without one filter, from its first page."""
        match filter_name:
            case "dates":
                return replace(self, from_day=None, to_day=None, page=1)
            case "budget":
                return replace(self, budget=None, page=1)
            case "city":
                sort = Sort.RELEVANCE if self.sort == Sort.DISTANCE else self.sort
                return replace(self, city="", radius_km=0, sort=sort, page=1)
            case _:
                empty: dict[str, Any] = {filter_name: ""}
                return replace(self, page=1, **empty)

    @property
    def active_filters(self) -> list[str]:
        return [name for name in self.RELAXABLE if self.has(name)]


def searchable(*parts: str) -> str:
    """The text that a search looks into: folded words with a blank before each, and one at the end."""
    words: dict[str, None] = {}
    for part in parts:
        words.update(dict.fromkeys(fold(part).split()))
    return f" {' '.join(words)} "


def fold(text: str) -> str:
    """Normalised, with "ae" and "oe" as "e", so that British, American and French spellings meet."""
    return _FOLD.sub("e", normalise(text))


def words_of(question: str) -> list[Word]:
    """The words that a result must hold, all of them. Small words are dropped unless there are no others."""
    folded = fold(question).split()
    telling = [word for word in folded if word not in _STOP_WORDS] or folded
    words = []
    for word in dict.fromkeys(telling):
        synonym = _SYNONYMS.get(word)
        if synonym:
            words += [Word(part, part) for part in synonym.split()]
        else:
            words.append(Word(word, stem(word)))
    return words[:MAX_WORDS]


def stem(word: str) -> str:
    """The beginning shared by a professional and the field: "cardiologue", "cardiologist" -> "cardiolog"."""
    for ending, kept in _ENDINGS:
        if ending.search(word):
            return ending.sub(kept, word)
    return word


def days_mask(first: date, last: date) -> int:
    """The bits of `SearchEntry.free_days` for these days, both included."""
    mask = 0
    for offset in range(min((last - first).days + 1, MASK_BITS)):
        mask |= 1 << ((first + timedelta(days=offset)).toordinal() % MASK_BITS)
    return mask


def window_of(query: SearchQuery, today: date) -> tuple[date, date] | None:
    """The days asked for, cut to those that search knows of; None where no date was given."""
    if query.from_day is None and query.to_day is None:
        return None
    horizon = today + timedelta(days=SEARCHABLE_DAYS - 1)
    first = max(query.from_day or today, today)
    last = min(query.to_day or horizon, horizon)
    return first, last


@dataclass(frozen=True, slots=True)
class Box:
    """Latitudes, and one or two ranges of longitudes, that surely hold a circle on the globe."""

    south: float
    north: float
    longitudes: tuple[tuple[float, float], ...]


def box_around(latitude: float, longitude: float, radius_km: float) -> Box:
    """The box around a circle. Beside the 180th meridian it has two parts; around a pole it holds every longitude."""
    reach = radius_km / KM_PER_DEGREE
    south, north = latitude - reach, latitude + reach
    if south <= -89.9 or north >= 89.9:
        return Box(max(south, -90.0), min(north, 90.0), ((-180.0, 180.0),))
    # The circle is widest nearer to the pole than its centre: asin(sin r / cos lat), not r / cos lat.
    width = math.degrees(math.asin(min(math.sin(math.radians(reach)) / math.cos(math.radians(latitude)), 1.0)))
    west, east = longitude - width, longitude + width
    if west < -180:
        return Box(south, north, ((west + 360, 180.0), (-180.0, east)))
    if east > 180:
        return Box(south, north, ((west, 180.0), (-180.0, east - 360)))
    return Box(south, north, ((west, east),))


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The great-circle distance between two points, in kilometres."""
    one, two = math.radians(latitude), math.radians(other_latitude)
    across = math.radians(other_longitude - longitude)
    half = math.sin((two - one) / 2) ** 2 + math.cos(one) * math.cos(two) * math.sin(across / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(math.sqrt(half), 1.0))
