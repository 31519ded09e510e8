"""Documents: tagged, in the reader's language, of the same bytes for the same words, and closed to the outside."""

import io
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError

from medicaim.common import pdf
from medicaim.common.money import Money
from medicaim.common.templatetags.letters import written_from
from tests.common.test_ui_contrast import token_sets

CSS = (Path(settings.BASE_DIR) / "static/css/pdf.css").read_text()
CONTEXT = {
    "title": "A paper",
    "start": datetime(2027, 1, 13, 8, 30, tzinfo=UTC),
    "end": datetime(2027, 1, 13, 9, 0, tzinfo=UTC),
    "reader_zone": "America/New_York",
    "parties": [{"label": "From", "name": "<img src='https://example.com/x.png'>", "lines": ["12 rue des Lilas"]}],
    "lines": [{"label": "Interpreter", "quantity": 2, "unit": Money(4500, "EUR"), "amount": Money(9000, "EUR")}],
    "totals": [("VAT", Money(1500, "EUR"))],
    "total": Money(9000, "EUR"),
    "items": ["Passport"],
    "page": "https://medicaim.example/",
}
SPECIMEN = "dev/specimen.html"


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def words_of(content: bytes) -> str:
    """What stands on the pages, with single spaces and without the signs that only say a direction."""
    text = " ".join(page.extract_text() for page in read(content).pages)
    return " ".join(re.sub("[\u2066-\u2069\u200e\u200f]", "", text).split())


def structure(element) -> list[str]:
    """The kinds of the elements in the tree of tags, in their order."""
    element = element.get_object()
    if not hasattr(element, "get"):
        return []
    below = element.get("/K", [])
    below = below if isinstance(below, list) else [below]
    kinds = [element["/S"]] if "/S" in element else []
    return kinds + [kind for child in below for kind in structure(child)]


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_a_document_is_tagged_and_says_its_title_and_language(language, caplog):
    content = pdf.render_pdf(SPECIMEN, CONTEXT, language=language)

    root = read(content).trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert read(content).metadata.title == "A paper"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    kinds = structure(root["/StructTreeRoot"])
    assert kinds.count("/H1") == 1
    assert {"/H2", "/P", "/L", "/LI", "/Table", "/TH", "/TD"} <= set(kinds)
    assert [record.message for record in caplog.records if record.name == "weasyprint"] == []


@pytest.mark.slow
def test_every_letter_travels_with_the_document():
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for language in ("fr", "ar")
        for page in read(pdf.render_pdf(SPECIMEN, CONTEXT, language=language)).pages
        for font in page["/Resources"]["/Font"].get_object().values()
    ]

    assert fonts
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


@pytest.mark.slow
def test_the_same_words_give_the_same_bytes():
    once, again = (pdf.render_pdf(SPECIMEN, CONTEXT, language="en") for _ in range(2))

    assert once == again
    assert once != pdf.render_pdf(SPECIMEN, {**CONTEXT, "title": "Another paper"}, language="en")


def test_what_a_person_typed_is_text():
    content = pdf.render_pdf(SPECIMEN, CONTEXT, language="en")

    assert "<img src='https://example.com/x.png'>" in words_of(content)


@pytest.mark.parametrize(
    "markup",
    [
        "<img alt='' src='https://example.com/x.png'>",
        "<img alt='' src='http://127.0.0.1:1/x.png'>",
        "<img alt='' src='static:../medicaim/settings/base.py'>",
        "<img alt='' src='static:css/site.css'>",
        "<img alt='' src='data:image/png;base64,AAAA'>",
        "<p style='background: url(file:///etc/passwd)'>a</p>",
        "<link rel='attachment' href='file:///etc/passwd'>",
        "<object data='file:///etc/passwd'></object>",
    ],
)
def test_a_document_opens_nothing(markup, settings, tmp_path):
    """Neither the network nor a file, whatever a template says: a planted address ends the making of the document."""
    (tmp_path / "planted.html").write_text(
        '{% extends "pdf/base.html" %}{% block content %}' + markup + "{% endblock %}"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]

    with pytest.raises(FatalURLFetchingError):
        pdf.render_pdf("planted.html", {"title": "A paper"}, language="en")


def test_the_colours_on_paper_are_the_light_tokens():
    light = token_sets()["light"]
    said = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", CSS))

    assert said == {name: light[name] for name in said}
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", CSS.split("}", 1)[1]) == []


@pytest.mark.slow
def test_only_who_makes_a_document_pays_for_it():
    """A process that serves pages has not loaded what draws documents."""
    code = "import django; django.setup(); import medicaim.urls, sys; print('weasyprint' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=settings.BASE_DIR
    )

    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(("text", "side"), [("Tram 3", "ltr"), ("12، شارع", "rtl"), ("112", "ltr"), ("", "ltr")])
def test_what_a_person_wrote_begins_on_its_own_side(text, side):
    assert written_from(text) == side


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_the_gallery_shows_a_specimen(client, language):
    response = client.get(f"/{language}/dev/components/specimen.pdf")

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert len(read(response.content).pages) == 3
