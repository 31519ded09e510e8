"""From what a builder found to the words that are sent."""

from __future__ import annotations

from dataclasses import dataclass
from email import encoders
from email.message import Message as MimePart
from email.mime.base import MIMEBase
from email.utils import formatdate
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Template
from django.template.loader import get_template
from django.utils import timezone, translation

from medicaim.common.text import laid_out

from .models import Message
from .registry import Attachment, Content

#: Signs of print that an SMS writes plainly: a single other letter would make all of it half as short (GSM 03.38).
PLAIN_SIGNS = str.maketrans({"\u2019": "'", "\u2013": "-", "\u2212": "-"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a message is for: where to reach them, in which language, and what their clock says."""

    address: str
    language: str
    time_zone: str
    name: str = ""


def template_names(event: str, channel: str) -> list[str]:
    """The templates of an event ("<app>.<name>"), under `templates/`."""
    app, _, name = event.partition(".")
    endings = ("subject.txt", "txt", "html") if channel == "email" else ("txt",)
    return [f"{app}/{channel}/{name}.{ending}" for ending in endings]


def render_email(message: Message, content: Content, reader: Reader) -> EmailMultiAlternatives:
    """The e-mail, ready to go, in the language and time zone that are active now.

    Its Message-ID is that of the row, so a repetition is recognised as the same e-mail.
    """
    subject, text, html = template_names(message.event, "email")
    context = _context(content, reader)
    mail = EmailMultiAlternatives(
        # One line, whatever a name may hold.
        subject=" ".join(_render_plain(subject, context).split()),
        body=laid_out(_render_plain(text, context)),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[reader.address],
        headers={
            "Message-ID": message.message_id,
            "Date": formatdate(),
            "Auto-Submitted": "auto-generated",
            "Content-Language": reader.language,
        },
    )
    mail.attach_alternative(_template(html).render(Context(context)), "text/html")
    for attachment in content.attachments:
        mail.attach(mime_part(attachment))  # type: ignore[call-overload] # any MIME part will do
    return mail


def render_sms(message: Message, content: Content, reader: Reader) -> str:
    """The SMS in the language and time zone that are active now, as one paragraph."""
    (name,) = template_names(message.event, "sms")
    return " ".join(_render_plain(name, _context(content, reader)).translate(PLAIN_SIGNS).split())


def mime_part(attachment: Attachment) -> MimePart:
    """An attachment byte for byte (base64: line ends of a calendar survive), with the type's parameters."""
    kind, *parameters = (part.strip() for part in attachment.mime_type.split(";"))
    main, _, sub = kind.partition("/")
    part = MIMEBase(main, sub)
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        part.set_param(key.strip(), value.strip().strip('"'))
    if main == "text" and part.get_param("charset") is None:
        part.set_param("charset", "utf-8")
    part.set_payload(attachment.content)
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=attachment.filename)
    return part


def _context(content: Content, reader: Reader) -> dict[str, Any]:
    return {
        "SITE_URL": settings.SITE_URL,
        "CARETEAM_EMAIL": settings.CARETEAM_EMAIL,
        "CARETEAM_PHONE": settings.CARETEAM_PHONE,
        "LANGUAGE_CODE": translation.get_language(),
        "LANGUAGE_BIDI": translation.get_language_bidi(),
        "recipient_name": reader.name,
        # An account in UTC has not said where it is: then the place's own time stands alone.
        **({"reader_zone": timezone.get_current_timezone()} if reader.time_zone != "UTC" else {}),
        **content.context,
    }


def _render_plain(name: str, context: dict[str, Any]) -> str:
    """Plain text: an apostrophe stays an apostrophe."""
    return _template(name).render(Context(context, autoescape=False))


def _template(name: str) -> Template:
    """Django's own template, without the wrapper that would add a request's context."""
    return get_template(name).template  # type: ignore[attr-defined]
