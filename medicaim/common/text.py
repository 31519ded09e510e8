"""Text as search compares it: without accents, case or punctuation."""

import re
import unicodedata

_GAP = re.compile(r"[^\w]+", re.UNICODE)


def normalise(text: str) -> str:
    """Lower-case words without accents, one blank between them: "Chirurgie  d'Épaule" -> "chirurgie d epaule"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return _GAP.sub(" ", bare.replace("œ", "oe").replace("æ", "ae").replace("_", " ")).strip()
