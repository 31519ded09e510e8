"""The search form: what stands in the address becomes a `SearchQuery`. A wrong value costs only its own filter."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from medicaim.common.forms import DateInput, parse_amount
from medicaim.common.text import normalise

from .enums import ProviderKind, ServiceMode
from .models import CurrencyRate, SavedSearch, Specialty
from .names import country_names, language_names
from .offered import only_offered
from .search import RADII_KM, SEARCHABLE_DAYS, SearchQuery, Sort

#: Name in the address -> field of SearchQuery, in the order of the form.
NAMES = {
    "q": "words",
    "specialty": "specialty",
    "country": "country",
    "city": "city",
    "radius": "radius_km",
    "language": "language",
    "from": "from_day",
    "to": "to_day",
    "budget": "budget",
    "currency": "currency",
    "mode": "mode",
    "kind": "kind",
    "sort": "sort",
    "page": "page",
}
_DEFAULTS = SearchQuery()


@lru_cache(maxsize=8)
def countries_by_word(language: str) -> dict[str, str]:
    """Countries by their names as search compares words, in that language and in English."""
    found = {normalise(name): code for code, name in country_names(language).items()}
    with translation.override("en"):
        return {normalise(name): code for code, name in country_names("en").items()} | found


def place_of(words: str) -> dict[str, str]:
    """What "Lisbon", "Portugal" or "Lisbon, Portugal" means to the search: a city, a country, or both."""
    city, _comma, last = words.rpartition(",")
    country = countries_by_word(get_language() or "en").get(normalise(last), "")
    return {"city": city.strip() if country else words.strip(), "country": country}


class QuickSelect(forms.Select):
    """A select that writes its options in one go: a list of 250 countries costs as much as one field."""

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer: Any = None) -> str:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, " selected" if str(key) == chosen else "", label) for key, label in self.choices),
        )
        final = self.build_attrs(self.attrs, attrs)
        return format_html(
            '<select name="{}"{}>{}</select>', name, format_html_join("", ' {}="{}"', final.items()), options
        )


class SearchForm(forms.Form):
    """The filters of Rules 2, point 1. None is mandatory."""

    use_required_attribute = False

    q = forms.CharField(label=_("What do you need?"), max_length=200, required=False)
    specialty = forms.ChoiceField(label=_("Specialty"), required=False, widget=QuickSelect)
    country = forms.ChoiceField(label=_("Country"), required=False, widget=QuickSelect)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    radius = forms.TypedChoiceField(
        label=_("Within"), required=False, widget=QuickSelect, coerce=int, empty_value=_DEFAULTS.radius_km
    )
    language = forms.ChoiceField(label=_("Language spoken"), required=False, widget=QuickSelect)
    to = forms.DateField(label=_("Until"), required=False, widget=DateInput)
    budget = forms.CharField(label=_("Budget for the visit"), max_length=20, required=False)
    currency = forms.ChoiceField(label=_("Currency"), required=False, widget=QuickSelect)
    mode = forms.ChoiceField(label=_("How"), required=False, choices=[("", _("Any")), *ServiceMode.choices])
    kind = forms.ChoiceField(
        label=_("Kind of provider"), required=False, choices=[("", _("Any")), *ProviderKind.choices]
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        widget=QuickSelect,
        choices=[
            (Sort.RELEVANCE.value, _("Best match")),
            (Sort.EARLIEST.value, _("Earliest free time")),
            (Sort.PRICE.value, _("Lowest fee")),
            (Sort.DISTANCE.value, _("Nearest")),
        ],
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)

    def __init__(self, data: QueryDict, *, today: date) -> None:
        if data.get("where"):  # one box for the place, as on the first page
            data = data.copy()
            data.update(place_of(data["where"]))
        super().__init__(data)
        language = get_language() or "en"
        self.today = today
        self.fields["from"] = forms.DateField(label=_("From"), required=False, widget=DateInput)
        for name, latest in (("from", self.last_day), ("to", self.last_day)):
            self.fields[name].widget.attrs |= {"min": today.isoformat(), "max": latest.isoformat()}
        self.fields["budget"].widget.attrs["inputmode"] = "decimal"
        self.fields["q"].widget.input_type = "search"
        self.fields["q"].widget.attrs["autocomplete"] = "off"
        self.fields["city"].widget.attrs["autocomplete"] = "off"
        self.specialty_labels = {row.pk: row.label for row in Specialty.objects.filter(canonical=None)}
        by_label = sorted(self.specialty_labels.items(), key=lambda pair: pair[1])
        self._offer("specialty", by_label, _("Any specialty"))
        self._offer_counted("country", country_names(language), _("Any country"))
        self._offer_counted("language", language_names(language), _("Any language"))
        self._offer("radius", ((km, f"{km} km") for km in RADII_KM), _("50 km, as usual"))
        currencies = CurrencyRate.objects.order_by("currency").values_list("currency", flat=True)
        first = _DEFAULTS.currency  # what a browser sends when nobody has chosen
        self.fields["currency"].choices = [(code, code) for code in sorted(currencies, key=lambda code: code != first)]

    def _offer(self, name: str, options: Iterable[tuple[object, str]], nothing: object) -> None:
        self.fields[name].choices = [("", nothing), *options]

    def _offer_counted(self, name: str, names: Mapping[str, str], nothing: object) -> None:
        """Show those that somebody stands for; an address with any other is understood as well."""
        self._offer(name, names.items(), nothing)
        self.fields[name].widget.choices = [
            ("", nothing),
            *only_offered(name, names, chosen=self.data.get(name, "")).items(),
        ]

    @property
    def last_day(self) -> date:
        return self.today + timedelta(days=SEARCHABLE_DAYS - 1)

    def clean_budget(self) -> Decimal | None:
        text = self.cleaned_data["budget"]
        if not text:
            return None
        try:
            amount = parse_amount(text)
        except ValueError as error:
            raise forms.ValidationError(_("Enter an amount in figures, such as 150.")) from error
        if not 0 <= amount <= 10**9:
            raise forms.ValidationError(_("Enter an amount in figures, such as 150."))
        return amount

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if last and last < self.today:
            self.add_error("to", _("This day has passed."))
        if first and first > self.last_day:
            self.add_error("from", _("We know the free times of the next two months: choose an earlier day."))
        elif first and last and last < first:
            self.add_error("to", _("This day is before the first one."))
        return self.cleaned_data

    def query(self) -> SearchQuery:
        """The search that is asked for; what could not be understood is left out."""
        self.is_valid()
        given = {NAMES[name]: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        if "sort" in given:
            given["sort"] = Sort(given["sort"])
        return SearchQuery(**given)


def address_of(query: SearchQuery, **changes: object) -> str:
    """The query string of a search, without what says nothing. `changes` are names of the address."""
    words = {}
    for name, attribute in NAMES.items():
        value = changes[name] if name in changes else getattr(query, attribute)
        is_default = name not in changes and value == getattr(_DEFAULTS, attribute)
        if value not in ("", None, 0) and not is_default:
            words[name] = value.isoformat() if isinstance(value, date) else str(value)
    if "budget" not in words:
        words.pop("currency", None)
    if "city" not in words:
        words.pop("radius", None)
    if words.get("page") == "1" or (changes and "page" not in changes):
        words.pop("page", None)
    return urlencode(words)


class SaveSearchForm(forms.ModelForm):
    """A name for a search, and the search as its address says it."""

    class Meta:
        model = SavedSearch
        fields = ["name", "query"]
        widgets = {"query": forms.HiddenInput}
        labels = {"name": _("A name for this search")}

    def clean_query(self) -> str:
        """Only what the search page itself understands is kept."""
        words = QueryDict(self.cleaned_data["query"].lstrip("?"))
        return address_of(SearchForm(words, today=timezone.now().date()).query(), page=1)
