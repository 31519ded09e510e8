"""Roles, and how a URL says who may use it. The table itself is `medicaim/access.py`."""

from enum import Flag, auto


class Role(Flag):
    """What a person is, for the door of a URL. They add up; which objects one sees is `visible_to(user)`."""

    VISITOR = auto()
    USER = auto()
    PATIENT = auto()
    PROVIDER_RECEPTION = auto()
    PROVIDER_EDITOR = auto()
    PROVIDER_OWNER = auto()
    COORDINATOR = auto()
    CARETEAM = auto()
    SUPERUSER = auto()


ANYONE = Role(0)
"""No role is asked for: signed in or not."""
SIGNED_IN = Role.USER
PATIENT = Role.PATIENT
PROVIDER = Role.PROVIDER_OWNER | Role.PROVIDER_EDITOR | Role.PROVIDER_RECEPTION
PROVIDER_DESK = Role.PROVIDER_OWNER | Role.PROVIDER_RECEPTION
PROVIDER_EDITORS = Role.PROVIDER_OWNER | Role.PROVIDER_EDITOR
PROVIDER_OWNERS = Role.PROVIDER_OWNER
CARETEAM = Role.CARETEAM | Role.SUPERUSER


def is_allowed(asked: Role, held: Role) -> bool:
    """Whether somebody who holds these roles may use a URL that asks for one of those."""
    return asked == ANYONE or bool(asked & held)
