"""What the apps above have to say when a provider is suspended or ended. They register in `AppConfig.ready()`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .enums import ProviderState
    from .models import Provider

#: Each says, in sentences for the careteam, what a change to that state means for what stands with the provider now.
consequences: "list[Callable[[Provider, ProviderState], list[str]]]" = []
#: Tasks woken up after a membership ended, by their dotted names; a sweep finds what a lost wake-up left undone.
after_ending: list[str] = []
