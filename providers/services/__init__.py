"""The only writer of providers: each function is one thing that somebody does, in one transaction."""

from ._base import lock_provider, mark_stale
from .calendars import (
    add_external_calendar,
    ask_for_fresh_calendar,
    claim_calendar,
    record_busy_times,
    record_failed_reading,
    remove_external_calendar,
)
from .catalogue import save_location, save_practitioner, save_service
from .hours import (
    WeekKey,
    add_closure,
    add_extra_opening,
    remove_closure,
    remove_extra_opening,
    remove_weekly_hours,
    set_weekly_hours,
)
from .members import add_member, change_member_role, leave_all_teams, remove_member
from .profile import publish_page, remove_photo, save_draft, set_photo, unpublish_page
from .subscription import (
    activate_provider,
    apply_as_provider,
    end_provider,
    record_number_check,
    revoke_number_check,
    set_mediation_fee,
    suspend_provider,
)

__all__ = [
    "WeekKey",
    "activate_provider",
    "add_closure",
    "add_external_calendar",
    "add_extra_opening",
    "add_member",
    "apply_as_provider",
    "ask_for_fresh_calendar",
    "change_member_role",
    "claim_calendar",
    "end_provider",
    "leave_all_teams",
    "lock_provider",
    "mark_stale",
    "publish_page",
    "record_busy_times",
    "record_failed_reading",
    "record_number_check",
    "remove_closure",
    "remove_external_calendar",
    "remove_extra_opening",
    "remove_member",
    "remove_photo",
    "remove_weekly_hours",
    "revoke_number_check",
    "save_draft",
    "save_location",
    "save_practitioner",
    "save_service",
    "set_mediation_fee",
    "set_photo",
    "set_weekly_hours",
    "suspend_provider",
    "unpublish_page",
]
