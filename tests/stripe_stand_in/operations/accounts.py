"""Connected accounts and the links to their onboarding page."""

from tests.stripe_stand_in.errors import invalid
from tests.stripe_stand_in.events import emit
from tests.stripe_stand_in.world import Object, World

from .calls import Call, listed, operation, set_fields, set_metadata

FIELDS = ("business_type", "email")
LINK_LIFE = 300
NEEDED = ["external_account", "individual.verification.document", "tos_acceptance.date"]


@operation("POST /v1/accounts")
def create_account(call: Call) -> Object:
    world, params = call.world, call.params
    country = params.get("country", "FR")
    if len(country) != 2 or not country.isupper():
        raise invalid(f"Country '{country}' is unknown.", code="country_unsupported", param="country")
    account = world.new(
        "account",
        country=country,
        type=params.get("type", "none" if "controller" in params else "standard"),
        default_currency=params.get("default_currency", "eur"),
        charges_enabled=False,
        payouts_enabled=False,
        details_submitted=False,
        capabilities=world.contract.blank("account", "capabilities"),
        controller=world.contract.blank("account", "controller") | {"type": "application", "is_controller": True},
        requirements=_requirements(world, NEEDED),
        metadata={},
    )
    account.pop("deleted")
    _take_over(account, call)
    return account


def _requirements(world: World, due: list[str]) -> Object:
    empty: list[str] = []
    return world.contract.blank("account", "requirements") | {
        "currently_due": due,
        "eventually_due": due,
        "past_due": empty,
        "pending_verification": empty,
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": empty,
    }


def _take_over(account: Object, call: Call) -> None:
    set_fields(account, call.params, *FIELDS)
    set_metadata(account, call.params)
    for name, wanted in call.params.get("capabilities", {}).items():
        is_requested = isinstance(wanted, dict) and wanted.get("requested")
        status = "active" if account["details_submitted"] else "inactive"
        account["capabilities"][name] = status if is_requested else None


def finish_onboarding(world: World, account: Object) -> None:
    """The provider told everything, and Stripe agrees: what was asked for becomes active."""
    asked = {name for name, status in account["capabilities"].items() if status}
    account["capabilities"] |= dict.fromkeys(asked, "active")
    account |= {"details_submitted": True, "payouts_enabled": True, "charges_enabled": "card_payments" in asked}
    account["requirements"] = _requirements(world, [])
    emit(world, "account.updated", account, owner=account["id"])


def restrict(world: World, account: Object) -> None:
    """Stripe wants to know more: nothing is paid in or out until then."""
    asked = {name for name, status in account["capabilities"].items() if status}
    account["capabilities"] |= dict.fromkeys(asked, "inactive")
    account |= {"payouts_enabled": False, "charges_enabled": False}
    account["requirements"] = _requirements(world, NEEDED[1:2])
    emit(world, "account.updated", account, owner=account["id"])


@operation("GET /v1/accounts")
def list_accounts(call: Call) -> Object:
    return listed(call, call.world.all("account"))


@operation("GET /v1/accounts/{account}")
def get_account(call: Call) -> Object:
    return call.world.get("account", call.ids[0])


@operation("POST /v1/accounts/{account}")
def update_account(call: Call) -> Object:
    account = call.world.get("account", call.ids[0])
    _take_over(account, call)
    emit(call.world, "account.updated", account, owner=account["id"])
    return account


@operation("DELETE /v1/accounts/{account}")
def delete_account(call: Call) -> Object:
    account = call.world.get("account", call.ids[0])
    own = call.world.books[account["id"]]
    if any(own.available.values()) or any(own.pending.values()):
        raise invalid("This account cannot be deleted while its balance is not zero.", code="account_invalid")
    del call.world.tables["account"][account["id"]]
    return {"id": account["id"], "object": "account", "deleted": True}


@operation("POST /v1/account_links")
def create_link(call: Call) -> Object:
    world, params = call.world, call.params
    account = world.get("account", params["account"], param="account")
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    token = world.new_id("link")[5:]
    expires_at = world.now + LINK_LIFE
    world.hidden[token] |= {"account": account["id"], "expires_at": expires_at, "is_used": False}
    world.hidden[token] |= {"return_url": params["return_url"], "refresh_url": params["refresh_url"]}
    url = f"{world.base_url}/setup/{token}"
    return {"object": "account_link", "created": world.now, "expires_at": expires_at, "url": url}
