"""The only writer of appointments. What each step means is in Rules 4; the locks are in `docs/locking.md`.

Every service takes its locks first, looks at the clock after it has them, judges the state as it truly is
then (`state_at`), moves, records the step, and queues the messages, all in one transaction.
"""

from ._base import what_is_due
from .answers import accept_request, cancel_appointment, decline_request, withdraw_request
from .closed_accounts import end_for_closed_accounts
from .ended_providers import end_for_ended_providers
from .expiry import expire_overdue
from .outcomes import ask_for_outcomes, decide_open_mediation_fees, record_outcome, say_goes_on
from .proposals import accept_proposal, decline_proposal, propose_slot, withdraw_proposal
from .requests import request_appointment
from .search import mark_all_stale, refresh_availability, refresh_stale

__all__ = [
    "accept_proposal",
    "accept_request",
    "ask_for_outcomes",
    "cancel_appointment",
    "decide_open_mediation_fees",
    "decline_proposal",
    "decline_request",
    "end_for_closed_accounts",
    "end_for_ended_providers",
    "expire_overdue",
    "mark_all_stale",
    "propose_slot",
    "record_outcome",
    "refresh_availability",
    "refresh_stale",
    "request_appointment",
    "say_goes_on",
    "what_is_due",
    "withdraw_proposal",
    "withdraw_request",
]
