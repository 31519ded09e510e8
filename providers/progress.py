"""How far a provider's page is: what is done, and what comes next."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Provider, WeeklyHours


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a page that can be found and asked. `url_name` is where it is done."""

    url_name: str
    label: str | Promise
    sentence: str | Promise
    is_done: bool


def steps_of(provider: Provider) -> list[Step]:
    """The steps in their order. Five queries at most, whatever the provider holds."""
    texts = list(provider.texts.all())
    open_services = provider.services.filter(
        is_published=True, practitioners__is_active=True, locations__is_active=True
    ).exists()
    return [
        Step(
            "providers:edit_page",
            _("Presentation"),
            _("Write who you are and what you do, in one language at least."),
            any(text.draft.strip() for text in texts),
        ),
        Step(
            "providers:locations",
            _("Place"),
            _("Say where patients come, and in which time zone."),
            provider.locations.filter(is_active=True).exists(),
        ),
        Step(
            "providers:services",
            _("Service"),
            _("Say what can be requested, how long it takes and what it costs."),
            open_services,
        ),
        Step(
            "providers:hours",
            _("Hours"),
            _("Say when patients can come. Free times are made from it."),
            WeeklyHours.objects.filter(practitioner__provider=provider).exists(),
        ),
        Step(
            "providers:edit_page",
            _("Publish"),
            _("Look at the page as patients see it, then publish it."),
            provider.published_at is not None,
        ),
    ]
