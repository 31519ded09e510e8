"""A person's own data."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import services
from accounts.forms import ProfileForm


def profile(request: HttpRequest) -> HttpResponse:
    """Read and correct what we know (Rules 9, point 2); the next page is in the language that was chosen."""
    form = ProfileForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        changes = {**form.cleaned_data}
        changes["phone"] = changes["phone"].as_e164
        services.change_profile(
            user=request.user, changes=changes, sms_agreed=changes.pop("sms_agreed"), actor=request.user
        )
        with translation.override(changes["language"]):
            messages.success(request, _("Your details are saved."))
            return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})
