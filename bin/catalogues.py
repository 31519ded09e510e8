"""The catalogues of translations: what the code says, and whether locale/ says it too.

`bin/messages` calls this for the people who write; `tests/test_translations.py` for everybody else. Babel reads the
Python files; Django turns a template into something that Babel reads as Python.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation import templatize

ROOT = Path(__file__).resolve().parent.parent
#: Folders at the top whose texts no visitor reads.
OUTSIDE = {"bin", "docs", "locale", "requirements", "static", "staticfiles", "tests", "var"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
#: Languages that are translated in part, with the files whose texts must be there: for Arabic all that a patient reads
#: from the search to the visit. Every other text stands in English there.
IN_PART = {
    "ar": (
        "accounts/adapter.py", "accounts/enums.py", "accounts/errors.py", "accounts/forms/*.py",
        "accounts/middleware.py", "accounts/validators.py", "accounts/views/*.py", "accounts/zones.py",
        "bookings/calendars.py", "bookings/enums.py", "bookings/errors.py", "bookings/forms.py",
        "bookings/handlers.py", "bookings/ics.py",
        "bookings/presenters.py", "bookings/sheets.py", "bookings/views/both.py",
        "bookings/views/patient.py", "bookings/views/requests.py",
        "bookings/views/shared.py",
        "medicaim/common/errors.py", "medicaim/common/forms.py", "medicaim/common/money.py",
        "medicaim/common/pdf.py",
        "medicaim/common/templatetags/*.py", "medicaim/common/times.py", "medicaim/context_processors.py",
        "medicaim/error_pages.py", "medicaim/search_views.py", "medicaim/views.py",
        "providers/enums.py", "providers/profile.py", "providers/public_views.py", "providers/search*.py",
        "templates/*.html", "templates/account/**/*", "templates/accounts/*.html",
        "templates/accounts/email/account*", "templates/accounts/email/alarm_link*",
        "templates/accounts/email/alarm_reset*", "templates/accounts/email/[!a]*",
        "templates/accounts/email/includes/*",
        "templates/allauth/**/*",
        "templates/bookings/appointment.html", "templates/bookings/calendar.html", "templates/bookings/cancel.html",
        "templates/bookings/email/appointment*", "templates/bookings/email/includes/*",
        "templates/bookings/email/patient_*", "templates/bookings/goes_on.html", "templates/bookings/includes/*",
        "templates/bookings/my_appointments.html", "templates/bookings/not_a_patient.html",
        "templates/bookings/pdf/*",
        "templates/bookings/refused.html", "templates/bookings/request.html", "templates/bookings/slot_gone.html",
        "templates/bookings/slots.html", "templates/bookings/sms/patient_*", "templates/bookings/verify_first.html",
        "templates/bookings/withdraw.html",
        "templates/components/**/*", "templates/email/**/*", "templates/errors/**/*", "templates/layout/**/*",
        "templates/mfa/**/*",
        "templates/pdf/**/*",
        "templates/pages/contact.html", "templates/pages/home.html", "templates/pages/how_it_works.html",
        "templates/pages/includes/*", "templates/pages/result_order.html", "templates/pages/time_zone.html",
        "templates/providers/includes/*", "templates/providers/page.html", "templates/providers/s*.html",
        "templates/usersessions/**/*",
    ),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
#: A straight apostrophe between two words, and whatever of a text is a tag: its attributes are left as they are.
STRAIGHT = re.compile(r"(<[^>]*>)|'")
LINE_LENGTH = 110

HEADER = """\
{comment}
msgid ""
msgstr ""
"Project-Id-Version: MEDICAIM\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def sources() -> list[Path]:
    """Every file that may hold a text for people, in a fixed order."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name not in OUTSIDE]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in files if _is_template(path, ROOT) or _is_program(path))


def extracted(files: Iterable[Path] | None = None, *, root: Path = ROOT) -> Catalog:
    """The texts of these files (of all, without an argument), untranslated."""
    catalog = Catalog()
    for path in sources() if files is None else files:
        for _line, text, comments, context in _texts(path, is_template=_is_template(path, root)):
            catalog.add(text, auto_comments=comments, context=context)
    return catalog


def required(language: str, everything: Catalog) -> Catalog:
    """The texts that this language must have."""
    if language not in IN_PART:
        return everything
    wanted = {path for pattern in IN_PART[language] for path in ROOT.glob(pattern)}
    return extracted(path for path in sources() if path in wanted)


def catalogue_files() -> dict[str, Path]:
    """Where the texts of each language are."""
    return {path.parts[-3]: path for path in sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po"))}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def updated(path: Path, template: Catalog, wanted: Catalog) -> str:
    """The catalogue with the texts of `template`: new ones are empty where wanted, old ones go, translations stay.

    Only the apostrophes of the French ones are mended, so that nobody has to look for the right key.
    """
    catalog = read(path)
    catalog.update(template, no_fuzzy_matching=True, keep_user_comments=True)
    for message in list(_messages(catalog)):
        if path.parts[-3] == "fr" and message.string:
            message.string = _typeset(message.string)
        if not any(forms_of(message.string)) and wanted.get(message.id, message.context) is None:
            catalog.delete(message.id, message.context)
    body = io.BytesIO()
    write_po(
        body, catalog, width=LINE_LENGTH, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    header = HEADER.format(
        comment=catalog.header_comment, language=path.parts[-3], plural_forms=catalog.plural_forms.rstrip(";") + ";"
    )
    return header + body.getvalue().decode().strip("\n") + "\n"


def faults(path: Path, template: Catalog, wanted: Catalog) -> Iterator[str]:
    """What keeps this catalogue from being complete, one sentence each."""
    catalog = read(path)
    for needed in _messages(wanted):
        if catalog.get(needed.id, needed.context) is None:
            yield f"not extracted: {_name(needed)}"
    for message in _messages(catalog):
        if not all(forms_of(message.string)):
            yield f"untranslated: {_name(message)}"
        if template.get(message.id, message.context) is None:
            yield f"no longer used: {_name(message)}"
        if message.fuzzy:
            yield f"fuzzy: {_name(message)}"
        if all(forms_of(message.string)) and _placeholders(message.id) != _placeholders(message.string):
            yield f"placeholder lost: {_name(message)}"


def main() -> None:
    template, is_check, count = extracted(), "--check" in sys.argv[1:], 0
    for language, path in catalogue_files().items():
        wanted = required(language, template)
        text = updated(path, template, wanted)
        if not is_check and text != path.read_text():
            path.write_text(text)
            print(f"{path.relative_to(ROOT)} is written anew.")
        for fault in faults(path, template, wanted):
            count += 1
            print(f"{language}: {fault}")
    print(f"{count} to mend." if count else "All languages are complete.")
    sys.exit(bool(count) and is_check)


def _is_template(path: Path, root: Path) -> bool:
    return "templates" in path.relative_to(root).parts and path.suffix in {".html", ".txt"}


def _is_program(path: Path) -> bool:
    return path.suffix == ".py" and "migrations" not in path.parts


def _texts(path: Path, *, is_template: bool) -> Iterator[tuple]:
    source = path.read_text()
    if is_template:
        # What stands around the texts is blanked out by Django; its indentation means nothing.
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())
    return extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=["Translators:"])


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _name(message: Message) -> str:
    text = forms_of(message.id)[0]
    return f"{message.context} | {text}" if message.context else text


def forms_of(text: str | Iterable[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or [""])


def _typeset(text: str | Sequence[str]) -> str | tuple[str, ...]:
    """French as it is printed: an apostrophe is a curved one."""
    if isinstance(text, str):
        return STRAIGHT.sub(lambda found: found[1] or "\u2019", text)
    return tuple(str(_typeset(form)) for form in text)


def _placeholders(text: str | Iterable[str]) -> set[str]:
    """Those of the last form: a singular may do without the number."""
    return set(PLACEHOLDER.findall(forms_of(text)[-1]))


if __name__ == "__main__":
    main()
