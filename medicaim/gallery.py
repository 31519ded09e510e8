"""Development: every component of the design in each of its states, on one page."""

from datetime import UTC, datetime

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from bookings.enums import AppointmentState
from medicaim.common.forms import DateOfBirthField, HoneypotField, MinorAmountField, TidyForm


class GalleryForm(TidyForm, forms.Form):
    """One field of each kind."""

    autocomplete = {"email": "email"}

    name = forms.CharField(label=_("Name"), help_text=_("As in the passport."))
    email = forms.EmailField(label=_("E-mail address"), required=False)
    born_on = DateOfBirthField()
    from_day = forms.DateField(label=_("From which day"), required=False)
    kind = forms.ChoiceField(label=_("Kind of visit"), choices=[("site", _("On site")), ("video", _("By video"))])
    who = forms.ChoiceField(
        label=_("For whom"), choices=[("me", _("For me")), ("child", _("For my child"))], widget=forms.RadioSelect
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=[("en", _("English")), ("fr", _("French"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[("EUR", "EUR"), ("JPY", "JPY")])
    fee = MinorAmountField(label=_("Fee"), currency_field="currency")
    note = forms.CharField(label=_("Note"), widget=forms.Textarea({"rows": 3}), required=False)
    photo = forms.FileField(label=_("Photo"), required=False)
    agree = forms.BooleanField(label=_("I agree that the clinic sees my name."))
    website = HoneypotField()


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """`/dev/components/`."""
    start = datetime(2027, 1, 13, 8, 30, tzinfo=UTC)
    wrong = {"born_on_day": "31", "born_on_month": "2", "born_on_year": "1984", "currency": "JPY", "fee": "90,50"}
    context = {
        "start": start,
        "end": datetime(2027, 1, 13, 9, 0, tzinfo=UTC),
        "states": list(AppointmentState),
        "tones": ["wait", "ok", "bad", "quiet", "info", "now"],
        "names": ["Dr Ana Costa", "Bo Li", "Chloé Roy", "Dev Rao", "Élodie Pic", "Farid Nasr", "Gaël Le Roux", "Ho"],
        "timeline": [
            {"title": _("Request sent"), "time": "23 November 2026, 10:12"},
            {"title": _("Waiting for the answer"), "state": "now", "detail": _("Within 48 hours")},
            {"title": _("Visit"), "state": "next", "time": "13 January 2027, 09:30"},
        ],
        "groups": [
            ("Wednesday, 13 January", [("a1", "09:30", "13:30"), ("a2", "10:00", "14:00"), ("a3", "11:30", "15:30")]),
            ("Thursday, 14 January", [("b1", "14:30", "18:30"), ("b2", "15:00", "19:00")]),
        ],
        "options": [("practitioner", _("Practitioner"), 31, True), ("clinic", _("Private clinic"), 12, False)],
        "page_obj": Paginator(range(200), 10).page(5),
        "form": GalleryForm(initial={"currency": "EUR", "fee": 9050}, auto_id="id_a_%s"),
        "wrong_form": GalleryForm(wrong, auto_id="id_b_%s"),
    }
    return render(request, "pages/gallery.html", context)
