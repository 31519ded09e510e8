"""When people can come, as the team types it: weekly hours, closed dates, extra openings, calendars."""

from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medicaim.common.forms import DateInput, TidyForm
from medicaim.common.times import weekday_name

from .models import Location, Provider, Service
from .places import zone_label, zones_of


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class WeekForm(TidyForm, forms.Form):
    """One weekly timetable: a place, a service or all, a validity, and for each ISO weekday some openings.

    Fields `d<weekday>_<n>_from` and `_to` hold the openings; `copy_to` repeats the first weekday that has hours on
    the days ticked, without any script.
    """

    location = forms.ModelChoiceField(label=_("Place"), queryset=Location.objects.none(), empty_label=None)
    service = forms.ModelChoiceField(
        label=_("Service"), queryset=Service.objects.none(), required=False, empty_label=_("Every service")
    )
    valid_from = forms.DateField(label=_("Valid from"), required=False, widget=DateInput)
    valid_until = forms.DateField(label=_("Valid until, this day included"), required=False, widget=DateInput)
    copy_from = forms.TypedChoiceField(label=_("Copy the hours of"), required=False, coerce=int, empty_value=None)
    copy_to = forms.TypedMultipleChoiceField(
        label=_("to these days"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, provider: Provider, openings: dict[int, list[tuple[time, time]]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = provider.locations.all()
        self.fields["service"].queryset = provider.services.all()
        days = [(weekday, weekday_name(weekday).capitalize()) for weekday in range(1, 8)]
        self.fields["copy_from"].choices = [("", _("Copy nothing")), *days]
        self.fields["copy_to"].choices = days
        self.slots = max(2, *(len(rows) + 1 for rows in openings.values())) if openings else 2
        if self.is_bound:
            posted = sum(1 for name in self.data if name.startswith("d1_") and name.endswith("_from"))
            self.slots = min(max(self.slots, posted), 12)
        for weekday, day in days:
            labels = {"from": _("%(day)s, start") % {"day": day}, "to": _("%(day)s, end") % {"day": day}}
            for number in range(self.slots):
                rows = openings.get(weekday, [])
                given = rows[number] if number < len(rows) else (None, None)
                for end, value in zip(("from", "to"), given, strict=True):
                    name = f"d{weekday}_{number}_{end}"
                    self.fields[name] = forms.TimeField(required=False, widget=TimeInput, label=labels[end])
                    if value is not None:
                        self.initial.setdefault(name, value)

    @property
    def days(self) -> list[dict[str, Any]]:
        """Each weekday with its name and the pairs of fields."""
        return [
            {
                "weekday": weekday,
                "name": weekday_name(weekday).capitalize(),
                "pairs": [(self[f"d{weekday}_{n}_from"], self[f"d{weekday}_{n}_to"]) for n in range(self.slots)],
                "errors": [
                    error
                    for n in range(self.slots)
                    for end in ("from", "to")
                    for error in self[f"d{weekday}_{n}_{end}"].errors
                ],
            }
            for weekday in range(1, 8)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("valid_from") and data.get("valid_until") and data["valid_until"] < data["valid_from"]:
            self.add_error("valid_until", _("The last day lies before the first one."))
        by_day: dict[int, list[tuple[time, time]]] = {weekday: [] for weekday in range(1, 8)}
        for weekday in range(1, 8):
            for number in range(self.slots):
                name = f"d{weekday}_{number}"
                starts, ends = data.get(f"{name}_from"), data.get(f"{name}_to")
                if starts is not None and ends is not None:
                    by_day[weekday].append((starts, ends))
                elif starts is not None and f"{name}_to" not in self.errors:
                    self.add_error(f"{name}_to", _("Until when? Give the end too."))
                elif ends is not None and f"{name}_from" not in self.errors:
                    self.add_error(f"{name}_from", _("From when? Give the start too."))
        if data.get("copy_from"):
            for weekday in data.get("copy_to") or []:
                by_day[weekday] = list(by_day[data["copy_from"]])
        data["openings"] = [(weekday, *pair) for weekday, pairs in by_day.items() for pair in pairs]
        return data


def practitioner_field(provider: Provider) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(label=_("Practitioner"), queryset=provider.practitioners.all(), empty_label=None)


class ClosureForm(TidyForm, forms.Form):
    starts_on = forms.DateField(label=_("First day"), widget=DateInput)
    ends_on = forms.DateField(label=_("Last day"), widget=DateInput)
    label = forms.CharField(label=_("Reason, for yourselves"), max_length=120, required=False)

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioners"] = forms.ModelMultipleChoiceField(
            label=_("For"), queryset=provider.practitioners.all(), widget=forms.CheckboxSelectMultiple
        )
        self.initial.setdefault("practitioners", [row.pk for row in provider.practitioners.all()])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("The last day lies before the first one."))
        if ends and ends < _yesterday():
            self.add_error("ends_on", _("These days are over."))
        return data


def _yesterday() -> date:
    """Of the reader's clock: it is still yesterday somewhere."""
    return date.fromordinal(timezone.localdate().toordinal() - 1)


class ExtraOpeningForm(TidyForm, forms.Form):
    on = forms.DateField(label=_("Date"), widget=DateInput)
    starts = forms.TimeField(label=_("From"), widget=TimeInput)
    ends = forms.TimeField(label=_("To"), widget=TimeInput)
    location = forms.ModelChoiceField(label=_("Place"), queryset=Location.objects.none(), empty_label=None)
    service = forms.ModelChoiceField(
        label=_("Service"), queryset=Service.objects.none(), required=False, empty_label=_("Every service")
    )

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioner"] = practitioner_field(provider)
        self.fields["location"].queryset = provider.locations.all()
        self.fields["service"].queryset = provider.services.all()

    def clean_on(self) -> date:
        on = self.cleaned_data["on"]
        if on < _yesterday():
            raise forms.ValidationError(_("This day is over."))
        return on


class ExternalCalendarForm(TidyForm, forms.Form):
    url = forms.CharField(
        label=_("Calendar address (ICS)"),
        max_length=1000,
        help_text=_("The secret address that your calendar offers, ending in .ics. We only read when you are busy."),
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = list(dict.fromkeys(provider.locations.values_list("time_zone", flat=True)))
        zones = zones or list(zones_of(str(provider.country)))
        self.fields["practitioner"] = practitioner_field(provider)
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Its time zone"),
            choices=[(zone, zone_label(zone)) for zone in zones],
            help_text=_("For whole days and for times that name no zone."),
        )

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        if url.lower().startswith("webcal://"):
            url = "https://" + url[len("webcal://") :]
        forms.URLField(assume_scheme="https").clean(url)
        if urlsplit(url).scheme not in ("http", "https") or "@" in urlsplit(url).netloc:
            raise forms.ValidationError(_("Enter a web address that starts with https."))
        return url
