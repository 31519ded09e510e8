"""Forms: errors beside their field and in a summary, input kept, dates and amounts as people write them."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django import forms
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import translation

from medicaim.common.forms import (
    DateOfBirthField,
    HoneypotField,
    MinorAmountField,
    SplitDateField,
    TidyForm,
    amount_for_input,
    parse_amount,
)
from tests.support.html import assert_sound, parse, text_of


class ServiceForm(TidyForm, forms.Form):
    name = forms.CharField(label="Name", help_text="As on the door.")
    email = forms.EmailField(label="E-mail", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "On site"), ("b", "Video")], widget=forms.RadioSelect)
    born_on = DateOfBirthField()
    currency = forms.ChoiceField(label="Currency", choices=[("EUR", "EUR"), ("JPY", "JPY"), ("TND", "TND")])
    fee = MinorAmountField(label="Fee", currency_field="currency")
    website = HoneypotField()


GOOD = {
    "name": "Zoë", "kind": "a", "born_on_day": "7", "born_on_month": "3", "born_on_year": "1984",
    "currency": "EUR", "fee": "90,50",
}  # fmt: skip


def drawn(form):
    markup = Template('{% form_page form submit="Save" %}').render(Context({"form": form}))
    assert_sound(markup)
    return parse(markup)


def by_id(tree, name):
    return next(element for element in tree.iter() if element.get("id") == name)


def test_a_good_form_gives_dates_and_minor_units():
    form = ServiceForm(GOOD)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["born_on"] == date(1984, 3, 7)
    assert form.cleaned_data["fee"] == 9050


def test_each_error_stands_beside_its_field_and_in_the_summary():
    """The error is beside the field, the summary leads to it, and nothing that was typed is lost."""
    tree = drawn(ServiceForm({**GOOD, "name": "", "fee": "a lot", "born_on_month": "13"}))

    name = by_id(tree, "id_name")
    assert name.get("aria-invalid") == "true"
    described = name.get("aria-describedby").split()
    assert described == ["id_name_helptext", "id_name_error"]
    assert text_of(by_id(tree, "id_name_error")) == "Please fill this in."
    summary = by_id(tree, "error-summary")
    assert summary.get("role") == "alert"
    assert [link.get("href") for link in summary.iter("a")] == ["#id_name", "#id_born_on_0", "#id_fee"]
    assert by_id(tree, "id_fee").get("value") == "a lot"
    assert by_id(tree, "id_born_on_1").get("value") == "13"


def test_a_form_that_was_not_sent_has_no_errors_and_marks_what_is_optional():
    tree = drawn(ServiceForm())

    assert not [element for element in tree.iter() if element.get("role") == "alert"]
    optional = [text_of(label) for label in tree.iter("label") if "(optional)" in text_of(label)]
    assert optional == ["E-mail (optional)"]


def test_groups_are_fieldsets_with_a_legend_and_their_error():
    form = ServiceForm({**GOOD, "kind": ""})
    tree = drawn(form)

    group = next(f for f in tree.iter("fieldset") if text_of(f.find("legend")) == "Kind")
    assert group.get("aria-describedby") == "id_kind_error"
    assert text_of(by_id(tree, "id_kind_error")) == "Please choose."


def test_the_honeypot_is_out_of_sight_and_refuses_robots():
    tree = drawn(ServiceForm())
    field = by_id(tree, "id_website")

    assert field.get("tabindex") == "-1"
    assert ServiceForm({**GOOD, "website": ""}).is_valid()
    assert not ServiceForm({**GOOD, "website": "http://spam.example"}).is_valid()


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (("", "", ""), "required"),
        (("7", "", "1984"), "incomplete"),
        (("31", "2", "1984"), "unreal"),
        (("x", "2", "1984"), "unreal"),
        (("7", "3", "84"), "short_year"),
        (("7", "3", "1884"), "too_early"),
        (("2", "1", "2027"), "too_late"),
    ],
)
@time_machine.travel("2027-01-01 12:00Z")
def test_wrong_dates_of_birth_are_refused_with_their_reason(parts, code):
    with pytest.raises(forms.ValidationError) as caught:
        DateOfBirthField().clean(list(parts))

    assert caught.value.code == code


def test_a_date_that_was_not_changed_is_not_changed():
    field = SplitDateField()

    assert not field.has_changed(date(1984, 3, 7), ["07", "03", "1984"])
    assert field.has_changed(date(1984, 3, 7), ["8", "3", "1984"])
    assert field.has_changed(date(1984, 3, 7), ["8", "33", "1984"])


@pytest.mark.parametrize(
    ("text", "language", "amount"),
    [
        ("90", "en", "90"),
        ("90.50", "en", "90.50"),
        ("90,50", "en", "90.50"),
        ("90,50", "fr", "90.50"),
        ("90.50", "fr", "90.50"),
        ("1,234", "en", "1234"),
        ("1,234.50", "en", "1234.50"),
        ("1.234,50", "fr", "1234.50"),
        ("1 234,50", "fr", "1234.50"),
        ("1\u202f234,50 €", "fr", "1234.50"),
        ("€ 90", "en", "90"),
        ("1,234,567", "en", "1234567"),
        ("12.345", "en", "12.345"),
    ],
)
def test_amounts_are_read_as_people_write_them(text, language, amount):
    assert parse_amount(text, language) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "-", "ninety", "9o", "1e5", "--5", "5-"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        parse_amount(text, "en")


@pytest.mark.parametrize(
    ("currency", "fee", "minor"), [("EUR", "90,50", 9050), ("JPY", "1200", 1200), ("TND", "12.345", 12345)]
)
def test_the_chosen_currency_decides_the_minor_units(currency, fee, minor):
    form = ServiceForm({**GOOD, "currency": currency, "fee": fee})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["fee"] == minor


@pytest.mark.parametrize(
    ("currency", "fee", "code"),
    [("JPY", "90,50", "decimals"), ("EUR", "-5", "too_small"), ("EUR", "9" * 12, "too_large")],
)
def test_amounts_that_the_currency_or_the_bounds_forbid_are_refused(currency, fee, code):
    form = ServiceForm({**GOOD, "currency": currency, "fee": fee})

    assert [error.code for error in form.errors.as_data()["fee"]] == [code]


@pytest.mark.parametrize(("language", "shown"), [("en", "90.50"), ("fr", "90,50")])
def test_minor_units_are_shown_as_an_amount_of_the_readers_language(language, shown):
    with translation.override(language):
        assert ServiceForm(initial={"fee": 9050, "currency": "EUR"})["fee"].value() == shown
        assert amount_for_input(1200, "JPY") == "1200"


def test_a_form_carries_its_csrf_token_and_the_way_back():
    request = RequestFactory().get("/en/")
    template = Template('{% form_page form submit="Save" cancel="/en/back/" next="/en/next/" %}')
    tree = parse(template.render(RequestContext(request, {"form": ServiceForm()})))

    hidden = {i.get("name"): i.get("value") for i in tree.iter("input") if i.get("type") == "hidden"}
    assert len(hidden.pop("csrfmiddlewaretoken")) == 64
    assert hidden == {"next": "/en/next/"}
    assert [a.get("href") for a in tree.iter("a")] == ["/en/back/"]


def test_a_box_is_not_named_before_its_own_sentence_and_passwords_are_asked_for_again():
    class Entrance(TidyForm, forms.Form):
        agreed = forms.BooleanField(label="I agree", error_messages={"required": "Please agree first."})
        password = forms.CharField(label="Password", widget=forms.PasswordInput)

    summary = Template("{% error_summary form %}").render(Context({"form": Entrance({})}))
    assert "I agree" not in summary
    assert "Please agree first." in summary
    assert "but for passwords" in summary


@pytest.mark.parametrize("must_tick", [True, False])
def test_a_box_says_that_it_is_optional_only_beside_one_that_is_not(must_tick):
    class Boxes(TidyForm, forms.Form):
        terms = forms.BooleanField(label="Terms", required=must_tick)
        news = forms.BooleanField(label="News", required=False)

    assert ("News (optional)" in text_of(drawn(Boxes()))) == must_tick
