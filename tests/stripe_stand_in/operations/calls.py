"""What an operation gets, and what all of them share: lists, expanded fields, metadata."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.stripe_stand_in.errors import invalid
from tests.stripe_stand_in.world import Object, World


@dataclass
class Call:
    """A request that the contract has found sound."""

    world: World
    key: str
    """The operation, as "POST /v1/refunds/{refund}"."""
    ids: tuple[str, ...]
    params: dict[str, Any] = field(default_factory=dict)
    owner: str = ""
    """The connected account that is spoken for, or the platform."""

    @property
    def path(self) -> str:
        return self.key.split()[1]


Operation = Callable[[Call], Object]
OPERATIONS: dict[str, Operation] = {}


def operation(key: str) -> Callable[[Operation], Operation]:
    """Enters a function as what answers that address."""

    def enter(function: Operation) -> Operation:
        OPERATIONS[key] = function
        return function

    return enter


def only(params: dict[str, Any], names: Iterable[str], where: str = "") -> None:
    """Refuse what Stripe would take and the stand-in would leave out: nobody shall count on it."""
    for name in sorted(set(params) - {*names, "expand", "metadata"}):
        param = f"{where}[{name}]" if where else name
        raise invalid(f"The stand-in does not know this parameter: {param}", param=param)


# --- lists ----------------------------------------------------------------------------------------

PAGING = {"limit", "starting_after", "ending_before", "expand", "created", "types"}


def listed(call: Call, objects: Iterable[Object], *, url: str | None = None) -> Object:
    """Newest first, filtered by the parameters that name a field, a page at a time."""
    params = call.params
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("Limit must be between 1 and 100.", param="limit")
    filters = {name: value for name, value in params.items() if name not in PAGING}
    found = [one for one in reversed(list(objects)) if _matches(one, filters) and _is_in_time(one, params)]
    if types := params.get("types"):
        found = [one for one in found if one["type"] in types]
    found = _after(found, params)
    page = found[-limit:] if "ending_before" in params else found[:limit]
    return {"object": "list", "data": page, "has_more": len(found) > len(page), "url": url or call.path}


def _matches(one: Object, filters: dict[str, Any]) -> bool:
    for name, wanted in filters.items():
        if isinstance(wanted, dict):
            if not _matches(one.get(name) or {}, wanted):
                return False
        elif one.get(name) != wanted:
            return False
    return True


def _is_in_time(one: Object, params: dict[str, Any]) -> bool:
    wanted = params.get("created")
    if wanted is None:
        return True
    if not isinstance(wanted, dict):
        return bool(one["created"] == wanted)
    at = one["created"]
    checks = {"gt": at.__gt__, "gte": at.__ge__, "lt": at.__lt__, "lte": at.__le__}
    return all(checks[name](int(bound)) for name, bound in wanted.items())


def _after(found: list[Object], params: dict[str, Any]) -> list[Object]:
    for name in ("starting_after", "ending_before"):
        if name in params:
            ids = [one["id"] for one in found]
            if params[name] not in ids:
                raise invalid(f"No such object: '{params[name]}'", code="resource_missing", param=name)
            place = ids.index(params[name])
            return found[place + 1 :] if name == "starting_after" else found[:place]
    return found


# --- expanded fields --------------------------------------------------------------------------------

#: Lists that are left out until they are asked for.
ON_DEMAND: dict[tuple[str, str], Callable[[World, Object], Object]] = {}


def answer_of(world: World, result: Object, expand: list[str]) -> Object:
    """A copy of the result, with the objects that were asked for in place of their ids."""
    answer = copy.deepcopy(result)
    for path in expand:
        _expand(world, answer, path.split("."), path)
    return answer


def _expand(world: World, node: Any, names: list[str], path: str) -> None:
    if isinstance(node, list):
        for one in node:
            _expand(world, one, names, path)
        return
    if not names or not isinstance(node, dict):
        return
    first, *rest = names
    if first not in node:
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    on_demand = ON_DEMAND.get((str(node.get("object")), first))
    if on_demand:
        node[first] = copy.deepcopy(on_demand(world, node))
    elif isinstance(node[first], str):
        found = world.anything(node[first])
        if found is None:
            raise invalid(f"This property cannot be expanded ({path}).", param="expand")
        node[first] = copy.deepcopy(found)
    _expand(world, node[first], rest, path)


# --- changes ------------------------------------------------------------------------------------------


def set_metadata(about: Object, params: dict[str, Any]) -> None:
    """An empty value takes a key away, an empty string instead of the hash all of them."""
    given = params.get("metadata")
    if given == "":
        about["metadata"] = {}
    elif given:
        merged = {**(about["metadata"] or {}), **given}
        about["metadata"] = {name: value for name, value in merged.items() if value != ""}
        if len(about["metadata"]) > 50:
            raise invalid("You can have up to 50 keys of metadata.", param="metadata")


def set_fields(about: Object, params: dict[str, Any], *names: str) -> None:
    """Take over what was given; an empty string empties a field."""
    for name in names:
        if name in params:
            about[name] = None if params[name] == "" else params[name]
