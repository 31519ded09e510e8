"""What people say about themselves and about those for whom they act."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ages import is_adult
from accounts.enums import DependantRelation
from accounts.models import User
from medicaim.common.forms import DateOfBirthField, TidyForm

from .fields import InternationalPhoneField, TimeZoneField, gender_field, name_field, refuse_unprintable

UNDER_AGE = _(
    "You must be 18 or older to have an account. For somebody younger, a legal representative (a parent or "
    "guardian) can open the account and add them there as a person for whom they act."
)


def check_adult(form: forms.Form, field: str = "date_of_birth") -> None:
    """Of age on today's date in the zone that the person chose: on the birthday itself, in that place."""
    born = form.cleaned_data.get(field)
    zone = form.cleaned_data.get("time_zone")
    if born is None or not zone:
        return
    today = timezone.localdate(timezone=ZoneInfo(zone))
    if not is_adult(born, today, adult_age=settings.ADULT_AGE):
        form.add_error(field, UNDER_AGE)


class ProfileForm(TidyForm, forms.Form):
    """A person's own data, all of it correctable (Rules 9, point 2), and how we write."""

    first_name = name_field(_("First name"), "given-name")
    last_name = name_field(_("Last name"), "family-name")
    date_of_birth = DateOfBirthField()
    gender = gender_field()
    phone = InternationalPhoneField()
    sms_agreed = forms.BooleanField(
        label=_("Send me important news about my appointments by SMS"),
        help_text=_("You can change this at any time. An SMS never names an illness or a specialty."),
        required=False,
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Pages after signing in, e-mails and SMS use it."),
        widget=forms.RadioSelect,
    )
    time_zone = TimeZoneField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        profile = getattr(user, "patient_profile", None)
        kwargs["initial"] = {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "language": user.language,
            "time_zone": user.time_zone,
            **(
                {
                    "date_of_birth": profile.date_of_birth,
                    "gender": profile.gender,
                    "phone": profile.phone,
                    "sms_agreed": profile.sms_agreed_at is not None,
                }
                if profile
                else {}
            ),
        }
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        super().clean()
        refuse_unprintable(self)
        check_adult(self)
        return self.cleaned_data


class DependantForm(TidyForm, forms.Form):
    """A minor or an adult under guardianship, and on what the authority over their affairs rests."""

    first_name = name_field(_("First name"), "off")
    last_name = name_field(_("Last name"), "off")
    date_of_birth = DateOfBirthField()
    gender = gender_field()
    relation = forms.ChoiceField(
        label=_("Who this person is to you"), choices=DependantRelation.choices, widget=forms.RadioSelect
    )
    authority = forms.CharField(
        label=_("On what you rely"),
        max_length=300,
        help_text=_("For instance: parental authority, or the court decision with its date and number."),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        refuse_unprintable(self)
        born, relation = self.cleaned_data.get("date_of_birth"), self.cleaned_data.get("relation")
        if born and relation:
            adult = is_adult(born, timezone.localdate(), adult_age=settings.ADULT_AGE)
            if adult and relation != DependantRelation.ADULT_WARD:
                self.add_error(
                    "date_of_birth",
                    _("This person is of age: unless a court has put them under guardianship, they open an account."),
                )
            if not adult and relation == DependantRelation.ADULT_WARD:
                self.add_error("relation", _("This person is under 18: choose one of the two first answers."))
        return self.cleaned_data
