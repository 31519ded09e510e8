"""Forms of the accounts app."""

from .people import DependantForm, ProfileForm
from .security import (
    ActivateTOTPForm,
    AddEmailForm,
    AddPasskeyForm,
    AlarmForm,
    ChangeEmailForm,
    ChangePasswordForm,
    EditPasskeyForm,
    EmailCodeForm,
    LoginForm,
    ReasonForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SecondFactorAgainForm,
    SecondFactorForm,
    SetPasswordForm,
)
from .sign_up import SignupForm
from .terms import TermsForm

__all__ = [
    "ActivateTOTPForm",
    "AddEmailForm",
    "AddPasskeyForm",
    "AlarmForm",
    "ChangeEmailForm",
    "ChangePasswordForm",
    "DependantForm",
    "EditPasskeyForm",
    "EmailCodeForm",
    "LoginForm",
    "ProfileForm",
    "ReasonForm",
    "ReauthenticateForm",
    "ResetPasswordForm",
    "ResetPasswordKeyForm",
    "SecondFactorAgainForm",
    "SecondFactorForm",
    "SetPasswordForm",
    "SignupForm",
    "TermsForm",
]
