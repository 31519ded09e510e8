"""The test cards that Stripe publishes, and what each of them does."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Card:
    number: str
    token: str
    """The name of a payment method that stands for the card, e.g. pm_card_visa."""
    decline: tuple[str, str | None, str] | None = None
    """The error's code, the bank's reason, the message."""
    authentication: Literal["never", "always", "unless_set_up"] = "never"
    declines_when: Literal["charged", "always"] = "always"
    is_available_at_once: bool = False
    is_disputed: bool = False
    refund: Literal["succeeds", "fails_later", "succeeds_later"] = "succeeds"

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _declined(reason: str, message: str = "Your card was declined.") -> tuple[str, str, str]:
    return "card_declined", reason, message


CARDS = (
    Card("4242424242424242", "pm_card_visa"),
    Card("4000000000000077", "pm_card_bypassPending", is_available_at_once=True),
    Card("4000002760003184", "pm_card_authenticationRequired", authentication="always"),
    Card("4000002500003155", "pm_card_authenticationRequiredOnSetup", authentication="unless_set_up"),
    Card("4000000000000002", "pm_card_visa_chargeDeclined", decline=_declined("generic_decline")),
    Card(
        "4000000000009995",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        decline=_declined("insufficient_funds", "Your card has insufficient funds."),
    ),
    Card(
        "4000000000000069",
        "pm_card_chargeDeclinedExpiredCard",
        decline=("expired_card", None, "Your card has expired."),
    ),
    Card(
        "4000000000000127",
        "pm_card_chargeDeclinedIncorrectCvc",
        decline=("incorrect_cvc", None, "Your card's security code is incorrect."),
    ),
    Card(
        "4000000000000119",
        "pm_card_chargeDeclinedProcessingError",
        decline=("processing_error", None, "An error occurred while processing your card. Try again in a little bit."),
    ),
    Card(
        "4000000000000341",
        "pm_card_chargeCustomerFail",
        decline=_declined("generic_decline"),
        declines_when="charged",
    ),
    Card("4000000000000259", "pm_card_createDispute", is_disputed=True),
    Card("4000000000005126", "pm_card_refundFail", refund="fails_later"),
    Card("4000000000007726", "pm_card_pendingRefund", refund="succeeds_later"),
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {card.token: card for card in CARDS}
#: Any other number that could be a card: a real one has no place here.
REAL = Card(
    "",
    "",
    decline=_declined(
        "test_mode_live_card",
        "Your card was declined. Your request was in test mode, but used a non test card.",
    ),
)
#: Test accounts for a bank debit, and whether the money comes.
IBANS = {"DE89370400440532013000": True, "DE62370400440532013001": False}


def passes_luhn(number: str) -> bool:
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def card_of(number: str) -> Card:
    return BY_NUMBER.get(number, REAL)
