"""Versions of the terms, and who agreed to which."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.enums import TermsKind
from accounts.errors import TermsPublished
from accounts.models import Consent, TermsText, TermsVersion, User
from accounts.queries import text_for
from medicaim.common import audit


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a version in one language."""

    language: str
    body: str
    changes: str = ""


def publish_terms(
    *, kind: TermsKind | str, number: str, texts: Iterable[Text], published_at: datetime, actor: User | None
) -> TermsVersion:
    """Add a version that is in force from `published_at` (UTC); a French text is among `texts`, it alone binds.

    Versions never change afterwards. Raises TermsPublished where the number exists (Rules 1, point 3).
    """
    by_language = {text.language: text for text in texts}
    if "fr" not in by_language:
        raise ValueError("the binding text is the French one: there is no version without it")
    try:
        with transaction.atomic():
            version = TermsVersion.objects.create(kind=kind, number=number, published_at=published_at)
            TermsText.objects.bulk_create(
                TermsText(
                    version=version,
                    language=text.language,
                    body=text.body,
                    changes=text.changes,
                    sha256=hashlib.sha256(text.body.encode()).hexdigest(),
                )
                for text in by_language.values()
            )
            audit.record(action="terms.published", actor=actor, obj=version, reason=f"{kind} {number}")
    except IntegrityError as error:
        raise TermsPublished from error
    return version


def accept_terms(
    *, user: User, versions: Iterable[TermsVersion], address: str | None, language: str, now: datetime | None = None
) -> None:
    """Record that the person agreed to these versions: when, from which address, in which language it was read.

    That is French where the reader's `language` has no text. A version that was agreed to before keeps its first
    record (Rules 1, point 1).
    """
    versions = list(versions)
    prefetch_related_objects(versions, "texts")
    Consent.objects.bulk_create(
        [
            Consent(
                user=user,
                version=version,
                accepted_at=now or timezone.now(),
                address=address or None,
                language=text.language if (text := text_for(version, language)) else language,
            )
            for version in versions
        ],
        ignore_conflicts=True,
    )
