"""How django-allauth is told MEDICAIM's ways."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, sign-in and their messages."""
