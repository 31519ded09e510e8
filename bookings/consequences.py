"""What a decision about a provider means for its patients, in words for the careteam."""

from django.utils import timezone
from django.utils.translation import ngettext

from providers.enums import ProviderState
from providers.models import Provider

from . import queries


def what_it_means(provider: Provider, to: ProviderState) -> list[str]:
    """What suspending or ending a provider means for the requests and visits that stand with it now."""
    requests, visits = queries.standing_with(provider, now=timezone.now())
    if to == ProviderState.ENDED:
        about_requests = ngettext(
            "%(count)s open request: it is declined at once, and the patient is told.",
            "%(count)s open requests: they are declined at once, and the patients are told.",
            requests,
        )
        about_visits = ngettext(
            "%(count)s agreed visit to come: it is cancelled at once for the provider, and the patient is told.",
            "%(count)s agreed visits to come: they are cancelled at once for the provider, and the patients are told.",
            visits,
        )
    else:
        about_requests = ngettext(
            "%(count)s open request: it stays, the provider can still answer it, and it expires by itself.",
            "%(count)s open requests: they stay, the provider can still answer them, and they expire by themselves.",
            requests,
        )
        about_visits = ngettext(
            "%(count)s agreed visit to come: it stays. Cancel it under “Appointments” if it must not take place.",
            "%(count)s agreed visits to come: they stay. Cancel them under “Appointments” if they must not take place.",
            visits,
        )
    return [about_requests % {"count": requests}, about_visits % {"count": visits}]
