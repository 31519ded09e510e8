"""Every language says all that the code says: nothing unextracted, untranslated, fuzzy, or robbed of a placeholder."""

import importlib.util
import re

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings


def load_tool():
    spec = importlib.util.spec_from_file_location("catalogues", settings.BASE_DIR / "bin" / "catalogues.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


catalogues = load_tool()

FILES = catalogues.catalogue_files()


@pytest.fixture(scope="module")
def template():
    return catalogues.extracted()


def test_every_language_but_english_has_a_catalogue():
    assert {"en", *FILES} == dict(settings.LANGUAGES).keys()


@pytest.mark.parametrize("language", FILES)
def test_the_catalogue_is_complete(language, template):
    wanted = catalogues.required(language, template)
    assert list(catalogues.faults(FILES[language], template, wanted)) == []


@pytest.mark.parametrize("language", FILES)
def test_the_catalogue_is_as_bin_messages_writes_it(language, template):
    wanted = catalogues.required(language, template)
    assert FILES[language].read_text() == catalogues.updated(FILES[language], template, wanted)


def test_bin_messages_curves_the_apostrophes_of_the_french_and_leaves_tags_alone(tmp_path):
    template = Catalog()
    for text in ("See %(name)s", ("a day", "days"), "New", ("a new day", "new days")):
        template.add(text)
    for language in ("fr", "ar"):
        path = tmp_path / language / "LC_MESSAGES" / "django.po"
        path.parent.mkdir(parents=True)
        path.write_text(
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
            "msgid \"See %(name)s\"\nmsgstr \"L'un <b title='x'>d'%(name)s</b>\"\n\n"
            'msgid "a day"\nmsgid_plural "days"\nmsgstr[0] "d\'un jour"\nmsgstr[1] "de jours"\n'
        )
        path.write_text(catalogues.updated(path, template, template))
        catalogue = catalogues.read(path)
        sign = "’" if language == "fr" else "'"
        assert catalogue.get("See %(name)s").string == f"L{sign}un <b title='x'>d{sign}%(name)s</b>"
        assert catalogue.get(("a day", "days")).string[0] == f"d{sign}un jour"


def test_a_new_text_stands_empty_until_somebody_translates_it():
    everything = catalogues.extracted()
    everything.add("Nobody has translated this sentence yet.")
    assert 'msgid "Nobody has translated this sentence yet."\nmsgstr ""' in catalogues.updated(
        FILES["fr"], everything, everything
    )


def test_french_signs_keep_their_space():
    """A narrow space that does not break before ? ! ; and inside « », one that does not break before a colon."""
    wrong = re.compile(r"[ \u00a0][?!;»]|«[ \u00a0]|[ \u202f]:(?!\S)")
    texts = [
        form for message in catalogues.read(FILES["fr"]) if message.id for form in catalogues.forms_of(message.string)
    ]
    assert [text for text in texts if wrong.search(text)] == []


def test_the_words_for_translating_are_those_that_the_tool_knows():
    """A call by another name would be a text that nobody extracts."""
    renamed = re.compile(r"^from django.utils.translation import n?p?gettext\w* as (\w+)", re.MULTILINE)
    programs = (path for path in catalogues.sources() if path.suffix == ".py")
    names = {name for path in programs for name in renamed.findall(path.read_text())}
    assert names <= catalogues.KEYWORDS.keys()


def test_texts_are_found_in_programs_and_in_every_tag_of_a_template(tmp_path):
    program, page = tmp_path / "words.py", tmp_path / "templates" / "page.html"
    page.parent.mkdir()
    program.write_text('_("In code")\nngettext("%(n)s day", "%(n)s days", 2)\npgettext("who", "You")\n')
    page.write_text(
        '{% translate "In a tag" %} {% card title=_("In our own tag") %}\n'
        "  {% blocktranslate trimmed %}\n    In a\n    block {{ name }}\n  {% endblocktranslate %}\n{% endcard %}"
        '{{ "In a filter"|default:_("In its argument") }}{# _("In a comment") #}'
    )
    found = catalogues.extracted([program, page], root=tmp_path)
    assert {(message.context, message.id) for message in found if message.id} == {
        (None, "In code"), (None, ("%(n)s day", "%(n)s days")), ("who", "You"),
        (None, "In a tag"), (None, "In our own tag"), (None, "In a block %(name)s"), (None, "In its argument"),
    }  # fmt: skip


def test_each_fault_is_named(tmp_path):
    template = Catalog()
    for text in ("Missing", "Empty", "Unsure", "For %(name)s", "Sound"):
        template.add(text)
    path = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        '#\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Empty"\nmsgstr ""\n\n'
        '#, fuzzy\nmsgid "Unsure"\nmsgstr "Peu sûr"\n\nmsgid "For %(name)s"\nmsgstr "Pour"\n\n'
        'msgid "Sound"\nmsgstr "Sain"\n\nmsgid "Old"\nmsgstr "Vieux"\n'
    )
    assert set(catalogues.faults(path, template, template)) == {
        "not extracted: Missing", "untranslated: Empty", "fuzzy: Unsure", "placeholder lost: For %(name)s",
        "no longer used: Old",
    }  # fmt: skip
