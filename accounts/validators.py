"""What a password must not be, beyond Django's own list."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from medicaim.common.text import normalise


class ContextWordsValidator:
    """Refuses passwords made of the name of this site or of the words that everybody here thinks of first."""

    WORDS = ("medicaim", "motdepasse", "password", "azertyuiop", "qwertyuiop", "bonjour", "hopital", "docteur")
    NEEDED_BESIDE = 6

    def validate(self, password: str, user=None) -> None:
        rest = normalise(password).replace(" ", "")
        found = False
        for word in self.WORDS:
            if word in rest:
                found, rest = True, rest.replace(word, "")
        if found and len(rest.strip("0123456789")) < self.NEEDED_BESIDE:
            raise ValidationError(_("This password is too easy to guess."), code="password_context")

    def get_help_text(self) -> str:
        return _("Do not build it on the name of this site or on a word that everybody thinks of.")
