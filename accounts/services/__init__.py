"""The only writers of accounts, dependants, consents and of who may sign in."""

from .closing import close_account, closing_obstacles, purge_unverified_accounts
from .dependants import add_dependant, approve_dependant, change_dependant, reject_dependant
from .mail import blank_account_mails, queue_account_mail
from .people import change_profile, change_roles, ensure_can_request, open_account
from .security import (
    answer_alarm,
    end_sessions,
    raise_alarm,
    refuse_access,
    request_alarm_link,
    restore_access,
    set_password,
)
from .terms import accept_terms, publish_terms

__all__ = [
    "accept_terms",
    "add_dependant",
    "answer_alarm",
    "approve_dependant",
    "blank_account_mails",
    "change_dependant",
    "change_profile",
    "change_roles",
    "close_account",
    "closing_obstacles",
    "end_sessions",
    "ensure_can_request",
    "open_account",
    "publish_terms",
    "purge_unverified_accounts",
    "queue_account_mail",
    "raise_alarm",
    "refuse_access",
    "reject_dependant",
    "request_alarm_link",
    "restore_access",
    "set_password",
]
