"""How every form of the site is drawn, and the fields that Django does not have."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_decimal_symbol, get_group_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .money import Money
from .times import cldr_locale


class FormRenderer(TemplatesSetting):
    """Fields and forms through the components of `templates/components/`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


# --- Dates -----------------------------------------------------------------------------------------


class DateInput(forms.DateInput):
    """The browser's own date picker: for days near today. Dates that people know by heart: `SplitDateField`."""

    input_type = "date"

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class SplitDateWidget(forms.MultiWidget):
    """Day, month and year as three short number fields."""

    template_name = "components/widgets/split_date.html"
    use_fieldset = True
    labels = (_("Day"), _("Month"), _("Year"))

    def __init__(self, attrs: Mapping[str, Any] | None = None, *, autocomplete: str = "") -> None:
        widgets = []
        for part, length in (("day", 2), ("month", 2), ("year", 4)):
            own = {"inputmode": "numeric", "maxlength": length, "class": f"split-date__{part}"}
            if autocomplete:
                own["autocomplete"] = f"{autocomplete}-{part}"
            widgets.append(forms.TextInput(own))
        super().__init__({"day": widgets[0], "month": widgets[1], "year": widgets[2]}, attrs)

    def decompress(self, value: date | None) -> list[Any]:
        return [value.day, value.month, value.year] if value else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], self.labels, strict=True):
            part["label"] = label
        return context


class SplitDateField(forms.Field):
    """A date typed as day, month and year. Wrong input stays in the fields; `earliest` and `latest` are dates."""

    widget = SplitDateWidget
    default_error_messages = {
        "incomplete": _("Enter the day, the month and the year."),
        "unreal": _("This date does not exist: check the day, the month and the year."),
        "short_year": _("Enter the year with four figures, such as 1984."),
        "too_early": _("This date is too far in the past."),
        "too_late": _("This date is too late."),
    }

    def __init__(self, *, earliest: date | None = None, latest: date | None = None, **kwargs: Any) -> None:
        self.earliest, self.latest = earliest, latest
        super().__init__(**kwargs)

    def to_python(self, value: Sequence[Any] | date | None) -> date | None:
        if value is None or isinstance(value, date):
            return value
        parts = [str(part or "").strip() for part in value]
        if not any(parts):
            return None
        if not all(parts):
            raise ValidationError(self.error_messages["incomplete"], code="incomplete")
        if len(parts[2]) != 4:
            raise ValidationError(self.error_messages["short_year"], code="short_year")
        try:
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        except ValueError as error:
            raise ValidationError(self.error_messages["unreal"], code="unreal") from error

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and self.earliest and value < self.earliest:
            raise ValidationError(self.error_messages["too_early"], code="too_early")
        if value and self.latest and value > self.latest:
            raise ValidationError(self.error_messages["too_late"], code="too_late")

    def has_changed(self, initial: date | None, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            return self.to_python(data) != self.to_python(initial)
        except ValidationError:
            return True


class DateOfBirthField(SplitDateField):
    """A date of birth: in the past, after 1900. Whether the person is of age is a rule, not a field."""

    default_error_messages = {
        "too_early": _("Check the year: nobody alive was born that long ago."),
        "too_late": _("A date of birth lies in the past."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Date of birth"))
        kwargs.setdefault("help_text", _("For example 27 3 1984"))
        super().__init__(earliest=date(1900, 1, 1), widget=SplitDateWidget(autocomplete="bday"), **kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and value > timezone.localdate():
            raise ValidationError(self.error_messages["too_late"], code="too_late")


# --- Money -----------------------------------------------------------------------------------------


def parse_amount(text: str, language: str | None = None) -> Decimal:
    """An amount as people type it: "90,50", "90.50", "1 234,5", "€ 1,234.50". Raises ValueError.

    The last sign of two different ones is the decimal sign. A single sign before exactly three digits is read as
    the reader's language reads it.
    """
    kept = "".join(sign for sign in text if sign.isdigit() or sign in ",.-")
    if any(sign.isalpha() for sign in text):
        kept = ""
    locale = cldr_locale(language)
    decimal_sign = get_decimal_symbol(locale)
    signs = {sign for sign in kept if sign in ",."}
    if len(signs) == 2:
        decimal_sign = max(signs, key=kept.rindex)
    elif len(signs) == 1:
        sign = signs.pop()
        three = len(kept) - kept.rindex(sign) == 4
        grouping = kept.count(sign) > 1 or (three and sign == get_group_symbol(locale))
        decimal_sign = "" if grouping else sign
    number = "".join("." if sign == decimal_sign else sign for sign in kept if sign == decimal_sign or sign not in ",.")
    try:
        return Decimal(number)
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {text[:40]!r}") from error


def amount_for_input(minor: int, currency: str) -> str:
    """Minor units as they stand in an input of the reader's language: "90,50"."""
    amount = Money(minor, currency).amount
    text = f"{amount:f}" if amount != amount.to_integral_value() else str(int(amount))
    return text.replace(".", get_decimal_symbol(cldr_locale()))


class _AmountBoundField(forms.BoundField):
    """Shows the minor units of a model as an amount."""

    def value(self) -> Any:
        value = super().value()
        if isinstance(value, int):
            return amount_for_input(value, self.field.currency_in(self.form))
        return value


class MinorAmountField(forms.Field):
    """An amount in the words of the reader ("90,50"), cleaned into minor units (9050). Needs a `TidyForm`.

    The currency is fixed (`currency="EUR"`) or chosen in another field of the same form (`currency_field`).
    Bounds are in minor units.
    """

    widget = forms.TextInput
    default_error_messages = {
        "amount": _("Enter an amount in figures, such as 90 or 90.50."),
        "decimals": _("This currency does not have so many decimals."),
        "too_small": _("This amount is too small."),
        "too_large": _("This amount is too large."),
    }

    def __init__(
        self,
        *,
        currency: str = "",
        currency_field: str = "",
        min_minor: int = 0,
        max_minor: int = 10**11,
        **kwargs: Any,
    ) -> None:
        self.currency, self.currency_field = currency, currency_field
        self.min_minor, self.max_minor = min_minor, max_minor
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        return _AmountBoundField(form, self, field_name)

    def currency_in(self, form: forms.BaseForm) -> str:
        """The currency to show an existing amount in."""
        if not self.currency_field:
            return self.currency
        return str(form[self.currency_field].value() or "EUR")

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            return parse_amount(str(value))
        except ValueError as error:
            raise ValidationError(self.error_messages["amount"], code="amount") from error

    def to_minor(self, amount: Decimal, currency: str) -> int:
        """The amount in minor units of the currency, within the bounds."""
        try:
            minor = Money.from_amount(amount, currency).minor
        except ValueError as error:
            raise ValidationError(self.error_messages["decimals"], code="decimals") from error
        if minor < self.min_minor:
            raise ValidationError(self.error_messages["too_small"], code="too_small")
        if minor > self.max_minor:
            raise ValidationError(self.error_messages["too_large"], code="too_large")
        return minor


# --- Others ----------------------------------------------------------------------------------------


class HoneypotField(forms.CharField):
    """A field that people do not see and simple robots fill in."""

    is_honeypot = True
    default_error_messages = {"filled": _("Leave this field empty.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Leave this field empty"))
        widget = forms.TextInput({"autocomplete": "off", "tabindex": "-1"})
        super().__init__(required=False, widget=widget, **kwargs)

    def validate(self, value: str) -> None:
        if value:
            raise ValidationError(self.error_messages["filled"], code="filled")


class TidyForm:
    """A mixin for Form and ModelForm: amounts become minor units, controls get what phones and browsers need, and
    an empty field is asked for kindly.

    Put it first: `class ServiceForm(TidyForm, forms.ModelForm)`. Autocomplete words may be given in
    `autocomplete = {"email": "email"}`.
    """

    autocomplete: Mapping[str, str] = {}
    INPUTMODES = ((forms.EmailField, "email"), (forms.URLField, "url"), (forms.IntegerField, "numeric"))

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = self._asked_for(field)
            if name in self.autocomplete:
                field.widget.attrs.setdefault("autocomplete", self.autocomplete[name])
            for kind, mode in self.INPUTMODES:
                if isinstance(field, kind) and isinstance(field.widget, forms.TextInput | forms.NumberInput):
                    field.widget.attrs.setdefault("inputmode", mode)
            if isinstance(field, forms.DateField) and type(field.widget) is forms.DateInput:
                field.widget = DateInput(field.widget.attrs)

    @staticmethod
    def _asked_for(field: forms.Field) -> Any:
        """What an empty field says, by what one does with it."""
        if isinstance(field, forms.BooleanField):
            return _("Please tick this box.")
        if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
            return _("Please choose.")
        return _("Please fill this in.")

    def _clean_form(self) -> None:
        self._convert_amounts()
        super()._clean_form()  # type: ignore[misc]

    def _convert_amounts(self) -> None:
        """Amounts become minor units before `clean()` sees them: only then the currency is known."""
        for name, field in self.fields.items():
            if not isinstance(field, MinorAmountField) or not isinstance(self.cleaned_data.get(name), Decimal):
                continue
            currency = self.cleaned_data.get(field.currency_field) if field.currency_field else field.currency
            amount = self.cleaned_data.pop(name)
            if not currency:
                continue
            try:
                self.cleaned_data[name] = field.to_minor(amount, str(currency))
            except ValidationError as error:
                self.add_error(name, error)  # type: ignore[attr-defined]


__all__ = [
    "DateInput",
    "DateOfBirthField",
    "FormRenderer",
    "HoneypotField",
    "MinorAmountField",
    "SplitDateField",
    "SplitDateWidget",
    "TidyForm",
    "amount_for_input",
    "parse_amount",
]
