"""The base of every error that a user can cause."""

from django.utils.functional import Promise


class DomainError(Exception):
    """Something that the rules do not allow now.

    `message` is a sentence for the person in front of the page: what happened, what to do, and that
    nothing was lost. Views show it; they never show `str()` of any other exception.
    """

    message: str | Promise = ""

    def __init__(self, message: str | Promise | None = None) -> None:
        if message is not None:
            self.message = message
        super().__init__(str(self.message))
