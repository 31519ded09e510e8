"""How far a provider's page is: what is done, and what comes next."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Provider, WeeklyHours


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a page that can be found and asked. `url` is where it is done."""

    url: str
    label: str | Promise
    sentence: str | Promise
    is_done: bool

    @property
    def detail(self) -> str | Promise:
        """What remains to be done, for a list of steps."""
        return "" if self.is_done else self.sentence


def steps_of(provider: Provider) -> list[Step]:
    """The steps in their order. Five queries at most, whatever the provider holds."""
    texts = list(provider.texts.all())
    open_services = provider.services.filter(
        is_published=True, practitioners__is_active=True, locations__is_active=True
    ).exists()

    def room(name: str) -> str:
        return reverse(f"providers:{name}", args=[provider.public_id])

    return [
        Step(
            room("edit_page"),
            _("Presentation"),
            _("Write who you are and what you do, in one language at least."),
            any(text.draft.strip() for text in texts),
        ),
        Step(
            room("locations"),
            _("Place"),
            _("Say where patients come, and in which time zone."),
            provider.locations.filter(is_active=True).exists(),
        ),
        Step(
            room("services"),
            _("Service"),
            _("Say what can be requested, how long it takes and what it costs."),
            open_services,
        ),
        Step(
            room("hours"),
            _("Hours"),
            _("Say when patients can come. Free times are made from it."),
            WeeklyHours.objects.filter(practitioner__provider=provider).exists(),
        ),
        Step(
            room("edit_page"),
            _("Publish"),
            _("Look at the page as patients see it, then publish it."),
            provider.published_at is not None,
        ),
    ]
