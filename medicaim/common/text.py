"""Plain text: as search compares it, and as a mail program shows it."""

import re
import textwrap
import unicodedata

_GAP = re.compile(r"[^\w]+", re.UNICODE)


def normalise(text: str) -> str:
    """Lower-case words without accents, one blank between them: "Chirurgie  d'Épaule" -> "chirurgie d epaule"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return _GAP.sub(" ", bare.replace("œ", "oe").replace("æ", "ae").replace("_", " ")).strip()


def laid_out(text: str, width: int = 72) -> str:
    """A text for a mail program that shows it as it is: no long line, at most one empty line in a row.

    An indented line goes on indented. An address is never broken, however long.
    """
    lines: list[str] = []
    for line in text.strip().splitlines():
        words = line.strip()
        indent = line[: len(line) - len(line.lstrip())]
        if words:
            lines += textwrap.wrap(
                words,
                width,
                initial_indent=indent,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        elif lines and lines[-1]:
            lines.append("")
    return "\n".join(lines) + "\n"
