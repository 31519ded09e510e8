"""Opening an account (Rules 1, points 1 and 2)."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.adapter import address_of
from accounts.enums import TermsKind
from accounts.models import User
from accounts.queries import terms_in_force
from accounts.zones import zone_or_utc
from medicaim.common.forms import DateOfBirthField, TidyForm

from .fields import InternationalPhoneField, TimeZoneField, gender_field, name_field, refuse_unprintable
from .people import check_adult
from .security import PASSWORD_HELP
from .terms import VersionsMixin


class SignupForm(TidyForm, VersionsMixin, AllauthSignupForm):
    """Everything clause 5 lets us ask, the sign-in, and the boxes. Nothing typed is lost by an error but passwords.

    A robot that fills the field that people do not see gets no account, and no word about it.
    """

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
    time_zone = TimeZoneField()
    true_identity = forms.BooleanField(
        label=_("I give my true identity, and I am of legal age"),
        error_messages={"required": _("A provider must know who comes: an account needs your true identity.")},
    )
    website = forms.CharField(
        required=False,
        label=_("Leave this field empty"),
        widget=forms.TextInput({"autocomplete": "off", "tabindex": -1}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from allauth.core import context

        request = context.request
        self.fields["time_zone"].initial = zone_or_utc(request.COOKIES.get("tz") if request else "")
        self.fields["website"].is_honeypot = True  # type: ignore[attr-defined]
        found = terms_in_force()
        self.set_versions([found[kind] for kind in TermsKind if kind in found])
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        for name, label, words in (
            ("email", _("E-mail address"), _("We send a code to it to make sure that it is yours.")),
            (
                "username",
                _("User name"),
                _("You can sign in with it instead of the e-mail address. Nobody else sees it."),
            ),
            ("password1", _("Password"), PASSWORD_HELP["password1"]),
            ("password2", _("Password again"), ""),
        ):
            self.fields[name].label = label
            self.fields[name].help_text = words
        boxes = [self.box_name(version) for version in self.versions]
        order = ["first_name", "last_name", "date_of_birth", "gender", "email", "phone", "sms_agreed", "time_zone"]
        self.order_fields([*order, "username", "password1", "password2", *boxes, "true_identity", "website"])

    @property
    def agreements(self) -> list[forms.BoundField]:
        """The boxes for the texts, in their order."""
        return [self[self.box_name(version)] for version in self.versions]

    def clean(self) -> dict[str, Any]:
        super().clean()
        refuse_unprintable(self)
        check_adult(self)
        self.check_versions()
        return self.cleaned_data

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the user row is there."""
        services.open_account(
            user=user,
            date_of_birth=self.cleaned_data["date_of_birth"],
            gender=self.cleaned_data["gender"],
            phone=self.cleaned_data["phone"].as_e164,
            sms_agreed=self.cleaned_data["sms_agreed"],
            language=(get_language() or "en")[:2],
            time_zone=self.cleaned_data["time_zone"],
            versions=self.versions,
            address=address_of(request),
        )

    def save(self, request: HttpRequest) -> User:
        with transaction.atomic():
            return super().save(request)

    def try_save(self, request: HttpRequest) -> Any:
        if self.cleaned_data["website"]:
            return None, redirect("account_email_verification_sent")
        try:
            return super().try_save(request)
        except IntegrityError as error:
            # Somebody took the same name or address between the check and the insert.
            self.add_error("username", get_adapter().validation_error("username_taken"))
            page = render(request, "account/signup.html", {"form": self})
            raise ImmediateHttpResponse(page) from error
