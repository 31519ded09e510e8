"""The workspace: what a provider's team sees and does. Public pages are in `providers/public_views.py`."""

from .catalogue import (
    location_edit,
    locations,
    practitioner_edit,
    practitioners,
    service_edit,
    services,
)
from .hours import (
    calendar_add,
    calendar_refresh,
    calendar_remove,
    closure_add,
    closure_remove,
    hours,
    opening_add,
    opening_remove,
    week_edit,
    week_remove,
)
from .members import leave, member_remove, member_role, members
from .profile import edit_page, photo, photo_file, photo_remove, preview, publish, unpublish
from .subscription import apply, contract, overview, workspace

__all__ = [
    "apply",
    "calendar_add",
    "calendar_refresh",
    "calendar_remove",
    "closure_add",
    "closure_remove",
    "contract",
    "edit_page",
    "hours",
    "leave",
    "location_edit",
    "locations",
    "member_remove",
    "member_role",
    "members",
    "opening_add",
    "opening_remove",
    "overview",
    "photo",
    "photo_file",
    "photo_remove",
    "practitioner_edit",
    "practitioners",
    "preview",
    "publish",
    "service_edit",
    "services",
    "unpublish",
    "week_edit",
    "week_remove",
    "workspace",
]
