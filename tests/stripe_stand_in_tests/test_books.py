"""Whatever is done, the balances are the sums of their transactions, and no money comes from nowhere."""

import random
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stripe_stand_in.api import StandIn
from tests.stripe_stand_in.errors import StripeRefusal
from tests.stripe_stand_in.operations import OPERATIONS, Call, accounts, balances, disputes
from tests.stripe_stand_in.world import DAY, PLATFORM, World

pytestmark = pytest.mark.slow


CARDS = [
    "pm_card_visa", "pm_card_bypassPending", "pm_card_createDispute", "pm_card_refundFail", "pm_card_pendingRefund",
    "pm_card_visa_chargeDeclined",
]  # fmt: skip
CURRENCIES = ["eur", "jpy", "tnd"]
#: What a history leads to, if it is long enough.
KINDS = {
    "adjustment", "charge", "payment", "payment_refund", "payout", "payout_failure", "refund", "refund_failure",
    "transfer", "transfer_refund",
}  # fmt: skip
amounts = st.integers(50, 2500).map(lambda amount: amount * 10)
steps = st.one_of(
    st.tuples(st.just("pay"), st.sampled_from(CARDS), st.sampled_from(CURRENCIES), amounts),
    st.tuples(st.just("hold"), amounts),
    st.tuples(st.just("capture"), st.integers(0, 9), amounts),
    st.tuples(st.just("refund"), st.integers(0, 9), amounts),
    st.tuples(st.just("transfer"), st.integers(0, 9), amounts, st.booleans()),
    st.tuples(st.just("reverse"), st.integers(0, 9), amounts),
    st.tuples(st.just("pay_out"), st.sampled_from(CURRENCIES), amounts, st.booleans()),
    st.tuples(st.just("bounce"), st.integers(0, 9)),
    st.tuples(st.just("dispute"), st.integers(0, 9)),
    st.tuples(st.just("verdict"), st.integers(0, 9), st.sampled_from(["won", "lost"])),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)


class Driver:
    """Takes steps; what the state does not allow is refused, and changes nothing that counts."""

    def __init__(self) -> None:
        self.stand_in = StandIn("http://127.0.0.1", seed=1)
        self.world: World = self.stand_in.world
        self.account = self.call("POST /v1/accounts", capabilities={"transfers": {"requested": True}})
        accounts.finish_onboarding(self.world, self.account)
        for currency in CURRENCIES:
            self.pay("pm_card_bypassPending", currency, 50_000)
            self.transfer(0, 10_000, is_from_charge=True)

    def take(self, history: list[tuple]) -> None:
        """All steps, one after the other; the books add up after each."""
        for name, *arguments in history:
            with suppress(StripeRefusal):
                getattr(self, name)(*arguments)
            check(self)
        assert self.stand_in.problems == []

    def call(self, key: str, *ids: str, owner: str = PLATFORM, **params):
        with self.stand_in.acting():
            return OPERATIONS[key](Call(self.world, key, ids, params, owner))

    def some(self, kind: str, number: int) -> dict:
        """One of the newest of that kind; a refusal where there is none."""
        found = list(self.world.all(kind))
        if not found:
            raise StripeRefusal(404, "", "nothing there")
        return found[-1 - number % len(found)]

    def pay(self, card: str, currency: str, amount: int) -> None:
        about = {"amount": amount, "currency": currency, "payment_method": card, "confirm": True}
        self.call("POST /v1/payment_intents", **about)

    def hold(self, amount: int) -> None:
        about = {"amount": amount, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
        self.call("POST /v1/payment_intents", capture_method="manual", **about)

    def capture(self, number: int, amount: int) -> None:
        id_ = self.some("payment_intent", number)["id"]
        self.call("POST /v1/payment_intents/{intent}/capture", id_, amount_to_capture=amount)

    def refund(self, number: int, amount: int) -> None:
        self.call("POST /v1/refunds", charge=self.some("charge", number)["id"], amount=amount)

    def transfer(self, number: int, amount: int, is_from_charge: bool) -> None:
        charge = self.some("charge", number)
        source = {"source_transaction": charge["id"]} if is_from_charge else {}
        about = {"amount": amount, "currency": charge["currency"], "destination": self.account["id"]}
        self.call("POST /v1/transfers", **about, **source)

    def reverse(self, number: int, amount: int) -> None:
        self.call("POST /v1/transfers/{id}/reversals", self.some("transfer", number)["id"], amount=amount)

    def pay_out(self, currency: str, amount: int, is_of_platform: bool) -> None:
        owner = PLATFORM if is_of_platform else self.account["id"]
        self.call("POST /v1/payouts", owner=owner, currency=currency, amount=amount)

    def bounce(self, number: int) -> None:
        with self.stand_in.acting():
            balances.end_payout(self.world, self.some("payout", number), succeeds=False)

    def dispute(self, number: int) -> None:
        with self.stand_in.acting():
            disputes.open_dispute(self.world, self.some("charge", number))

    def verdict(self, number: int, verdict: str) -> None:
        with self.stand_in.acting():
            disputes.close(self.world, self.some("dispute", number), verdict)

    def wait(self, days: int) -> None:
        with self.stand_in.acting():
            self.world.advance(days * DAY)


def check(driver: Driver) -> None:
    world = driver.world
    everything: Counter[str] = Counter()
    for owner, books in world.books.items():
        sums = {"available": Counter[str](), "pending": Counter[str]()}
        for movement in world.all("balance_transaction", owner=owner):
            assert movement["net"] == movement["amount"] - movement["fee"]
            assert (movement["status"] == "pending") == (movement["available_on"] > world.now)
            sums[movement["status"]][movement["currency"]] += movement["net"]
        assert (books.available - sums["available"]) + (sums["available"] - books.available) == Counter()
        for currency in CURRENCIES:
            assert books.available[currency] == sums["available"][currency]
            assert books.pending[currency] == sums["pending"][currency]
            everything[currency] += books.available[currency] + books.pending[currency]
    assert {currency: everything[currency] for currency in CURRENCIES} == expected(world)
    for charge in world.tables["charge"].values():
        assert 0 <= charge["amount_refunded"] <= charge["amount"]
    for transfer in world.tables["transfer"].values():
        assert 0 <= transfer["amount_reversed"] <= transfer["amount"]


def expected(world: World) -> dict[str, int]:
    """What must be left of each currency, from the objects instead of the movements."""
    left = dict.fromkeys(CURRENCIES, 0)
    for charge in world.all("charge"):
        left[charge["currency"]] += charge["amount_captured"]
    for refund in world.all("refund"):
        if refund["balance_transaction"] and refund["status"] in {"pending", "succeeded"}:
            left[refund["currency"]] -= refund["amount"]
    for dispute in world.all("dispute"):
        if dispute["status"] != "won":
            left[dispute["currency"]] -= dispute["amount"]
    for payout in world.tables["payout"].values():
        if payout["status"] in {"pending", "paid"}:
            left[payout["currency"]] -= payout["amount"]
    for movement in world.tables["balance_transaction"].values():
        left[movement["currency"]] -= movement["fee"]
    return left


@pytest.mark.timeout(300)
@settings(deadline=None)
@given(st.lists(steps, max_size=25))
def test_books_always_add_up(history):
    Driver().take(history)


def test_a_long_history_moves_money_in_every_way():
    driver, dice = Driver(), random.Random(4)
    for _ in range(400):
        number, amount, currency = dice.randrange(10), dice.randrange(50, 2500) * 10, dice.choice(CURRENCIES)
        step = dice.choice(
            [
                ("pay", dice.choice(CARDS), currency, amount),
                ("hold", amount),
                ("capture", number, amount),
                ("refund", number, amount),
                ("transfer", number, amount, dice.random() < 0.5),
                ("reverse", number, amount),
                ("pay_out", currency, amount, dice.random() < 0.5),
                ("bounce", number),
                ("dispute", number),
                ("verdict", number, dice.choice(["won", "lost"])),
                ("wait", dice.randrange(1, 3)),
            ]
        )
        driver.take([step])
    assert {movement["type"] for movement in driver.world.tables["balance_transaction"].values()} == KINDS


def test_books_over_http(bench):
    account, intent = bench.account(), bench.paid("pm_card_bypassPending")
    about = {"currency": "eur", "destination": account.id, "source_transaction": intent.latest_charge}
    bench.api.transfers.create({"amount": 5000, **about})
    bench.paid()
    assert bench.look("books") == {
        "platform": {
            "available": {"eur": 14_675},
            "pending": {"eur": 19_675},
            "sums": {"available": {"eur": 14_675}, "pending": {"eur": 19_675}},
        },
        account.id: {
            "available": {"eur": 5000},
            "pending": {},
            "sums": {"available": {"eur": 5000}, "pending": {}},
        },
    }
