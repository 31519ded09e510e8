"""Forms of the accounts app."""

from django import forms


class SignupForm(forms.Form):
    """Filled with MEDICAIM's own fields."""
