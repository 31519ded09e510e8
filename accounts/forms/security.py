"""Sign-in, passwords and second factors: allauth's forms in our words."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _


class OurWords:
    """A mixin that replaces labels and explanations, and takes placeholders away: they vanish when one types."""

    labels: dict[str, Any] = {}
    helps: dict[str, Any] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, field.help_text)


class LoginForm(OurWords, account.LoginForm):
    labels = {"login": _("User name or e-mail address"), "password": _("Password")}
    helps = {"password": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "none"}

    def clean_login(self) -> str:
        login = super().clean_login()
        if "\x00" in login:
            raise forms.ValidationError(_("This text holds a sign that cannot be stored."))
        return login


class AddEmailForm(OurWords, account.AddEmailForm):
    labels = {"email": _("New e-mail address")}
    helps = {"email": _("We send a code to it. Until you enter the code, the address of now stays.")}


class ChangeEmailForm(OurWords, account.ChangeEmailForm):
    labels = {"email": _("E-mail address")}


class EmailCodeForm(OurWords, account.ConfirmEmailVerificationCodeForm):
    labels = {"code": _("Code from the e-mail")}


class ReauthenticateForm(OurWords, account.ReauthenticateForm):
    labels = {"password": _("Your password")}
    helps = {"password": ""}


class ResetPasswordForm(OurWords, account.ResetPasswordForm):
    labels = {"email": _("E-mail address of your account")}


NEW_PASSWORD = {"password1": _("New password"), "password2": _("New password again")}
#: One sentence to begin with; what a password lacks is said when it is sent.
PASSWORD_HELP = {
    "password1": _("At least 12 characters. A few words in a row are easy to keep in mind and hard to guess.")
}


class ResetPasswordKeyForm(OurWords, account.ResetPasswordKeyForm):
    labels = NEW_PASSWORD
    helps = PASSWORD_HELP


class ChangePasswordForm(OurWords, account.ChangePasswordForm):
    labels = {"oldpassword": _("Password of now"), **NEW_PASSWORD}
    helps = {"oldpassword": "", **PASSWORD_HELP}


class SetPasswordForm(OurWords, account.SetPasswordForm):
    labels = NEW_PASSWORD
    helps = PASSWORD_HELP


class SecondFactorForm(OurWords, mfa.AuthenticateForm):
    labels = {"code": _("Code from your authenticator app, or a recovery code")}


class SecondFactorAgainForm(OurWords, mfa.ReauthenticateForm):
    labels = {"code": _("Code from your authenticator app, or a recovery code")}


class ActivateTOTPForm(OurWords, totp.ActivateTOTPForm):
    labels = {"code": _("Code that the app shows now")}


class AddPasskeyForm(OurWords, webauthn.AddWebAuthnForm):
    labels = {
        "name": _("Name of this passkey"),
        "passwordless": _("Let me sign in with this passkey alone, without a password"),
    }
    helps = {
        "name": _("For instance the device it is on."),
        "passwordless": _("Your device then asks for your fingerprint, your face or its own code."),
    }


class EditPasskeyForm(OurWords, webauthn.EditWebAuthnForm):
    labels = {"name": _("Name of this passkey")}


class AlarmForm(forms.Form):
    """Somebody used my account: whose account? The answer never tells whether there is one."""

    login = forms.CharField(
        label=_("User name or e-mail address of your account"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none"}),
    )


class ReasonForm(forms.Form):
    """Why the careteam does something."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("For the log. Name no illness and no document."),
    )
