"""Development: every component of the design in each of its states, on one page; those of documents on paper."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from bookings.enums import AppointmentState
from medicaim.common.forms import DateOfBirthField, HoneypotField, MinorAmountField, TidyForm
from medicaim.common.money import Money
from medicaim.common.pdf import pdf_response, render_pdf
from medicaim.common.templatetags.ui import badge

#: What the query may choose, with its values; the first is what the reader's system says.
LOOKS = {"dir": ["", "ltr", "rtl"], "mode": ["", "light", "dark"], "contrast": ["", "more"]}
ART = settings.BASE_DIR / "templates/components/art"
PRICE_LINES = [
    {"label": "Interpreter", "quantity": 2, "unit": Money(4500, "EUR"), "amount": Money(9000, "EUR")},
    {"label": "Transfer", "amount": Money(6050, "EUR"), "detail": "From the airport to the clinic, one way"},
]


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


def _links(name: str, look: dict[str, str]) -> tuple[str, list[tuple[str, str, bool]]]:
    """The ways to one choice of the look; the others stay."""
    links = []
    for value in LOOKS[name]:
        query = urlencode({key: chosen for key, chosen in {**look, name: value}.items() if chosen})
        links.append((f"?{query}", value or "system", look[name] == value))
    return name, links


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """`/dev/components/?dir=rtl&mode=dark&contrast=more`: the look is what the query names."""
    wanted = {name: request.GET.get(name, "") for name in LOOKS}
    look = {name: value if value in LOOKS[name] else "" for name, value in wanted.items()}
    start = datetime(2027, 1, 13, 8, 30, tzinfo=UTC)
    wrong = {"born_on_day": "31", "born_on_month": "2", "born_on_year": "1984", "currency": "JPY", "fee": "90,50"}
    context = {
        "look": look,
        "look_links": [_links(name, look) for name in LOOKS],
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
        "art_names": sorted(path.stem for path in ART.glob("*.html") if path.stem != "home"),
        "seeds": [f"prv_{number:04d}" for number in range(12)],
        "euro": [Money(9000, "EUR"), Money(9050, "EUR"), Money(1200, "JPY"), Money(12345, "TND")],
        "money_lines": [
            {
                "label": "Deposit",
                "amount": Money(30000, "EUR"),
                "to": "Clinique des Lilas",
                "where": "kept in trust until the visit, without interest",
                "badge": badge("In trust", "info"),
            },
            {"label": "Fee of the visit", "amount": Money(9000, "EUR"), "to": "Dr Ana Costa", "where": "on the day"},
        ],
        "price_lines": PRICE_LINES,
        "price_total": Money(15050, "EUR"),
        "files": [
            {"name": "MRI-knee.zip", "kind": "ZIP", "size": 214_000_000, "state": "sending", "percent": 62},
            {
                "name": "a-letter-with-a-very-long-name-from-the-first-hospital-2026.pdf",
                "kind": "PDF",
                "size": 812_000,
                "state": "ready",
                "time": "23 November 2026",
                "url": "#main",
            },
            {"name": "scan.tiff", "kind": "TIFF", "size": 9_400_000, "state": "checking"},
            {
                "name": "film.mov",
                "size": 88_000_000,
                "state": "refused",
                "detail": "Films cannot be read. Send pictures.",
            },
            {"name": "blood.pdf", "kind": "PDF", "size": 120_000, "state": "waiting"},
        ],
        "bars": [("September", 12, "12 visits"), ("October", 31, "31 visits"), ("November", 0, "0 visits")],
        "points": [("June", 4), ("July", 9), ("August", 7), ("September", 12), ("October", 31), ("November", 28)],
        "trend": [4, 9, 7, 12, 31, 28],
        "checklist": [
            {"label": "Say who you are", "is_done": True},
            {"label": "Add a place", "is_done": False, "url": "#main", "detail": "Where patients come to see you."},
            {"label": "Add your hours", "is_done": False, "url": "#main"},
        ],
        "rooms": [
            {"label": "Overview", "url": "#main", "is_current": True},
            {"label": "Requests", "url": "#main", "count": 3},
            {"label": "Hours", "url": "#main"},
            {"label": "Services", "url": "#main"},
        ],
        "views": [("#main", "Week", True), ("#main", "List", False)],
        "modes_of_visit": [("", "Any"), ("site", "On site"), ("video", "By video")],
        "page_obj": Paginator(range(200), 10).page(5),
        "form": GalleryForm(initial={"currency": "EUR", "fee": 9050}, auto_id="id_a_%s"),
        "wrong_form": GalleryForm(wrong, auto_id="id_b_%s"),
    }
    return render(request, "pages/gallery.html", context)


@require_safe
def specimen(request: HttpRequest) -> HttpResponse:
    """`/dev/components/specimen.pdf`: every part of a document, on more than one page."""
    context = {
        "title": _("Specimen of a document"),
        "start": datetime(2027, 1, 13, 8, 30, tzinfo=UTC),
        "end": datetime(2027, 1, 13, 9, 0, tzinfo=UTC),
        "reader_zone": "America/New_York",
        "parties": [
            {"label": "From", "name": "Clinique des Lilas", "lines": ["12 rue des Lilas", "75011 Paris", "France"]},
            {"label": "To", "name": "Maya Lindqvist", "lines": ["39 Riverside", "Stockholm", "Sweden"]},
        ],
        "lines": [*PRICE_LINES, *({"label": f"Night {night}", "amount": Money(0, "EUR")} for night in range(1, 25))],
        "totals": [("VAT 20 %", Money(2508, "EUR"))],
        "total": Money(15050, "EUR"),
        "items": ["Passport", "Insurance card"],
        "page": f"{settings.SITE_URL}/",
    }
    return pdf_response(
        render_pdf("dev/specimen.html", context, language=get_language() or "en"), filename="specimen.pdf"
    )
