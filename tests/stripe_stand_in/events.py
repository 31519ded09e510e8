"""Events: what happened, with the object as it was then."""

import copy
from typing import Any

from .world import PLATFORM, Object, World


def emit(
    world: World, kind: str, about: Object, *, owner: str = PLATFORM, before: dict[str, Any] | None = None
) -> None:
    """Write an event down and tell the listeners. `before` holds the former values of what changed."""
    data: dict[str, Any] = {"object": copy.deepcopy(about), "previous_attributes": before}
    event = world.new(
        "event",
        owner=owner,
        type=kind,
        api_version=world.contract.version,
        data=data,
        request=dict(world.request),
        pending_webhooks=0,
    )
    if owner == PLATFORM:
        del event["account"]
    else:
        event["account"] = owner
    for tell in world.listeners:
        tell(event)
