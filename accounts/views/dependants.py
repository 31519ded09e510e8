"""People for whom a patient acts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import services
from accounts.enums import DependantState
from accounts.errors import AccountError
from accounts.forms import DependantForm
from accounts.models import Dependant


def dependants(request: HttpRequest) -> HttpResponse:
    people = Dependant.objects.visible_to(request.user)
    return render(request, "accounts/dependants.html", {"dependants": people})


def dependant_add(request: HttpRequest) -> HttpResponse:
    form = DependantForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.add_dependant(representative=request.user, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Added. Our careteam will now ask you for the proof and then decide."))
        return redirect("accounts:dependants")
    return render(request, "accounts/dependant_form.html", {"form": form, "dependant": None})


def dependant_change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Correct somebody who waits for the decision or was not approved; whoever is approved is only shown."""
    dependant = get_object_or_404(Dependant.objects.visible_to(request.user), public_id=public_id)
    if dependant.state == DependantState.APPROVED:
        return render(request, "accounts/dependant.html", {"dependant": dependant})
    initial = {name: getattr(dependant, name) for name in services.dependants.CHANGEABLE}
    form = DependantForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_dependant(dependant=dependant, changes=form.cleaned_data, actor=request.user)
        except AccountError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Saved. Our careteam will decide."))
        return redirect("accounts:dependants")
    return render(request, "accounts/dependant_form.html", {"form": form, "dependant": dependant})
