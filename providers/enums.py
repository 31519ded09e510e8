"""Choices of the providers app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderKind(models.TextChoices):
    """A single professional, or one of the four kinds of establishment of the French nomenclature."""

    PRACTITIONER = "practitioner", _("Practitioner")
    PUBLIC = "public", _("Public healthcare establishment")
    PRIVATE_FOR_PROFIT = "private_for_profit", _("Private for-profit healthcare establishment")
    PRIVATE_NON_PROFIT = "private_non_profit", _("Private non-profit healthcare establishment")
    ESPIC = "espic", _("Private healthcare establishment of collective interest (ESPIC)")


class ProviderState(models.TextChoices):
    """applied -> active <-> suspended -> ended. Only active providers are public (Rules 3, point 1)."""

    APPLIED = "applied", _("Waiting for our check")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")


class MemberRole(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    RECEPTION = "reception", _("Reception")


class ServiceMode(models.TextChoices):
    ON_SITE = "on_site", _("On site")
    REMOTE = "remote", _("Remote, by video or phone")


class DepositKind(models.TextChoices):
    """What the provider asks for before a visit is confirmed (Rules 5)."""

    NONE = "none", _("No deposit")
    DOWN_PAYMENT = "down_payment", _("Down payment")
    CARD_GUARANTEE = "card_guarantee", _("Deposit as a guarantee")


class HandedState(models.TextChoices):
    """Of a search that the careteam was asked to do."""

    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
