"""The terms: to read, by everybody; to agree to, where a new version is in force."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import services
from accounts.adapter import address_of
from accounts.enums import TermsKind
from accounts.forms import TermsForm
from accounts.models import TermsVersion
from accounts.queries import terms_in_force, terms_to_accept, text_for


def blocks_of(body: str) -> list[tuple[str, str]]:
    """A text as (kind, words): a line that starts with "## " is a heading, with "- " an item, others are paragraphs."""
    blocks = []
    for line in body.splitlines():
        words = line.strip()
        if words.startswith("## "):
            blocks.append(("heading", words[3:]))
        elif words.startswith("- "):
            blocks.append(("item", words[2:]))
        elif words:
            blocks.append(("paragraph", words))
    return blocks


def _show(request: HttpRequest, version: TermsVersion, *, is_latest: bool) -> HttpResponse:
    language = (get_language() or "en")[:2]
    text = text_for(version, language)
    if text is None:
        raise Http404
    context = {
        "version": version,
        "text": text,
        "blocks": blocks_of(text.body),
        "is_binding": text.language == "fr",
        "is_latest": is_latest,
    }
    return render(request, "accounts/terms.html", context)


def _latest(request: HttpRequest, kind: TermsKind) -> HttpResponse:
    version = terms_in_force().get(kind)
    if version is None:
        raise Http404
    return _show(request, version, is_latest=True)


def terms(request: HttpRequest) -> HttpResponse:
    return _latest(request, TermsKind.TERMS)


def privacy(request: HttpRequest) -> HttpResponse:
    return _latest(request, TermsKind.PERSONAL_DATA)


def versions(request: HttpRequest) -> HttpResponse:
    """Every version that was ever in force."""
    published = TermsVersion.objects.filter(published_at__lte=timezone.now())
    return render(request, "accounts/terms_versions.html", {"versions": published})


def version(request: HttpRequest, kind: str, number: str) -> HttpResponse:
    found = get_object_or_404(TermsVersion, kind=kind, number=number, published_at__lte=timezone.now())
    return _show(request, found, is_latest=terms_in_force().get(kind) == found)


def accept_terms(request: HttpRequest) -> HttpResponse:
    """What is new, and boxes; not agreeing leaves the public pages, one's own data and the way out."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    if not get_adapter().is_safe_url(back):
        back = ""
    missing = terms_to_accept(request.user)
    if not missing:
        return redirect(back or "home")
    form = TermsForm(request.POST if request.method == "POST" else None, versions=missing)
    language = (get_language() or "en")[:2]
    if request.method == "POST" and form.is_valid():
        services.accept_terms(user=request.user, versions=missing, address=address_of(request), language=language)
        messages.success(request, _("Thank you. You can go on."))
        return redirect(back or "home")
    news = [{"version": version, "text": text_for(version, language)} for version in missing]
    return render(request, "accounts/accept_terms.html", {"form": form, "news": news, "next": back})
