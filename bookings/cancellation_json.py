"""A cancellation as one line of JSON, and the answer as another. Pure, as the table that it asks.

Nothing is guessed: every field stands in the line (null says that there is none), and an unknown one is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from medicaim.common.money import CURRENCIES, Money

from .cancellation import Assessment, Cancellation, Cause, Channel, FeeTable, PaidAppointment, assess

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

YEARS = range(1900, 3000)
"""What a date may say; more is a slip of the pen, and the ends of the calendar cannot be counted across."""


class UnreadableLine(ValueError):
    """The line is no cancellation; the message says which field is wrong, and how."""


def assess_line(line: bytes) -> dict[str, Any]:
    """The answer to one line, ready to be written."""
    return written(assess(*read(line)))


def read(line: bytes) -> tuple[PaidAppointment, Cancellation]:
    """The cancellation that the line describes."""
    fields = _Fields(_parsed(line))
    table = _Fields(fields.take("fee_table", _object), "fee_table.")
    appointment = PaidAppointment(
        appointment_on=fields.take("appointment_on", _date),
        zone=fields.take("timezone", _zone),
        deposit=Money(fields.take("deposit_minor", _whole), fields.take("currency", _currency)),
        paid_at=fields.take("paid_at", _instant),
        fees_allowed=fields.take("fees_allowed", _truth),
        fee_table=FeeTable(
            late_percent=table.take("late_percent", _percent),
            short_notice_percent=table.take("short_notice_percent", _percent),
            no_show_percent=table.take("no_show_percent", _percent),
            refund_window_days=table.take("refund_window_days", _or_null(_whole)),
        ),
    )
    cancellation = Cancellation(
        assessed_at=fields.take("assessed_at", _instant),
        notice_received_at=fields.take("notice_received_at", _or_null(_instant)),
        channel=fields.take("channel", _one_of(Channel)),
        cause=fields.take("cause", _one_of(Cause)),
        cause_accepted=fields.take("cause_accepted", _or_null(_truth)),
        certificate_received_at=fields.take("certificate_received_at", _or_null(_instant)),
    )
    table.end()
    fields.end()
    return appointment, cancellation


def written(assessment: Assessment) -> dict[str, Any]:
    """The answer in the words of the line: amounts in minor units, null for what is not known."""
    return {
        "fee_minor": assessment.fee.minor if assessment.fee is not None else None,
        "refund_minor": assessment.refund.minor if assessment.refund is not None else None,
        "rule": int(assessment.rule),
        "waits_for": str(assessment.waits_for) if assessment.waits_for else None,
        "waits_until": assessment.waits_until.isoformat() if assessment.waits_until else None,
    }


class _Fields:
    """The fields of an object, each taken once; what is wrong is said with the field's name before it."""

    def __init__(self, value: Any, prefix: str = "") -> None:
        self.left = dict(_object(value))
        self.prefix = prefix

    def take(self, name: str, understand: Callable[[Any], T]) -> T:
        try:
            value = self.left.pop(name)
        except KeyError:
            raise UnreadableLine(f"{self.prefix}{name}: missing") from None
        try:
            return understand(value)
        except ValueError as error:
            raise UnreadableLine(f"{self.prefix}{name}: {error}") from None

    def end(self) -> None:
        for name in self.left:
            raise UnreadableLine(f"{self.prefix}{name}: not a field of a cancellation")


def _parsed(line: bytes) -> Any:
    if not line.strip():
        raise UnreadableLine("the line is empty")
    try:
        return json.loads(line, object_pairs_hook=_without_doubles)
    except UnreadableLine:
        raise
    except json.JSONDecodeError as error:
        raise UnreadableLine(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except (ValueError, RecursionError) as error:  # no text, a number without end, brackets without end
        raise UnreadableLine(f"not JSON: {error}") from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableLine("a field stands in the line twice")
    return found


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableLine("not an object with fields")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a whole number from 0 on")
    return value


def _percent(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= 100:
        raise ValueError("not a whole number from 0 to 100")
    return value


def _currency(value: Any) -> str:
    if _text(value) not in CURRENCIES:
        raise ValueError("not the code of a currency, such as EUR")
    return str(value)


def _date(value: Any) -> date:
    try:
        found = date.fromisoformat(_text(value))
    except ValueError:
        found = None
    if found is None or found.isoformat() != value or found.year not in YEARS:
        raise ValueError("not a date such as 2026-12-20")
    return found


def _instant(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(_text(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.year not in YEARS:
        raise ValueError("not an instant with its distance from UTC, such as 2026-12-01T09:00:00Z")
    return found


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: Any) -> ZoneInfo:
    if _text(value) not in _zones():
        raise ValueError("not a time zone such as Asia/Bangkok")
    return ZoneInfo(value)


def _one_of(words: type[E]) -> Callable[[Any], E]:
    def understand(value: Any) -> E:
        try:
            return words(_text(value))
        except ValueError:
            raise ValueError(f"not one of {', '.join(words)}") from None

    return understand


def _or_null(understand: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda value: None if value is None else understand(value)
