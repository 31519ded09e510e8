"""Fields that several forms of people have."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import NumberParseException, is_possible_number

from accounts.enums import Gender
from accounts.zones import zone_choices


class InternationalPhoneField(forms.CharField):
    """A phone number of any country, with its country code: "+33 6 12 34 56 78", "0033612345678", "+1 (212) …".

    What cannot be a number of that country is refused. Whether a number of the right length is in use nobody knows
    but the network: tables of number ranges are always behind.
    """

    default_error_messages = {
        "invalid": _("Enter the number with its country code, such as +33 6 12 34 56 78. We could not read this one."),
        "no_prefix": _("Start with + and the country code, such as +33 for France or +44 for the United Kingdom."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile phone"))
        kwargs.setdefault("help_text", _("With the country code, for example +33 6 12 34 56 78"))
        kwargs.setdefault("widget", forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"}))
        super().__init__(max_length=40, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value.as_international if isinstance(value, PhoneNumber) else value

    def clean(self, value: Any) -> PhoneNumber | None:
        text = super().clean(value)
        if not text:
            return None
        text = re.sub(r"^00\s*(?=[1-9])", "+", text)
        if not text.startswith("+"):
            raise ValidationError(self.error_messages["no_prefix"], code="no_prefix")
        try:
            number = PhoneNumber.from_string(text)
        except NumberParseException as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if not is_possible_number(number):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number


def gender_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Gender"), choices=Gender.choices, widget=forms.RadioSelect)


def name_field(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=150, widget=forms.TextInput({"autocomplete": autocomplete}))


class TimeZoneField(forms.ChoiceField):
    """One of the IANA zones, grouped by area."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Time zone"))
        kwargs.setdefault("help_text", _("Times are shown on this clock, beside that of the place of your visit."))
        super().__init__(choices=zone_choices, **kwargs)


def refuse_unprintable(form: forms.Form) -> None:
    """Refuse control characters in typed text: no name has them, and PostgreSQL stores no NUL."""
    for name, value in form.cleaned_data.items():
        if isinstance(value, str) and any(ord(sign) < 32 and sign not in "\t\n\r" for sign in value):
            form.add_error(name, _("This text holds a sign that cannot be stored."))
