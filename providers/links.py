"""Addresses of public pages."""

from django.urls import reverse
from django.utils.text import slugify

from .models import Provider


def slug_of(provider: Provider) -> str:
    """The readable part of the address; it may change with the name, the public id never does."""
    return slugify(provider.name)[:80].strip("-") or "provider"


def page_url(provider: Provider) -> str:
    """The public page, in the reader's language."""
    return reverse("providers:page", args=[slug_of(provider), provider.public_id])
