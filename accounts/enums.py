"""Choices of the accounts app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Gender(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")


class TermsKind(models.TextChoices):
    """What a person agrees to, each by a box of its own (Rules 1, point 1)."""

    TERMS = "terms", _("General terms")
    PERSONAL_DATA = "personal_data", _("Processing of personal data")


class DependantRelation(models.TextChoices):
    CHILD = "child", _("My child, under 18")
    MINOR_WARD = "minor_ward", _("A minor whose guardian I am")
    ADULT_WARD = "adult_ward", _("An adult under guardianship")


class DependantState(models.TextChoices):
    PENDING = "pending", _("Waiting for our check")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Not approved")
