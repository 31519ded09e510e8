"""What the apps above have to say when an account closes. They register in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from .models import User


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What must be settled before an account can be closed; the page where that is done, and words for its link."""

    sentence: str | Promise
    url: str
    link: str | Promise


#: Each finds what stands in the way now.
closing_obstacles: "list[Callable[[User], list[Obstacle]]]" = []
#: Each ends, in the transaction of the closing, what the person did for others: (the person, who closes).
on_closing: "list[Callable[[User, User], None]]" = []
#: Tasks woken up afterwards, by their dotted names; a sweep finds what a lost wake-up left undone.
after_closing: list[str] = []
