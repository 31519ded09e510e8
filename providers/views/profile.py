"""The page editor: drafts, preview, publishing, photo."""

import io
from typing import IO

from django.contrib import messages
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medicaim.common.errors import DomainError
from providers import services
from providers.forms import PageForm, PhotoForm
from providers.models import Provider
from providers.photos import rendition_of, rendition_suffixes
from providers.progress import steps_of

from ._base import EDITORS, own_provider, workspace_page


@require_http_methods(["GET", "POST"])
def edit_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write the page. Each button keeps the draft first: "save", "preview" or "publish" comes after."""
    provider = own_provider(request, public_id, *EDITORS)
    if request.method == "POST":
        form = PageForm(request.POST)
        if form.is_valid():
            return _save_page(request, provider, form)
    else:
        texts = {text.language: text for text in provider.texts.all()}
        drafts = {f"draft_{code}": text.draft for code, text in texts.items()}
        form = PageForm(initial={"name": provider.name, "languages": provider.languages, **drafts})
    steps = steps_of(provider)
    return workspace_page(
        request,
        "page",
        provider,
        "page",
        status=422 if form.is_bound else 200,
        form=form,
        photo_form=PhotoForm(),
        steps=steps,
        done=sum(step.is_done for step in steps),
        has_changes=provider.published_at is None or any(t.draft != t.presentation for t in provider.texts.all()),
    )


def _save_page(request: HttpRequest, provider: Provider, form: PageForm) -> HttpResponse:
    services.save_draft(
        provider=provider,
        name=form.cleaned_data["name"],
        languages=form.cleaned_data["languages"],
        drafts=form.drafts,
        actor=request.user,
    )
    then = request.POST.get("then")
    if then == "preview":
        return redirect("providers:preview", provider.public_id)
    if then == "publish":
        return _publish(request, provider)
    messages.success(request, _("The draft is saved. Patients do not see it yet."))
    return redirect("providers:edit_page", provider.public_id)


def _publish(request: HttpRequest, provider: Provider) -> HttpResponse:
    try:
        published = services.publish_page(provider=provider, actor=request.user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("providers:edit_page", provider.public_id)
    if published.is_public:
        messages.success(request, _("Your page is published: patients see it as it is now."))
    else:
        messages.success(request, _("Your page is ready. Patients see it as soon as our careteam has let you in."))
    return redirect("providers:overview", provider.public_id)


@require_GET
def preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page as the public would see it with the drafts, before anything is published."""
    provider = own_provider(request, public_id, *EDITORS)
    texts = {text.language: text.draft for text in provider.texts.all()}
    return workspace_page(request, "preview", provider, "page", texts=texts, preview=True)


@require_POST
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the drafts to the public."""
    return _publish(request, own_provider(request, public_id, *EDITORS))


@require_POST
def unpublish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the page off the public site."""
    provider = own_provider(request, public_id, *EDITORS)
    services.unpublish_page(provider=provider, actor=request.user)
    messages.success(request, _("Your page is no longer public. Appointments already made stay."))
    return redirect("providers:overview", provider.public_id)


@require_POST
def photo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a new photo."""
    provider = own_provider(request, public_id, *EDITORS)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose a picture first."))
        return redirect("providers:edit_page", provider.public_id)
    try:
        services.set_photo(provider=provider, content=form.cleaned_data["photo"].read(), actor=request.user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The photo is on your page."))
    return redirect("providers:edit_page", provider.public_id)


@require_POST
def photo_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the photo away."""
    provider = own_provider(request, public_id, *EDITORS)
    services.remove_photo(provider=provider, actor=request.user)
    messages.success(request, _("The photo is removed."))
    return redirect("providers:edit_page", provider.public_id)


@require_GET
def photo_file(request: HttpRequest, public_id: str, version: str, ending: str) -> HttpResponseBase:
    """A file of the photo of a public provider (or of the reader's own). Each version has its address, so it may be
    kept."""
    provider = get_object_or_404(Provider, public_id=public_id)
    is_member = request.user.is_authenticated and provider.memberships.filter(user_id=request.user.pk).exists()
    if not (provider.is_public or is_member) or provider.photo_version != version:
        raise Http404
    try:
        content = _photo_file(provider.photo, ending)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, content_type=f"image/{ending.rpartition('.')[2]}")
    scope = "public" if provider.is_public else "private"
    response.headers["Cache-Control"] = f"{scope}, max-age=31536000, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _photo_file(photo: FieldFile, ending: str) -> IO[bytes]:
    """A file of a photo. One that was uploaded before there were renditions is made smaller while somebody waits."""
    name = photo.name or ""
    try:
        return photo.storage.open(name.removesuffix(".webp") + ending, "rb")
    except FileNotFoundError:
        if ending not in rendition_suffixes():
            raise
    with photo.storage.open(name, "rb") as whole:
        return io.BytesIO(rendition_of(whole.read(), ending))
