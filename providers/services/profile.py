"""The public page: texts per language with a draft, languages, photo. Rules 3, point 2."""

from collections.abc import Mapping, Sequence

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.utils import timezone

from medicaim.common import audit
from medicaim.common.ids import new_public_id
from providers.errors import NothingToPublish
from providers.models import Provider, ProviderText
from providers.photos import file_names, prepare_photo

from ._base import lock_provider, mark_changed, mark_stale


@transaction.atomic
def save_draft(
    *, provider: Provider, name: str, languages: Sequence[str], drafts: Mapping[str, str], actor
) -> Provider:
    """Keep what was typed: name and languages at once, the presentation of each language as a draft.

    `drafts` maps a language code to its text. The public sees the texts only after `publish_page`.
    """
    locked = lock_provider(provider)
    locked.name, locked.languages = name, list(languages)
    locked.save(update_fields=["name", "languages"])
    for language, text in drafts.items():
        ProviderText.objects.update_or_create(provider=locked, language=language, defaults={"draft": text})
    audit.record(action="provider.draft_saved", actor=actor, obj=locked)
    mark_stale(locked)
    return locked


@transaction.atomic
def publish_page(*, provider: Provider, actor) -> Provider:
    """Show the drafts to the public. NothingToPublish where no language has a text.

    A provider that careteam has not activated stays invisible all the same.
    """
    locked = lock_provider(provider)
    texts = list(locked.texts.all())
    if not any(text.draft.strip() for text in texts):
        raise NothingToPublish
    for text in texts:
        text.presentation = text.draft
    ProviderText.objects.bulk_update(texts, ["presentation"])
    locked.published_at = timezone.now()
    locked.save(update_fields=["published_at"])
    audit.record(action="provider.published", actor=actor, obj=locked)
    mark_stale(locked)
    return locked


@transaction.atomic
def unpublish_page(*, provider: Provider, actor) -> Provider:
    """Take the page away from the public; everything stays for the team. Appointments made are not touched."""
    locked = lock_provider(provider)
    locked.published_at = None
    locked.save(update_fields=["published_at"])
    locked.search_entries.all().delete()
    audit.record(action="provider.unpublished", actor=actor, obj=locked)
    mark_stale(locked)
    return locked


def set_photo(*, provider: Provider, content: bytes, actor) -> Provider:
    """Replace the photo by a fresh, small copy of this picture, without what cameras note in it.

    Each photo has a new name, so that browsers may keep it for good. PhotoRefused where it cannot be read.
    """
    prepared = prepare_photo(content)
    storage = Provider._meta.get_field("photo").storage
    # Written before the row points to it: a failure leaves a file that nobody sees, never a broken page.
    name = f"providers/{new_public_id()}.webp"
    for suffix, rendition in prepared.renditions.items():
        storage.save(name.removesuffix(".webp") + suffix, ContentFile(rendition))
    storage.save(name, ContentFile(prepared.whole))
    with transaction.atomic():
        locked = lock_provider(provider)
        old, locked.photo.name = locked.photo.name, name
        locked.save(update_fields=["photo"])
        mark_changed(locked)
        audit.record(action="provider.photo_set", actor=actor, obj=locked)
        if old:
            transaction.on_commit(lambda: _delete_files(storage, old))
    return locked


def _delete_files(storage: Storage, name: str) -> None:
    for file in file_names(name):
        storage.delete(file)


@transaction.atomic
def remove_photo(*, provider: Provider, actor) -> Provider:
    """Take the photo off the page and out of the storage."""
    locked = lock_provider(provider)
    old = locked.photo.name
    if old:
        storage = locked.photo.storage
        locked.photo.name = ""
        locked.save(update_fields=["photo"])
        mark_changed(locked)
        audit.record(action="provider.photo_removed", actor=actor, obj=locked)
        transaction.on_commit(lambda: _delete_files(storage, old))
    return locked
