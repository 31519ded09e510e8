"""Parts of the design that show money, figures, files and ways: what a reader sees and what a screen reader hears."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from medicaim.common.money import Money
from medicaim.common.templatetags.ui import FILE_STATES, portrait_shapes
from tests.common.test_ui_contrast import contrast, token_sets
from tests.common.test_ui_tags import START, draw, words
from tests.support.html import assert_sound, parse, text_of

SVG = "{http://www.w3.org/2000/svg}"
COMPONENTS = Path(settings.BASE_DIR) / "templates/components"


def read(element) -> str:
    """The words of each part in their order, one blank between them."""
    return " ".join(" ".join(element.itertext()).split())


# --- Money and days


def test_money_says_to_whom_it_goes_and_where_it_waits():
    line = {"label": "Deposit", "amount": Money(30050, "EUR"), "to": "Clinique des Lilas", "where": "kept in trust"}

    assert (
        read(parse(draw("{% money_lines lines %}", lines=[line])))
        == "Deposit €300.50 to Clinique des Lilas kept in trust"
    )


def test_a_price_stands_line_by_line_with_the_total_of_one_payee():
    lines = [
        {"label": "Interpreter", "quantity": 2, "unit": Money(4500, "EUR"), "amount": Money(9000, "EUR")},
        {"label": "Transfer", "amount": Money(6050, "EUR"), "detail": "One way"},
    ]
    markup = draw(
        '{% price_lines lines total caption="MEDICAIM asks" note="VAT included." %}',
        lines=lines,
        total=Money(15050, "EUR"),
    )
    table = parse(markup).find(".//table")

    assert text_of(table.find("caption")) == "MEDICAIM asks"
    assert [read(row) for row in table.find("tbody")] == ["Interpreter 2 × €45 €90", "Transfer One way €60.50"]
    assert read(table.find("tfoot")) == "Total €150.50"
    assert "VAT included." in markup


@pytest.mark.parametrize(("language", "month", "weekday"), [("en", "Jan", "Wed"), ("fr", "janv.", "mer.")])
def test_a_leaf_shows_the_day_of_the_place_in_the_readers_language(language, month, weekday):
    with translation.override(language):
        leaf = parse(draw('{% date_leaf start "Pacific/Apia" %}', start=START)).find(".//span[@aria-hidden='true']")

    assert [text_of(part) for part in leaf] == [month, "13", weekday]


def test_a_leaf_is_of_the_next_day_where_the_place_is_a_day_ahead():
    late = START.replace(hour=18)

    assert "14" in words('{% date_leaf start "Pacific/Apia" %}', start=late)


# --- Figures


def test_bars_are_a_table_that_reads_without_them():
    rows = [("September", 12, "12 visits"), ("October", 31, "31 visits"), ("November", 0)]
    table = parse(draw('{% bar_chart "Visits" rows %}', rows=rows)).find(".//table")

    for cell in table.findall(".//td[@aria-hidden='true']"):
        cell.clear()
    assert read(table) == "Visits September 12 visits October 31 visits November 0"


def test_the_longest_bar_fills_its_cell_and_nothing_is_no_bar():
    rows = [("a", 10), ("b", 40), ("c", 0)]
    tree = parse(draw('{% bar_chart "Visits" rows %}', rows=rows))

    assert [bar.get("width") for bar in tree.findall(f".//{SVG}rect[@class='chart__fill']")] == ["25", "100", "0"]


def test_bars_of_nothing_at_all_are_drawn():
    assert "chart__fill" in draw('{% bar_chart "Visits" rows %}', rows=[("a", 0), ("b", 0)])
    assert "Visits" in draw('{% bar_chart "Visits" rows %}', rows=[])


def test_a_line_has_its_sentence_and_its_figures():
    markup = draw('{% line_chart "Visits" points "From 4 to 9." %}', points=[("June", 4), ("July", 9), ("August", 7)])
    tree = parse(markup)
    line = next(path.get("d") for path in tree.iter(f"{SVG}path") if path.get("class") == "chart__line")

    assert tree.find(f".//{SVG}svg").get("aria-label") == "From 4 to 9."
    assert line == "M0 55.5556L150 0L300 22.2222"
    assert [read(row) for row in tree.find(".//tbody")] == ["June 4", "July 9", "August 7"]


@pytest.mark.parametrize("points", [[("June", 4)], [("June", 0), ("July", 0)], [("June", -3), ("July", 3)]])
def test_a_line_of_one_point_of_zeros_and_below_zero_stays_on_its_field(points):
    tree = parse(draw('{% line_chart "Visits" points "x" %}', points=points))
    line = next(path.get("d") for path in tree.iter(f"{SVG}path") if path.get("class") == "chart__line")

    heights = [float(point.split()[1]) for point in line[1:].split("L")]
    assert all(0 <= height <= 100 for height in heights)


def test_a_line_without_points_is_not_drawn():
    assert draw('{% line_chart "Visits" points "x" %}', points=[]) == ""


def test_a_figure_is_a_term_with_its_value():
    tree = parse(draw('<dl class="stats">{% stat "Waiting" 3 detail="since Monday" url="/x/" trend=trend %}</dl>',
                      trend=[1, 2, 3]))  # fmt: skip

    assert text_of(tree.find(".//dt")) == "Waiting"
    assert [text_of(part) for part in tree.iter("dd")] == ["3", "since Monday", ""]
    assert tree.find(".//dt/a").get("href") == "/x/"


# --- Files, lists, choices


@pytest.mark.parametrize("state", list(FILE_STATES))
def test_a_file_says_its_state_in_a_word(state):
    file = {"name": "scan.tiff", "kind": "TIFF", "size": 9_400_000, "state": state}

    shown = read(parse(draw("{% file_list files %}", files=[file])))

    assert shown.startswith("scan.tiff TIFF · 9.0")
    assert str(FILE_STATES[state][0]) in shown


def test_a_file_on_its_way_shows_how_far_and_a_refused_one_why():
    files = [
        {"name": "a.zip", "size": 100, "state": "sending", "percent": 62},
        {"name": "b.mov", "size": 100, "state": "refused", "detail": "Films cannot be read."},
    ]
    tree = parse(draw('{% file_list files label="Documents" %}', files=files))

    bar = tree.find(".//progress")
    assert (bar.get("value"), bar.get("max"), bar.get("aria-label")) == ("62", "100", "a.zip")
    assert "Films cannot be read." in text_of(tree.findall(".//li")[1])
    assert len(tree.findall(".//progress")) == 1


def test_what_is_done_is_said_not_only_shown():
    items = [
        {"label": "Say who you are", "is_done": True},
        {"label": "Add a place", "url": "/x/", "detail": "Where?"},
    ]

    assert read(parse(draw("{% checklist items %}", items=items))) == "Say who you are (done) Add a place (open) Where?"


def test_one_of_a_few_is_a_group_of_radio_buttons():
    markup = draw('<form>{% segmented "Kind" "kind" options checked="b" %}</form>', options=[("a", "A"), ("b", "B")])
    tree = parse(markup)

    assert text_of(tree.find(".//legend")) == "Kind"
    assert [(i.get("value"), i.get("checked") is not None) for i in tree.iter("input")] == [("a", False), ("b", True)]


def test_ways_of_looking_say_which_one_is_shown():
    tree = parse(draw('{% segmented_links "View" links %}', links=[("?v=1", "Week", True), ("?v=2", "List", False)]))

    assert [link.get("aria-current") for link in tree.iter("a")] == ["true", None]


def test_the_rooms_of_a_workspace_say_where_one_is_and_what_waits():
    items = [
        {"label": "Overview", "url": "/a/", "is_current": True},
        {"label": "Requests", "url": "/b/", "count": 3},
    ]
    tree = parse(draw('{% side_nav items "Workspace" %}', items=items))

    assert tree.find(".//nav").get("aria-label") == "Workspace"
    assert [(text_of(a), a.get("aria-current")) for a in tree.iter("a")] == [("Overview", "page"), ("Requests 3", None)]


# --- What happens, what waits


def test_a_dialog_is_reached_by_a_link_where_no_script_runs():
    markup = draw('{% dialog_link "fees" "Fees" %}{% dialog "fees" "If you cancel" %}<p>Half.</p>{% enddialog %}')
    tree = parse(markup)
    dialog = tree.find(".//dialog")

    assert tree.find(".//a").get("href") == "#fees"
    assert dialog.get("id") == "fees"
    assert text_of(tree.find(f".//h2[@id='{dialog.get('aria-labelledby')}']")) == "If you cancel"
    assert "open" not in dialog.attrib


@pytest.mark.parametrize(
    ("level", "kind"), [("success", "ok"), ("error", "bad"), ("warning", "warning"), ("info", "info")]
)
def test_a_message_is_a_toast_of_its_kind(level, kind):
    assert f"notice--{kind} toast" in draw('{% toast "Kept." level %}', level=level)


@pytest.mark.parametrize(("kind", "art"), [("", "door"), ("waiting", "clock"), ("failed", "bridge")])
def test_a_part_with_nothing_to_show_has_the_picture_of_its_state(kind, art):
    markup = draw('{% empty title="Nothing" kind=kind %}<p>x</p>{% endempty %}', kind=kind)

    assert draw("{% art name %}", name=art).strip() in markup
    assert "<svg" not in draw('{% empty title="Nothing" kind=kind art="none" %}x{% endempty %}', kind=kind)


def test_what_comes_in_a_moment_is_said_and_can_wait_for_htmx():
    tree = parse(draw('{% skeleton lines=4 indicator=True id="wait" %}'))
    box = tree.find(".//div[@id='wait']")

    assert (box.get("role"), text_of(box)) == ("status", "Just a moment…")
    assert "htmx-indicator" in box.get("class")
    assert len(box.findall("div")) == 4


def test_a_card_may_say_what_it_is_over_its_heading():
    markup = draw('{% card title="Answer" kind="now" eyebrow="Your next step" %}<p>x</p>{% endcard %}')

    assert read(parse(markup)) == "Your next step Answer x"
    assert "eyebrow--now" in markup


# --- Portraits


def test_a_portrait_is_the_same_for_the_same_id_and_others_differ():
    drawn = [draw('{% portrait "Ana Costa" seed=seed %}', seed=f"prv_{number}") for number in range(40)]

    assert drawn == [draw('{% portrait "Ana Costa" seed=seed %}', seed=f"prv_{number}") for number in range(40)]
    assert len(set(drawn)) > 35
    assert all(text_of(parse(one)) == "AC" for one in drawn)


def test_the_shapes_of_a_portrait_stay_small_and_finite():
    for number in range(256):
        shapes = portrait_shapes(bytes([number, 255 - number, number * 7 % 256, number * 13 % 256]))
        assert 1 <= len(shapes) <= 2
        assert all(re.fullmatch(r"[MCSVHahczl0-9. -]+", shape, re.IGNORECASE) for shape in shapes)


@pytest.mark.parametrize("mode", ["light", "dark", "light, more", "dark, more"])
def test_the_initials_can_be_read_on_the_shapes(mode):
    """AA for the small portrait too: the letters on their ground, and on a shape that is 13 % of their colour."""
    css = (Path(settings.BASE_DIR) / "static/css/site.css").read_text()
    colours = token_sets()[mode]
    share = float(re.search(r"\.portrait__shape \{\s+fill: currentColor;\s+opacity: ([\d.]+);", css).group(1))
    pairs = re.findall(r"--portrait-ground: var\(--([\w-]+)\);\s+--portrait-ink: var\(--([\w-]+)\);", css)

    assert len(pairs) == 4
    for ground, ink in pairs:
        mixed = "#" + "".join(
            f"{round(int(colours[ground][i : i + 2], 16) * (1 - share) + int(colours[ink][i : i + 2], 16) * share):02x}"
            for i in (1, 3, 5)
        )
        assert contrast(colours[ink], mixed) >= 4.5, (ground, ink)


# --- The whole set


@pytest.mark.parametrize("picture", sorted(path.stem for path in (COMPONENTS / "art").glob("*.html")))
def test_pictures_are_drawn_with_tokens_and_say_nothing_to_a_screen_reader(picture):
    markup = Template("{% art name %}").render(Context({"name": picture}))

    assert_sound(markup)
    assert parse(markup).find(f".//{SVG}svg").get("aria-hidden") == "true"
    assert "fill=" not in markup
    assert "#" not in re.sub(r"url\(#[\w-]+\)", "", markup)


def test_every_component_says_its_options_in_its_opening_comment():
    for path in COMPONENTS.rglob("*.html"):
        text = path.read_text()
        assert text.startswith("{% comment %}"), path
        assert "{% endcomment %}" in text, path


@pytest.mark.django_db
def test_every_component_stands_in_the_gallery(client):
    """Each template of templates/components is drawn on the gallery's page."""
    from django.test.signals import template_rendered

    drawn: set[str] = set()

    def note(template, **_kwargs):
        drawn.add(template.name)

    template_rendered.connect(note)
    try:
        client.get("/en/dev/components/")
    finally:
        template_rendered.disconnect(note)

    wanted = {str(path.relative_to(COMPONENTS.parent)) for path in COMPONENTS.rglob("*.html")}
    assert wanted - drawn == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "attributes"),
    [
        ("", {"dir": "ltr"}),
        ("?dir=rtl&mode=dark&contrast=more", {"dir": "rtl", "data-mode": "dark", "data-contrast": "more"}),
        ('?dir="><b>&mode=pink', {"dir": "ltr"}),
    ],
)
def test_the_gallery_shows_each_direction_and_mode(client, query, attributes):
    response = client.get(f"/en/dev/components/{query}")
    html = parse(response.text)

    assert_sound(response.text)
    assert {name: value for name, value in html.attrib.items() if name != "lang"} == attributes


def test_style_sheets_know_no_left_and_no_right():
    """Logical properties only: the same rules serve a script that runs from right to left."""
    physical = re.compile(
        r"(?<![\w-])(?:(?:margin|padding|border|inset)-(?:left|right|top|bottom)|left|right|top|bottom)\s*:"
        r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
        r"|(?:margin|padding):(?:\s+[^\s;()]+(?:\([^)]*\))?){4};"
    )
    for path in (Path(settings.BASE_DIR) / "static/css").glob("*.css"):
        assert physical.findall(path.read_text()) == [], path.name
