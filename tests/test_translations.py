"""French is complete: nothing untranslated, nothing fuzzy, no placeholder lost."""

import re
from pathlib import Path

from babel.messages.pofile import read_po
from django.conf import settings

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def catalogue():
    with (Path(settings.BASE_DIR) / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def forms(text) -> list[str]:
    return [text] if isinstance(text, str) else list(text or [])


def test_every_text_is_translated():
    open_ones = [message.id for message in catalogue() if message.id and not all(forms(message.string))]
    assert open_ones == []


def test_nothing_is_fuzzy():
    assert [message.id for message in catalogue() if message.id and message.fuzzy] == []


def test_placeholders_are_kept():
    lost = [
        message.id
        for message in catalogue()
        if message.id
        and set(PLACEHOLDER.findall(forms(message.id)[-1])) != set(PLACEHOLDER.findall(forms(message.string)[-1]))
    ]
    assert lost == []
