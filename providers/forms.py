"""What people type in the workspace, parsed into the words of the services."""

from typing import Any

from babel import Locale
from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from medicaim.common.forms import MinorAmountField, TidyForm
from medicaim.common.money import CURRENCIES

from .enums import DepositKind, MemberRole, ProviderKind
from .models import CurrencyRate, Location, Practitioner, Profession, Provider, Service, Specialty
from .places import zone_label, zones_of
from .reference import PROFESSION_OF_SPECIALTIES
from .registers import InvalidNumber, parse_number, register_named, registers_of

#: Languages that a provider can say are spoken there: the widely taught ones and those of the countries served.
# fmt: off
LANGUAGE_CODES = (
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu",
    "hy", "id", "is", "it", "ja", "ka", "km", "ko", "lt", "lv", "mk", "ms", "ne", "nl", "no", "pl", "ps", "pt",
    "ro", "ru", "sk", "sl", "sm", "so", "sq", "sr", "sv", "sw", "ta", "th", "tl", "tr", "uk", "ur", "vi", "wo",
    "zh",
)
# fmt: on


def language_choices() -> list[tuple[str, str]]:
    """Languages by their name in the reader's language, in its order."""
    locale = Locale.parse((get_language() or "en").replace("-", "_"))
    named = [(code, (locale.languages.get(code) or code).capitalize()) for code in LANGUAGE_CODES]
    return sorted(named, key=lambda choice: choice[1])


def country_choices() -> list[tuple[str, str]]:
    return [("", _("Choose a country")), *((code, name) for code, name in CountryField().choices if code)]


class ApplicationForm(TidyForm, forms.Form):
    """The subscription of a provider. The register depends on country and kind: an unfit one is refused kindly."""

    autocomplete = {"name": "organization"}

    kind = forms.ChoiceField(label=_("You are"), choices=ProviderKind, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("As patients know you, such as Dr Name or the name of the clinic.")
    )
    country = forms.ChoiceField(label=_("Country of the practice"), choices=country_choices)
    profession = forms.ModelChoiceField(
        label=_("Profession"),
        queryset=Profession.objects.all(),
        required=False,
        empty_label=_("Choose a profession"),
        help_text=_("For a single practitioner."),
    )
    register = forms.ChoiceField(
        label=_("Register"), required=False, help_text=_("Where your professional number comes from.")
    )
    number = forms.CharField(
        label=_("Professional number"),
        max_length=60,
        help_text=_("In France the RPPS or ADELI number, FINESS for an establishment; elsewhere your register's."),
    )
    contract = forms.BooleanField(label=_("We accept the membership contract."))
    ethics = forms.BooleanField(
        label=_("We undertake to follow the code of ethics of the profession and to keep professional secrecy.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = str(self["country"].value() or "")
        kind = str(self["kind"].value() or "")
        establishment = bool(kind) and kind != ProviderKind.PRACTITIONER
        choices = registers_of(country, establishment=establishment) if country and kind else ()
        self.fields["register"].choices = [
            ("", _("The usual one of the country")),
            *((r.code, r.name) for r in choices),
        ]
        if choices:
            self.fields["number"].help_text = " · ".join(f"{entry.name}: {entry.help}" for entry in choices)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind, country = data.get("kind"), data.get("country")
        if kind == ProviderKind.PRACTITIONER and not data.get("profession") and "profession" not in self.errors:
            self.add_error("profession", _("Choose your profession."))
        if kind and country and data.get("number"):
            known = registers_of(country, establishment=kind != ProviderKind.PRACTITIONER)
            code = data.get("register") or known[0].code
            register = register_named(code, country)
            if register is None or register not in known:
                self.add_error("register", _("Choose a register of this country."))
                return data
            data["register"] = code
            try:
                data["number"] = parse_number(data["number"], register)
            except InvalidNumber as error:
                self.add_error("number", str(error.message))
        return data


class PageForm(TidyForm, forms.Form):
    """Name, languages and the presentation in each language of the site."""

    name = forms.CharField(label=_("Name"), max_length=200)
    languages = forms.MultipleChoiceField(
        label=_("Languages spoken"), choices=language_choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, language in settings.LANGUAGES:
            self.fields[f"draft_{code}"] = forms.CharField(
                label=_("Presentation in %(language)s") % {"language": language},
                max_length=6000,
                required=False,
                widget=forms.Textarea({"rows": 9, "lang": code}),
                help_text=_("Who you are, what you do, how a first visit goes. An empty line starts a new paragraph."),
            )
        # What patients read comes first, the long list of languages last.
        self.order_fields(["name", *(f"draft_{code}" for code, _language in settings.LANGUAGES), "languages"])

    @property
    def drafts(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"draft_{code}"] for code, _name in settings.LANGUAGES}


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP, 6 MB at most. We keep the picture only, not where or how it was taken."),
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
    )


class PractitionerForm(TidyForm, forms.ModelForm):
    class Meta:
        model = Practitioner
        fields = ["name", "profession", "specialties", "titles", "is_active"]
        widgets = {"titles": forms.Textarea({"rows": 4}), "specialties": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profession"].empty_label = _("Choose a profession")
        self.fields["profession"].label = _("Profession")
        self.fields["specialties"].label = _("Specialties")
        self.fields["specialties"].help_text = _("Doctors and dentists only.")
        self.fields["is_active"].help_text = _("Without it no new times are offered. Appointments already made stay.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        profession = data.get("profession")
        foreign = [
            entry
            for entry in data.get("specialties") or []
            if profession is not None and PROFESSION_OF_SPECIALTIES[entry.profession] != profession.code
        ]
        if foreign:
            self.add_error(
                "specialties",
                _("%(specialty)s is not a specialty of this profession.") % {"specialty": foreign[0].label},
            )
        return data


class LocationForm(TidyForm, forms.ModelForm):
    """A place. The time zones offered are those of its country; where there is only one, it is taken by itself."""

    autocomplete = {"address": "street-address", "city": "address-level2", "country": "country"}

    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    class Meta:
        model = Location
        fields = [
            "name",
            "address",
            "city",
            "country",
            "time_zone",
            "latitude",
            "longitude",
            "access",
            "step_free",
            "is_active",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = zones_of(str(self["country"].value() or ""))
        self.fields["time_zone"].choices = [
            ("", _("That of the country")),
            *((zone, zone_label(zone)) for zone in zones),
        ]
        self.fields["time_zone"].help_text = _("The hours you write for this place are read on its clocks.")
        self.fields["name"].help_text = _("As patients find it, such as the name on the door.")
        self.fields["latitude"].help_text = _("With it, patients can search by distance.")
        self.fields["access"].help_text = _("Floor, entrance, nearest stop.")
        for name in ("latitude", "longitude"):
            self.fields[name].widget = forms.NumberInput({"step": "any", "inputmode": "decimal"})

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"]
        zones = zones_of(str(self.cleaned_data.get("country") or ""))
        if zone in zones:
            return zone
        if len(zones) == 1:
            return zones[0]
        raise forms.ValidationError(_("This country has several time zones: choose that of the place."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if (data.get("latitude") is None) != (data.get("longitude") is None):
            self.add_error("longitude", _("Give both latitude and longitude, or neither."))
        return data


def currency_choices() -> list[tuple[str, str]]:
    """The currencies that have a rate, so that budgets can be compared, by their name."""
    locale = Locale.parse((get_language() or "en").replace("-", "_"))
    codes = CurrencyRate.objects.order_by("currency").values_list("currency", flat=True)
    return [(code, f"{code} – {locale.currencies.get(code, code)}") for code in codes if code in CURRENCIES]


class ServiceForm(TidyForm, forms.ModelForm):
    """What can be requested. The notice is typed in hours; the fee in the currency's own units."""

    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    fee_minor = MinorAmountField(label=_("Fee"), currency_field="currency", help_text=_("What the patient pays you."))
    notice_hours = forms.IntegerField(
        label=_("Minimum notice, in hours"),
        min_value=0,
        max_value=24 * 365,
        help_text=_("How long before the visit a time can still be requested."),
    )

    class Meta:
        model = Service
        fields = [
            "name_en",
            "name_fr",
            "specialty",
            "description",
            "mode",
            "duration",
            "currency",
            "fee_minor",
            "practitioners",
            "locations",
            "instant_confirmation",
            "slot_step",
            "buffer_before",
            "buffer_after",
            "horizon_days",
            "is_published",
        ]
        widgets = {
            "description": forms.Textarea({"rows": 4}),
            "mode": forms.RadioSelect,
            "practitioners": forms.CheckboxSelectMultiple,
            "locations": forms.CheckboxSelectMultiple,
        }

    #: The order in which the page asks: what, how long and how much, who and where, how times are offered.
    field_order = [
        "name_en",
        "name_fr",
        "specialty",
        "description",
        "mode",
        "duration",
        "currency",
        "fee_minor",
        "practitioners",
        "locations",
        "is_published",
        "instant_confirmation",
        "slot_step",
        "buffer_before",
        "buffer_after",
        "notice_hours",
        "horizon_days",
    ]
    TIMING = ("slot_step", "buffer_before", "buffer_after", "notice_hours", "horizon_days")

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        self.provider = provider
        super().__init__(*args, **kwargs)
        self.fields["practitioners"].queryset = provider.practitioners.all()
        self.fields["locations"].queryset = provider.locations.all()
        self.fields["specialty"].queryset = Specialty.objects.all()
        self.fields["specialty"].label = _("Specialty")
        self.fields["specialty"].empty_label = _("None of these")
        self.fields["name_en"].help_text = _("Fill in one language at least.")
        self.fields["duration"].help_text = self.fields["slot_step"].help_text = _("Minutes")
        self.fields["instant_confirmation"].help_text = _("A request is confirmed by itself where a time is free.")
        self.fields["is_published"].help_text = _("Without it, patients do not see this service.")
        self.initial.setdefault("notice_hours", -(-(self.instance.minimum_notice or 0) // 60))
        if self.instance.pk is None:
            self.initial.setdefault("currency", "EUR")
            self.initial.setdefault("practitioners", [row.pk for row in provider.practitioners.all()])
            self.initial.setdefault("locations", [row.pk for row in provider.locations.all()])

    @property
    def what(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.TIMING]

    @property
    def timing(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.TIMING]

    @property
    def timing_has_errors(self) -> bool:
        return any(field.errors for field in self.timing)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("name_en") and not data.get("name_fr") and "name_en" not in self.errors:
            self.add_error("name_en", _("Give the service a name, in English or in French."))
        if "notice_hours" in data:
            data["minimum_notice"] = data["notice_hours"] * 60
        return data

    @property
    def deposit_label(self) -> str:
        return DepositKind(self.instance.deposit_kind).label


class MemberForm(TidyForm, forms.Form):
    email = forms.EmailField(label=_("E-mail address of the person's account"))
    role = forms.ChoiceField(
        label=_("Role"), choices=MemberRole, widget=forms.RadioSelect, initial=MemberRole.RECEPTION
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=MemberRole)
