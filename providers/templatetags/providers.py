"""What the pages of providers need beside the tags of the design."""

from collections.abc import Iterable, Mapping

from django import template
from django.utils import timezone

from medicaim.common import times
from providers.links import page_url
from providers.models import Provider, ProviderText
from providers.names import country_name, language_name, language_words
from providers.profile import Profile

register = template.Library()
register.filter("country_name", lambda code: country_name(str(code)))
register.filter("spoken_name", language_name)
register.filter("page_url", page_url)


@register.filter
def spoken_names(codes: Iterable[str]) -> str:
    """Languages by name, joined: "English, French"; within a sentence of French "anglais, français"."""
    return times.listed(*language_words(codes))


@register.simple_tag
def profile_of(provider: Provider, texts: Mapping[str, str] | Iterable[ProviderText], preview: bool) -> Profile:
    """The parts of the page. `texts` maps languages to words; rows of ProviderText give their draft in a preview."""
    if not isinstance(texts, Mapping):
        texts = {row.language: row.draft if preview else row.presentation for row in texts}
    return Profile(provider, texts, timezone.now())
