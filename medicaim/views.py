"""The front door: pages that belong to no app, and those that compose several."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """The first page: the search, and what MEDICAIM promises."""
    return render(request, "pages/home.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came too late or from elsewhere: say so kindly, lose nothing."""
    return render(request, "errors/csrf.html", status=403)
