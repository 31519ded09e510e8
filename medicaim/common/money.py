"""Money: an integer number of minor units of one currency. Amounts of two currencies never add up."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from decimal import Decimal

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol, list_currencies
from django.utils.translation import get_language

from .errors import DomainError

CURRENCIES = frozenset(list_currencies())


class CurrencyMismatch(DomainError):
    """Two amounts of different currencies met in one sum: always a programming error."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` units (cents, yen, fils) of an ISO 4217 `currency`."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise ValueError(f"unknown currency {self.currency!r}")

    @property
    def exponent(self) -> int:
        """How many decimals the currency has: 0 (JPY), 2 (EUR) or 3 (TND)."""
        return get_currency_precision(self.currency)

    @property
    def amount(self) -> Decimal:
        return Decimal(self.minor).scaleb(-self.exponent)

    @classmethod
    def from_amount(cls, amount: Decimal, currency: str) -> Money:
        """From an amount as people write it. A fraction of a minor unit raises ValueError: nothing is rounded away."""
        minor = amount.scaleb(get_currency_precision(currency))
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} {currency} has more decimals than the currency")
        return cls(int(minor), currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return format_money(self)


def format_money(money: Money, language: str | None = None) -> str:
    """The amount as the reader's language writes it; whole amounts without decimals ("€90", "90 €")."""
    locale = Locale.parse((language or get_language() or "en").replace("-", "_"))
    pattern = copy(locale.currency_formats["standard"])
    whole = money.minor % 10**money.exponent == 0
    if whole:
        pattern.frac_prec = (0, 0)
    words = pattern.apply(money.amount, locale, currency=money.currency, currency_digits=not whole)
    symbol = get_currency_symbol(money.currency, locale)
    if locale.text_direction == "rtl" and symbol[:1].isascii():
        # A sign in Latin letters ("US$") keeps its own direction among words that run the other way.
        words = words.replace(symbol, f"\u2066{symbol}\u2069")
    return words
