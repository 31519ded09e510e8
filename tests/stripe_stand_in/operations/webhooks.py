"""Events that can be read again, and the endpoints that hear of them."""

from urllib.parse import urlsplit

from tests.stripe_stand_in.errors import invalid
from tests.stripe_stand_in.world import Object

from .calls import Call, listed, operation, set_fields, set_metadata

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@operation("GET /v1/events")
def list_events(call: Call) -> Object:
    return listed(call, call.world.all("event", owner=call.owner))


@operation("GET /v1/events/{id}")
def get_event(call: Call) -> Object:
    return call.world.get("event", call.ids[0], owner=call.owner)


@operation("POST /v1/webhook_endpoints")
def create_endpoint(call: Call) -> Object:
    world, params = call.world, call.params
    _check_url(params["url"])
    endpoint = world.new(
        "webhook_endpoint",
        url=params["url"],
        enabled_events=params["enabled_events"],
        status="enabled",
        metadata={},
    )
    endpoint.pop("deleted")
    set_fields(endpoint, params, "api_version", "description")
    set_metadata(endpoint, params)
    secret = f"whsec_{world.new_id('s')[2:]}"
    world.hidden[endpoint["id"]] |= {"secrets": [secret], "connect": params.get("connect", False)}
    endpoint.pop("secret")
    return endpoint | {"secret": secret}


def _check_url(url: str) -> None:
    if urlsplit(url).hostname not in LOOPBACK:
        raise invalid("Invalid URL: the stand-in delivers on loopback only.", code="url_invalid", param="url")


@operation("GET /v1/webhook_endpoints")
def list_endpoints(call: Call) -> Object:
    return listed(call, call.world.all("webhook_endpoint", owner=call.owner))


@operation("GET /v1/webhook_endpoints/{webhook_endpoint}")
def get_endpoint(call: Call) -> Object:
    return call.world.get("webhook_endpoint", call.ids[0], owner=call.owner)


@operation("POST /v1/webhook_endpoints/{webhook_endpoint}")
def update_endpoint(call: Call) -> Object:
    endpoint, params = call.world.get("webhook_endpoint", call.ids[0], owner=call.owner), call.params
    _check_url(str(params.get("url", endpoint["url"])))
    set_fields(endpoint, params, "url", "enabled_events", "description")
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    set_metadata(endpoint, params)
    return endpoint


@operation("DELETE /v1/webhook_endpoints/{webhook_endpoint}")
def delete_endpoint(call: Call) -> Object:
    endpoint = call.world.get("webhook_endpoint", call.ids[0], owner=call.owner)
    del call.world.tables["webhook_endpoint"][endpoint["id"]]
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
