"""The pages that people see: hosted checkout, the bank's 3-D Secure, onboarding. No script; one style sheet."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from pathlib import Path

from . import cards, money
from .api import StandIn
from .errors import StripeRefusal
from .operations import accounts, checkout
from .operations.attempts import authenticate
from .operations.customers import new_card_method, new_debit_method
from .operations.setup_intents import authenticate_setup
from .world import Object

STYLE = Path(__file__).with_name("pages.css")
GONE = "This page is no longer available"


@dataclass
class Page:
    status: int
    html: str = ""
    location: str = ""


@dataclass
class Typed:
    """What the payer typed, and what is wrong with it, by field."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    refusal: str = ""


def _page(status: int, title: str, body: str) -> Page:
    return Page(
        status,
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} – Stripe stand-in</title>\n"
        '<link rel="stylesheet" href="/pages.css">\n</head>\n<body>\n'
        "<header><p>Stand-in of Stripe. No real money moves here; only test cards work.</p></header>\n"
        f"<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n",
    )


def _input(name: str, label: str, typed: Typed, **attributes: str) -> str:
    error = typed.errors.get(name, "")
    more = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    if error:
        more += f' aria-invalid="true" aria-describedby="{name}-error"'
    message = f'<p class="error" id="{name}-error">{escape(error)}</p>' if error else ""
    value = escape(typed.values.get(name, ""))
    return (
        f'<div class="field"><label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" value="{value}"{more}>{message}</div>'
    )


def written(amount: int, currency: str) -> str:
    """1234 cents as "12.34 EUR"."""
    unit = money.unit(currency)
    return f"{Decimal(amount) / unit:.{len(str(unit)) - 1}f} {currency.upper()}"


# --- hosted checkout ------------------------------------------------------------------------------------


def checkout_page(stand_in: StandIn, id_: str, typed: Typed | None = None, status: int = 200) -> Page:
    session = stand_in.world.tables["checkout.session"].get(id_)
    if session is None:
        return _page(404, "Page not found", "<p>There is no such payment.</p>")
    if session["status"] != "open":
        said = "The payment has been made." if session["status"] == "complete" else "The time to pay has passed."
        return _page(410, GONE, f"<p>{said}</p>")
    typed = typed or Typed()
    what, verb = "Save your card", "Save card"
    if session["mode"] == "payment":
        what = f"Pay {written(session['amount_total'], session['currency'])}"
        verb = what
    items = "".join(
        f"<li>{escape(item['description'])}: {written(item['amount_total'], item['currency'])}</li>"
        for item in stand_in.world.hidden[id_]["items"]
    )
    alert = f'<p class="error" role="alert">{escape(typed.refusal)}</p>' if typed.refusal else ""
    said = (session["custom_text"]["submit"] or {}).get("message", "")
    parts = [f"<ul>{items}</ul>" if items else "", f"<p>{escape(said)}</p>" if said else "", alert]
    parts.append(_card_form(session, typed, verb))
    if _takes_debit(session):
        parts.append(_debit_form(session, typed))
    if session["cancel_url"]:
        parts.append(f'<p><a href="{escape(session["cancel_url"])}">Cancel and go back</a></p>')
    return _page(status, what, "\n".join(part for part in parts if part))


def _card_form(session: Object, typed: Typed, verb: str) -> str:
    email = ""
    if _asks_for_email(session):
        email = _input("email", "Email", typed, type="email", autocomplete="email")
    return (
        f'<form method="post" action="/c/pay/{session["id"]}"><h2>Card</h2>{email}'
        + _input("number", "Card number", typed, inputmode="numeric", autocomplete="cc-number")
        + _input("expiry", "Expiry date (MM/YY)", typed, inputmode="numeric", autocomplete="cc-exp")
        + _input("cvc", "Security code (CVC)", typed, inputmode="numeric", autocomplete="cc-csc")
        + _input("name", "Name on card", typed, autocomplete="cc-name")
        + (_terms(typed) if checkout.asks_for_terms(session) else "")
        + f'<button name="method" value="card">{escape(verb)}</button></form>'
    )


def _terms(typed: Typed) -> str:
    error = typed.errors.get("terms", "")
    more = ' aria-invalid="true" aria-describedby="terms-error"' if error else ""
    message = f'<p class="error" id="terms-error">{escape(error)}</p>' if error else ""
    return (
        f'<div class="check"><input type="checkbox" id="terms" name="terms" value="yes"{more}>'
        f'<label for="terms">I agree to the terms of service</label>{message}</div>'
    )


def _debit_form(session: Object, typed: Typed) -> str:
    return (
        f'<form method="post" action="/c/pay/{session["id"]}"><h2>Bank debit</h2>'
        + _input("iban", "IBAN", typed, autocomplete="off")
        + '<button name="method" value="debit">Pay by bank debit</button></form>'
    )


def checkout_submitted(stand_in: StandIn, id_: str, values: dict[str, str]) -> Page:
    session = stand_in.world.tables["checkout.session"].get(id_)
    if session is None or session["status"] != "open":
        return checkout_page(stand_in, id_)
    typed = Typed(values)
    is_debit = values.get("method") == "debit" and _takes_debit(session)
    typed.errors = _debit_errors(values) if is_debit else _card_errors(stand_in, values)
    if checkout.asks_for_terms(session) and not values.get("terms"):
        typed.errors["terms"] = "Please agree to the terms of service."
    if _asks_for_email(session) and not is_debit and "@" not in values.get("email", ""):
        typed.errors["email"] = "Your email is incomplete."
    if typed.errors:
        return checkout_page(stand_in, id_, typed, 422)
    owner = stand_in.world.owners[id_]
    if is_debit:
        method = new_debit_method(stand_in.world, _digits(values["iban"]), owner=owner)
    else:
        month, year = map(int, _digits(values["expiry"]).split("/"))
        card = cards.card_of(_digits(values["number"]))
        method = new_card_method(stand_in.world, card, owner=owner, month=month, year=2000 + year)
    customer = stand_in.world.tables["customer"].get(session["customer"] or "", {})
    email = values.get("email") or session["customer_email"] or customer.get("email") or ""
    payer = {"email": email, "name": values.get("name", "")}
    try:
        checkout.attempt(stand_in.world, session, method, payer)
    except StripeRefusal as refusal:
        typed.refusal = refusal.body["error"]["message"]
        return checkout_page(stand_in, id_, typed, 402)
    if session["status"] == "complete":
        return Page(303, location=checkout.success_address(session))
    return Page(303, location=f"/3ds/{session['payment_intent'] or session['setup_intent']}")


def _asks_for_email(session: Object) -> bool:
    return not session["customer"] and not session["customer_email"]


def _takes_debit(session: Object) -> bool:
    """The form for a card alone has the box for the terms."""
    return "sepa_debit" in session["payment_method_types"] and not checkout.asks_for_terms(session)


def _digits(text: str) -> str:
    return "".join(text.split()).replace("-", "")


def _card_errors(stand_in: StandIn, values: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not cards.passes_luhn(_digits(values.get("number", ""))):
        errors["number"] = "Your card number is invalid."
    today = datetime.fromtimestamp(stand_in.world.now, UTC)
    month, slash, year = _digits(values.get("expiry", "")).partition("/")
    if not (slash and month.isdecimal() and year.isdecimal() and len(year) == 2 and 1 <= int(month) <= 12):
        errors["expiry"] = "Your card's expiry date is incomplete."
    elif (2000 + int(year), int(month)) < (today.year, today.month):
        errors["expiry"] = "Your card's expiry date is in the past."
    cvc = values.get("cvc", "")
    if not (cvc.isdecimal() and 3 <= len(cvc) <= 4):
        errors["cvc"] = "Your card's security code is incomplete."
    return errors


def _debit_errors(values: dict[str, str]) -> dict[str, str]:
    known = ", ".join(cards.IBANS)
    return {} if _digits(values.get("iban", "")) in cards.IBANS else {"iban": f"Only test accounts work: {known}."}


# --- 3-D Secure ---------------------------------------------------------------------------------------


def _intent(stand_in: StandIn, id_: str) -> Object | None:
    tables = stand_in.world.tables
    return tables["payment_intent"].get(id_) or tables["setup_intent"].get(id_)


def challenge_page(stand_in: StandIn, id_: str) -> Page:
    intent = _intent(stand_in, id_)
    if intent is None:
        return _page(404, "Page not found", "<p>There is no such payment.</p>")
    if intent["status"] != "requires_action":
        return _page(410, GONE, "<p>Nothing waits for your bank here.</p>")
    amount = f" of {written(intent['amount'], intent['currency'])}" if "amount" in intent else ""
    return _page(
        200,
        "Your bank asks: is it you?",
        f'<p>3-D Secure for a payment{amount}.</p><form method="post" action="/3ds/{id_}">'
        '<button name="action" value="complete">Complete authentication</button> '
        '<button name="action" value="fail">Fail authentication</button></form>',
    )


def challenge_submitted(stand_in: StandIn, id_: str, values: dict[str, str]) -> Page:
    intent = _intent(stand_in, id_)
    if intent is None or intent["status"] != "requires_action":
        return challenge_page(stand_in, id_)
    act = authenticate if intent["object"] == "payment_intent" else authenticate_setup
    session, refusal = checkout.session_of(stand_in.world, intent), ""
    try:
        act(stand_in.world, intent, is_passed=values.get("action") == "complete")
    except StripeRefusal as error:
        refusal = error.body["error"]["message"]
    if session and session["status"] == "complete":
        return Page(303, location=checkout.success_address(session))
    if session:
        return checkout_page(stand_in, session["id"], Typed(refusal=refusal), 402)
    return_url = stand_in.world.hidden[id_].get("return_url")
    if not return_url:
        return _page(200, "Thank you", "<p>You may close this page.</p>")
    sign = "&" if "?" in return_url else "?"
    outcome = "failed" if refusal else "succeeded"
    return Page(303, location=f"{return_url}{sign}{intent['object']}={id_}&redirect_status={outcome}")


# --- onboarding -----------------------------------------------------------------------------------------


def onboarding_page(stand_in: StandIn, token: str) -> Page:
    link = stand_in.world.hidden.get(token)
    if link is None:
        return _page(404, "Page not found", "<p>There is no such link.</p>")
    if link["is_used"] or link["expires_at"] < stand_in.world.now:
        return Page(303, location=link["refresh_url"])
    return _page(
        200,
        "Tell Stripe who is paid",
        f'<p>Account {link["account"]}</p><form method="post" action="/setup/{token}">'
        '<button name="action" value="finish">Finish onboarding</button> '
        '<button name="action" value="later">Leave for later</button></form>',
    )


def onboarding_submitted(stand_in: StandIn, token: str, values: dict[str, str]) -> Page:
    link = stand_in.world.hidden.get(token)
    if link is None or link["is_used"] or link["expires_at"] < stand_in.world.now:
        return onboarding_page(stand_in, token)
    link["is_used"] = True
    if values.get("action") == "finish":
        accounts.finish_onboarding(stand_in.world, stand_in.world.get("account", link["account"]))
    return Page(303, location=link["return_url"])
