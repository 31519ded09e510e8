"""Countries and spoken languages in the words of the reader's language."""

from collections.abc import Iterable
from functools import lru_cache

from babel import Locale
from django.utils.translation import get_language
from django_countries import countries


@lru_cache(maxsize=8)
def country_names(language: str) -> dict[str, str]:
    """Every country by its name in that language, in the order of the names."""
    return {code: str(name) for code, name in countries}


@lru_cache(maxsize=8)
def language_names(language: str) -> dict[str, str]:
    """Spoken languages (ISO 639-1) by their name in that language, in the order of the names."""
    names = Locale.parse(language.replace("-", "_")).languages
    found = {code: name[:1].upper() + name[1:] for code, name in names.items() if len(code) == 2}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def language_name(code: str) -> str:
    """A spoken language in the words of the reader's, or its code where nobody knows it."""
    return language_names(get_language() or "en").get(code, code)


def language_words(codes: Iterable[str]) -> list[str]:
    """Spoken languages as they stand within a sentence: "English", but "anglais"."""
    names = Locale.parse((get_language() or "en").replace("-", "_")).languages
    return sorted(names.get(code, code) for code in codes)


def country_name(code: str) -> str:
    return country_names(get_language() or "en").get(code, code)
