"""Which app builds which message.

The outbox stands below the apps and knows none of them: each registers a builder per event in
`AppConfig.ready()`. At sending time the builder reads its rows again and returns the content, or None
where the message is no longer true (a moved or cancelled appointment): then it is never sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .models import Message


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of an e-mail beside its text. `mime_type` may carry parameters (`text/calendar; method=REQUEST`)."""

    filename: str
    content: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class Content:
    """What the templates `<app>/email/<event>.*` or `<app>/sms/<event>.txt` are rendered with.

    `language` is for messages to an address without an account; a recipient's own language always wins.
    """

    context: dict[str, Any]
    attachments: list[Attachment] = field(default_factory=list)
    language: str = ""


Builder = Callable[["Message"], Content | None]
_builders: dict[str, Builder] = {}


def register(event: str, builder: Builder) -> None:
    """Say who builds the messages of `event` ("<app>.<event>"); called once per process."""
    if event in _builders:
        raise RuntimeError(f"two builders for {event}")
    _builders[event] = builder


def builder_for(event: str) -> Builder:
    return _builders[event]


def registered_events() -> list[str]:
    return sorted(_builders)
