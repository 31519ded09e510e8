"""The hosted pages: what each published card does, and that people can use them."""

import json

import pytest

from tests.support.html import assert_sound, parse, text_of

DECLINES = [
    ("4000 0000 0000 9995", "insufficient funds"),
    ("4000 0000 0000 0002", "declined"),
    ("4000 0000 0000 0069", "expired"),
    ("4000 0000 0000 0127", "security code is incorrect"),
    ("4000 0000 0000 0119", "processing your card"),
    ("4539 5787 6362 1486", "non test card"),
]


def test_paying_completes_the_session(bench):
    session = bench.session(payment_intent_data={"transfer_group": "booking_1", "metadata": {"booking": "1"}})
    answer = bench.pay(session)
    assert answer.status == 303
    assert answer.location == f"https://medicaim.example/paid?session={session.id}"
    done = bench.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.customer_details.email == "payer@example.org"
    assert done.payment_intent.transfer_group == done.payment_intent.latest_charge.transfer_group == "booking_1"
    assert done.payment_intent.metadata.to_dict() == {"booking": "1"}
    assert bench.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_page_is_gone_once_it_was_used(bench):
    session = bench.session()
    bench.pay(session)
    for again in (bench.page(f"/c/pay/{session.id}"), bench.pay(session)):
        assert again.status == 410
        assert "The payment has been made." in again.text
    assert len(bench.api.charges.list().data) == 1
    assert bench.page("/c/pay/cs_test_none").status == 404


@pytest.mark.parametrize(("number", "words"), DECLINES)
def test_declined_card_leaves_the_session_open(bench, number, words):
    session = bench.session()
    answer = bench.pay(session, number)
    assert answer.status == 402
    assert words in answer.text
    assert_sound(answer.text)
    intent = bench.api.payment_intents.list().data[0]
    assert (intent.status, intent.last_payment_error.type) == ("requires_payment_method", "card_error")
    assert bench.pay(session).status == 303
    assert bench.api.payment_intents.retrieve(intent.id).status == "succeeded"
    assert [charge.status for charge in bench.api.charges.list().data] == ["succeeded", "failed"]


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"number": "4242 4242 4242 4241"}, "number", "Your card number is invalid."),
        ({"number": ""}, "number", "Your card number is invalid."),
        ({"expiry": "13/34"}, "expiry", "incomplete"),
        ({"expiry": "01/20"}, "expiry", "in the past"),
        ({"cvc": "1"}, "cvc", "incomplete"),
        ({"email": ""}, "email", "incomplete"),
    ],
)
def test_a_wrong_field_is_named_beside_it(bench, values, field, words):
    answer = bench.pay(bench.session(), **values)
    assert answer.status == 422
    assert_sound(answer.text)
    tree = parse(answer.text)
    told = {element.get("id"): text_of(element) for element in tree.iter("p") if element.get("id")}
    assert words in told[f"{field}-error"]
    box = next(element for element in tree.iter("input") if element.get("name") == field)
    assert box.get("aria-invalid") == "true"
    assert bench.api.payment_intents.list().data == []


def test_pages_are_sound_and_every_field_has_a_label(bench):
    session = bench.session(cancel_url="https://medicaim.example/back")
    page = bench.page(session.url)
    assert page.status == 200
    assert "Pay 200.00 EUR" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    bench.pay(session, "4000002760003184")
    challenge = bench.page(f"/3ds/{bench.api.payment_intents.list().data[0].id}")
    about = {"account": bench.account().id, "type": "account_onboarding"}
    link = bench.api.account_links.create({**about, "return_url": "https://m.test/", "refresh_url": "https://m.test/"})
    for shown in (page, challenge, bench.page(link.url), bench.page("/c/pay/none")):
        assert_sound(shown.text)
        tree = parse(shown.text)
        labels = {label.get("for") for label in tree.iter("label")}
        assert {box.get("id") for box in tree.iter("input")} == labels
        assert [text_of(heading) for heading in tree.iter("h1")] != [""]
    assert bench.page("/pages.css").status == 200


@pytest.mark.parametrize(
    ("amount", "currency", "written"), [(500, "jpy", "500 JPY"), (5120, "kwd", "5.120 KWD"), (1999, "eur", "19.99 EUR")]
)
def test_amounts_are_written_with_the_decimals_of_their_currency(bench, amount, currency, written):
    assert f"Pay {written}" in bench.page(bench.session(amount, currency).url).text


def test_payer_reads_what_is_said_and_agrees_to_the_terms(bench):
    session = bench.session(
        consent_collection={"terms_of_service": "required"},
        custom_text={"submit": {"message": "Held in trust <without interest>."}},
    )
    page = bench.page(session.url)
    assert_sound(page.text)
    assert "Held in trust &lt;without interest&gt;." in page.text
    refused = bench.pay(session)
    assert_sound(refused.text)
    assert (refused.status, "Please agree to the terms" in refused.text) == (422, True)
    assert bench.pay(session, terms="yes").status == 303
    assert bench.api.checkout.sessions.retrieve(session.id).consent.terms_of_service == "accepted"


# --- 3-D Secure -----------------------------------------------------------------------------------------


def test_challenge_passed(bench):
    session = bench.session()
    challenge = bench.pay(session, "4000 0027 6000 3184").location
    waiting = bench.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (waiting.status, waiting.payment_intent.status) == ("open", "requires_action")
    assert waiting.payment_intent.next_action.redirect_to_url.url.endswith(challenge)
    assert bench.page(challenge, action="complete").location.endswith(session.id)
    assert bench.api.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert bench.page(challenge).status == bench.page(challenge, action="complete").status == 410
    assert len(bench.api.charges.list().data) == 1


def test_challenge_failed_then_another_card(bench):
    session = bench.session()
    answer = bench.page(bench.pay(session, "4000002760003184").location, action="fail")
    assert answer.status == 402
    assert "unable to authenticate" in answer.text
    assert bench.api.payment_intents.list().data[0].status == "requires_payment_method"
    assert bench.pay(session).status == 303
    assert bench.api.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_challenge_abandoned_until_the_session_ends(bench):
    session = bench.session()
    challenge = bench.pay(session, "4000002760003184").location
    bench.api.checkout.sessions.expire(session.id)
    assert bench.api.payment_intents.list().data[0].status == "canceled"
    assert bench.page(challenge, action="complete").status == 410
    assert bench.page(f"/c/pay/{session.id}").status == 410
    assert bench.event_types()[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


def test_challenge_of_an_intent_without_a_session_goes_back_to_its_address(bench):
    intent = bench.paid("pm_card_authenticationRequired", return_url="https://m.test/back?a=1")
    back = bench.page(intent.next_action.redirect_to_url.url, action="complete").location
    assert back == f"https://m.test/back?a=1&payment_intent={intent.id}&redirect_status=succeeded"


# --- bank debits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("iban", "status", "event"),
    [
        ("DE89 3704 0044 0532 0130 00", "paid", "checkout.session.async_payment_succeeded"),
        ("DE62 3704 0044 0532 0130 01", "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_bank_debit_is_decided_days_later(bench, iban, status, event):
    session = bench.session()
    assert bench.page(session.url, method="debit", iban=iban).status == 303
    done = bench.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (done.status, done.payment_status, done.payment_intent.status) == ("complete", "unpaid", "processing")
    assert event not in bench.event_types()
    bench.advance(days=3)
    assert bench.api.checkout.sessions.retrieve(session.id).payment_status == status
    assert bench.event_types()[-1] == event


def test_bank_debit_can_be_left_out(bench):
    session = bench.session(allowed_payment_method_types=["card"])
    assert session.payment_method_types == ["card"]
    assert "IBAN" not in bench.page(session.url).text
    assert bench.page(session.url, method="debit", iban="DE89370400440532013000").status == 422
    assert bench.session(5000, "gbp").payment_method_types == ["card"]
    wrong = bench.page(bench.session().url, method="debit", iban="FR00")
    assert (wrong.status, "Only test accounts work" in wrong.text) == (422, True)


# --- cards kept for later ---------------------------------------------------------------------------------


def kept(bench, number: str, customer: str):
    """The payment method that a setup session kept, after the challenge where there is one."""
    session = bench.setup_session(customer=customer)
    answer = bench.pay(session, number)
    if answer.location.startswith("/3ds/"):
        answer = bench.page(answer.location, action="complete")
    assert answer.location.endswith(session.id)
    done = bench.api.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert (done.status, done.payment_status, done.setup_intent.status) == (
        "complete",
        "no_payment_required",
        "succeeded",
    )
    assert done.setup_intent.mandate
    return done.setup_intent.payment_method


@pytest.mark.parametrize("number", ["4242424242424242", "4000002500003155"])
def test_card_that_was_set_up_is_charged_off_session(bench, number):
    customer = bench.api.customers.create().id
    method = kept(bench, number, customer)
    assert bench.paid(method, customer=customer, off_session=True).status == "succeeded"


def test_bank_may_ask_for_authentication_although_nobody_is_there(bench):
    customer = bench.api.customers.create().id
    method = kept(bench, "4000002760003184", customer)
    about = {"payment_method": method, "customer": customer, "confirm": True, "off_session": True}
    refusal = bench.refused(
        bench.api.payment_intents.create, {"amount": 500, "currency": "eur", **about}, code="authentication_required"
    )
    intent = json.loads(refusal.http_body)["error"]["payment_intent"]
    assert (intent["status"], refusal.http_status) == ("requires_payment_method", 402)


def test_kept_card_may_be_declined_later(bench):
    customer = bench.api.customers.create().id
    method = kept(bench, "4000000000000341", customer)
    about = {"payment_method": method, "customer": customer, "confirm": True, "off_session": True}
    bench.refused(bench.api.payment_intents.create, {"amount": 500, "currency": "eur", **about}, code="card_declined")


def test_card_that_is_declined_is_not_kept(bench):
    session = bench.setup_session(customer=bench.api.customers.create().id)
    assert bench.pay(session, "4000000000000002").status == 402
    challenge = bench.pay(session, "4000002500003155").location
    assert bench.page(challenge, action="fail").status == 402
    assert "setup_intent.setup_failed" in bench.event_types()
    assert bench.api.checkout.sessions.retrieve(session.id).status == "open"


# --- onboarding -----------------------------------------------------------------------------------------


def test_onboarding_makes_the_account_payable_once(bench):
    account = bench.account(is_onboarded=False)
    about = {"account": account.id, "type": "account_onboarding"}
    about |= {"return_url": "https://m.test/back", "refresh_url": "https://m.test/again"}
    link = bench.api.account_links.create(about)
    assert bench.page(link.url, action="finish").location == "https://m.test/back"
    found = bench.api.accounts.retrieve(account.id)
    assert (found.details_submitted, found.payouts_enabled, found.requirements.currently_due) == (True, True, [])
    assert bench.page(link.url).location == "https://m.test/again"
    event = bench.api.events.list({}, {"stripe_account": account.id}).data[0]
    assert (event.type, event.account) == ("account.updated", account.id)


def test_onboarding_can_be_left_and_its_link_grows_old(bench):
    account = bench.account(is_onboarded=False)
    about = {"account": account.id, "type": "account_onboarding"}
    about |= {"return_url": "https://m.test/back", "refresh_url": "https://m.test/again"}
    left, old = bench.api.account_links.create(about), bench.api.account_links.create(about)
    assert bench.page(left.url, action="later").location == "https://m.test/back"
    bench.advance(seconds=301)
    assert bench.page(old.url, action="finish").location == "https://m.test/again"
    assert not bench.api.accounts.retrieve(account.id).payouts_enabled
    assert bench.page("/setup/none").status == 404
