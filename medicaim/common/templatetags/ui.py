"""Template tags of the design: available in every template without loading.

Each tag that draws something renders one file of `templates/components/`; the options are in that file's opening
comment. `docs/design.md` lists them all, and `/dev/components/` shows them in development.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit

from babel.numbers import format_decimal
from django import forms, template
from django.template import Context, Engine
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from medicaim.common import times
from medicaim.common.money import Money, format_money

register = template.Library()

#: From one time of day to another.
STRETCH = re.compile(r"(\d\d:\d\d–\d\d:\d\d)")

NOTICE_SIGNS = {"info": "i", "ok": "✓", "warning": "!", "bad": "✕", "now": "!"}

STATE_TONES = {
    # waiting for somebody
    "requested": "wait", "proposed": "wait", "pending": "wait", "open": "wait", "queued": "wait", "sending": "wait",
    "in_review": "wait", "submitted": "wait", "accepted": "wait",
    # good
    "confirmed": "ok", "completed": "ok", "approved": "ok", "published": "ok", "sent": "ok", "checked": "ok",
    "verified": "ok", "active": "ok", "delivered": "ok", "waived": "ok",
    # bad
    "declined": "bad", "rejected": "bad", "failed": "bad", "dead": "bad", "no_show": "bad", "uncertain": "bad",
    "refused": "bad",
    # over, or not yet
    "expired": "quiet", "withdrawn": "quiet", "cancelled": "quiet", "draft": "quiet", "hidden": "quiet",
    "ended": "quiet", "declared": "quiet",
}  # fmt: skip
TONE_SIGNS = {"wait": "…", "ok": "✓", "bad": "✕", "quiet": "–", "info": "i", "now": "!"}

#: Pictures that go with a part that has nothing to show, by its kind.
EMPTY_ART = {"": "door", "waiting": "clock", "failed": "bridge"}
TOAST_KINDS = {"success": "ok", "error": "bad", "debug": "info"}
FILE_STATES = {
    "waiting": (gettext_lazy("Waiting"), "quiet"),
    "sending": (gettext_lazy("On its way"), "wait"),
    "checking": (gettext_lazy("Being checked"), "wait"),
    "ready": (gettext_lazy("Arrived"), "ok"),
    "refused": (gettext_lazy("Refused"), "bad"),
}

#: How wide each size of a portrait is on a page.
PORTRAIT_PIXELS = {"": 68, "small": 47, "large": 111}
PORTRAIT_COLOURS = 4


def _draw(name: str, values: dict[str, Any]) -> SafeString:
    return mark_safe(Engine.get_default().get_template(f"components/{name}.html").render(Context(values)))


# --- Boxes ----------------------------------------------------------------------------------------


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    level: int = 2,
    kind: str = "",
    id: str = "",  # noqa: A002
    eyebrow: str = "",
) -> SafeString:
    """`{% card title=… level=2 kind="now" %}…{% endcard %}`: a white sheet with an optional heading."""
    values = {"content": content, "title": title, "level": level, "kind": kind, "id": id, "eyebrow": eyebrow}
    return _draw("card", values)


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "", alert: bool = False) -> SafeString:
    """`{% notice kind="warning" title=… %}…{% endnotice %}`: something to know, with a sign and a word."""
    values = {"content": content, "kind": kind, "title": title, "alert": alert, "sign": NOTICE_SIGNS[kind]}
    return _draw("notice", values)


@register.simple_block_tag
def empty(content: str, title: str = "", level: int = 2, kind: str = "", art: str = "") -> SafeString:
    """`{% empty title=… kind="waiting" %}what to do instead{% endempty %}`: nothing here (yet), and the way out."""
    name = art or EMPTY_ART[kind]
    picture = "" if name == "none" else _draw(f"art/{name}", {})
    return _draw("empty", {"content": content, "title": title, "level": level, "kind": kind, "picture": picture})


@register.simple_block_tag
def disclosure(content: str, summary: str, is_open: bool = False, kind: str = "") -> SafeString:
    """`{% disclosure summary=… %}…{% enddisclosure %}`: details on demand, without JavaScript."""
    return _draw("disclosure", {"content": content, "summary": summary, "is_open": is_open, "kind": kind})


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:  # noqa: A002
    """`{% dialog "fees" "Cancellation fees" %}…{% enddialog %}`: over the page; in it without JavaScript."""
    return _draw("dialog", {"content": content, "id": id, "title": title})


@register.simple_tag
def dialog_link(id: str, label: str, kind: str = "plain") -> SafeString:  # noqa: A002
    """Opens the dialog of that id."""
    return _draw("dialog_link", {"id": id, "label": label, "kind": kind})


@register.simple_tag
def toast(text: object, kind: str = "ok") -> SafeString:
    """What has just happened; `kind` may be the level of one of Django's messages."""
    kind = TOAST_KINDS.get(kind, kind)
    return _draw("toast", {"text": text, "kind": kind, "sign": NOTICE_SIGNS[kind]})


@register.simple_tag
def skeleton(lines: int = 3, kind: str = "", indicator: bool = False, id: str = "") -> SafeString:  # noqa: A002
    """The shape of what comes in a moment."""
    return _draw("skeleton", {"lines": range(lines), "kind": kind, "indicator": indicator, "id": id})


@register.simple_tag
def art(name: str) -> SafeString:
    """`{% art "home" %}`: a picture of our own from `components/art`, drawn with the tokens; decorative."""
    return _draw(f"art/{name}", {})


# --- Buttons --------------------------------------------------------------------------------------


@register.simple_tag
def button_link(url: str, label: str, kind: str = "primary", about: str = "") -> SafeString:
    """A link that looks like a button. `about` tells a screen reader what it is about ("Change: knee surgery")."""
    return _draw("button_link", {"url": url, "label": label, "kind": kind, "about": about})


@register.simple_tag
def submit_button(label: str, kind: str = "primary", name: str = "", value: str = "", about: str = "") -> SafeString:
    """The button that sends the form around it."""
    return _draw("submit_button", {"label": label, "kind": kind, "name": name, "value": value, "about": about})


@register.simple_tag(takes_context=True)
def post_button(
    context: Context,
    url: str,
    label: str,
    kind: str = "primary",
    next: str = "",  # noqa: A002
    confirm: str = "",
    about: str = "",
    **hidden: object,
) -> SafeString:
    """A form of one button. `confirm` first unfolds that sentence; other named values become hidden fields."""
    fields = {name: str(value) for name, value in hidden.items()}
    if next:
        fields["next"] = next
    values = {"url": url, "label": label, "kind": kind, "hidden": fields, "confirm": confirm, "about": about}
    return _draw("post_button", {**values, "csrf_token": context.get("csrf_token", "")})


# --- Words and signs ------------------------------------------------------------------------------


@register.simple_tag
def state_badge(state: object, label: str = "", tone: str = "") -> SafeString:
    """A state as a sign and a word; the label of a TextChoices member is its own."""
    if not label:
        label = str(getattr(state, "label", state))
    return badge(label, tone or STATE_TONES.get(str(getattr(state, "value", state)), "quiet"))


@register.simple_tag
def badge(label: str, tone: str = "quiet") -> SafeString:
    """A short mark; tone is one of wait, ok, bad, quiet, info, now."""
    return _draw("badge", {"label": label, "tone": tone, "sign": TONE_SIGNS[tone]})


def initials_of(name: str) -> str:
    """Up to two letters for a portrait: titles and particles do not count."""
    words = [word for word in str(name).replace("-", " ").split() if word[:1].isalpha()]
    words = [word for word in words if word.rstrip(".").lower() not in {"dr", "pr", "prof", "mr", "mrs", "ms", "mme"}]
    proper = [word for word in words if word[0].isupper()] or words
    if not proper:
        return "?"
    return (proper[0][0] + (proper[-1][0] if len(proper) > 1 else "")).upper()


@register.filter
def initials(name: str) -> str:
    return initials_of(name)


def portrait_shapes(seed: bytes) -> list[str]:
    """One or two quiet shapes on a field of 96 by 96, always the same for the same seed; none covers another."""
    kind, tall, wide, lean = seed[0] % 4, seed[1] % 13, seed[2] % 25, seed[3] % 41
    if kind == 0:  # a sun over land
        top, sun = 66 + tall, 8 + tall // 2
        land = f"M0 {top}C{20 + wide} {top - 22} {52 + wide} {top + 20} 96 {top - 12}V96H0z"
        return [land, f"M{18 + lean} 16a{sun} {sun} 0 1 1 .1 0z"]
    if kind == 1:  # two doors
        return [f"M{8 + tall} 96V{44 + tall}a14 14 0 0 1 28 0V96z", f"M{52 + tall} 96V{30 + tall}a14 14 0 0 1 28 0V96z"]
    if kind == 2:  # a path that winds away
        middle, end = 38 + wide, 56 + tall
        way = f"M{lean} 96C{lean} 66 {end} 66 {middle - 8} 40S{end - 30} 14 {end} 0"
        return [f"{way}h16c-6 18 8 26 4 44S{lean + 36} 74 {lean + 34} 96z"]
    left = 18 + lean  # a leaf
    return [f"M{left} 92C{left - 30} 60 {left - 6} 20 {left + 34} 8c10 36-4 72-34 84z"]


@register.simple_tag
def portrait(name: str, photo: Any = None, size: str = "", seed: object = "") -> SafeString:
    """A picture of a person or a house: the photo (with `url` and `sources`, as a provider's `portrait_photo`), else
    the initials on a drawing made of the seed (a public id).

    Decorative: the name stands beside it. `size` is "", "small" or "large".
    """
    numbers = hashlib.sha256(str(seed or name).encode()).digest()
    values = {"initials": initials_of(name), "photo": photo, "size": size, "pixels": PORTRAIT_PIXELS[size]}
    return _draw(
        "portrait", {**values, "colour": numbers[4] % PORTRAIT_COLOURS + 1, "shapes": portrait_shapes(numbers)}
    )


# --- Time and money -------------------------------------------------------------------------------


def _reader_zone(context: Context, place_zone: tzinfo | str | None) -> tzinfo:
    """The reader's zone; the place's where nothing is known of the reader, so that no wrong second time stands."""
    if context.get("reader_zone"):
        return context["reader_zone"]
    request = context.get("request")
    zone = getattr(request, "reader_zone", None) or times.as_zone(None)
    if request is not None and str(zone) == "UTC" and not request.COOKIES.get("tz"):
        return times.as_zone(place_zone)
    return zone


def both_times_words(
    context: Context, instant: datetime, zone: tzinfo | str | None, style: str = "full", end: datetime | None = None
) -> times.BothTimes:
    """The words of one instant for a template's reader: for every tag that draws two clocks."""
    return times.both_times(instant, zone, _reader_zone(context, zone), style=style, end=end)


@register.simple_tag(takes_context=True)
def both_times(
    context: Context, instant: datetime, zone: tzinfo | str | None, style: str = "full", end: datetime | None = None
) -> SafeString:
    """The place's time with its zone, then the reader's where the clocks differ. Style: full, long, medium, short."""
    words = both_times_words(context, instant, zone, style, end)
    return _draw("both_times", {"words": words, "instant": instant.isoformat(timespec="seconds")})


@register.simple_tag(takes_context=True)
def both_times_text(context: Context, instant: datetime, zone: tzinfo | str | None, style: str = "full") -> str:
    """The same in one line of plain text, for messages."""
    return times.both_times_text(instant, zone, _reader_zone(context, zone), style=style)


@register.filter
def unbroken(text: str) -> SafeString:
    """Words in which a stretch of time stays on one line: "13 January 2027, 09:30–10:00"."""
    return mark_safe(STRETCH.sub(r'<span class="nowrap">\1</span>', conditional_escape(text)))


@register.filter
def local_time(instant: datetime, zone: tzinfo | str | None = None) -> SafeString:
    """`{{ instant|local_time:place.time_zone }}`: date and time there; in the reader's zone without an argument."""
    words = times.instant_words(instant, zone)
    return format_html('<time datetime="{}">{}</time>', instant.isoformat(timespec="seconds"), words)


@register.filter
def local_clock(instant: datetime, zone: tzinfo | str | None = None) -> str:
    """`{{ instant|local_clock:zone }}`: only the time of day."""
    return times.clock(instant, zone)


@register.filter
def local_day(instant: datetime, zone: tzinfo | str | None = None) -> str:
    """`{{ instant|local_day:zone }}`: only the date, in full."""
    return times.date_words(instant.astimezone(times.as_zone(zone)).date())


@register.filter
def date_words(day: date, style: str = "full") -> str:
    """`{{ day|date_words:"short" }}`: full, long, medium, short, weekday or month."""
    return times.date_words(day, style)


@register.filter
def until_day(first: date, last: date) -> str:
    """`{{ first|until_day:last }}`: "23–29 Nov 2026"."""
    return times.days_words(first, last)


@register.filter
def weekday_name(iso_weekday: int) -> str:
    return times.weekday_name(iso_weekday)


@register.filter
def zone_words(zone: tzinfo | str, instant: datetime) -> str:
    """`{{ place.time_zone|zone_words:start }}`: "Paris time, UTC+1"."""
    return times.zone_words(instant, zone)


@register.filter(name="money")
def money_filter(money: Money) -> str:
    return format_money(money)


@register.simple_tag(name="money")
def money_tag(minor: int, currency: str) -> SafeString:
    """`{% money 9000 "EUR" %}`: "€90", in figures that stand under each other."""
    return format_html('<span class="amount">{}</span>', format_money(Money(minor, currency)))


@register.filter
def isolate(text: object) -> str:
    """For plain text: an address or a number keeps its own direction where the words around run from right to left."""
    return f"\u2068{text}\u2069" if get_language_bidi() else str(text)


@register.simple_tag
def date_leaf(instant: datetime, zone: tzinfo | str | None) -> SafeString:
    """The day at the place as a leaf of a calendar; the full words stand beside it."""
    day = instant.astimezone(times.as_zone(zone)).date()
    locale = times.cldr_locale()
    values = {
        "month": locale.months["stand-alone"]["abbreviated"][day.month],
        "day": format_decimal(day.day, locale=locale),
        "weekday": locale.days["stand-alone"]["abbreviated"][day.weekday()],
    }
    return _draw("date_leaf", values)


@register.simple_tag
def money_lines(lines: object) -> SafeString:
    """How much, what for, to whom it goes and where it waits: dicts with label, amount, to; optional where, badge."""
    return _draw("money_lines", {"lines": lines})


@register.simple_tag
def price_lines(lines: object, total: Money, caption: str = "", total_label: str = "", note: str = "") -> SafeString:
    """What something costs, line by line, with the total of one payee."""
    values = {"lines": lines, "total": total, "caption": caption, "total_label": total_label, "note": note}
    return _draw("price_lines", values)


# --- Figures --------------------------------------------------------------------------------------


def _line_through(values: Sequence[float], width: float, height: float) -> str:
    """A line through the values from the first to the last, zero at the bottom unless something lies below it."""
    low, high = min(0, *values), max(values)
    reach = (high - low) or 1
    step = width / max(len(values) - 1, 1)
    points = [f"{index * step:g} {height - (value - low) / reach * height:g}" for index, value in enumerate(values)]
    return "M" + "L".join(points)


@register.simple_tag
def stat(
    label: str, value: object, detail: str = "", url: str = "", trend: Iterable[float] | None = None
) -> SafeString:
    """One figure, inside `<dl class="stats">`; `trend` is a row of earlier values, drawn as a line."""
    line = _line_through(list(trend), 100, 30) if trend else ""
    return _draw("stat", {"label": label, "value": value, "detail": detail, "url": url, "line": line})


def _rows_of(points: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "value": value,
            "words": words[0] if words else format_decimal(value, locale=times.cldr_locale()),
        }
        for label, value, *words in points
    ]


@register.simple_tag
def bar_chart(caption: str, rows: Iterable[Sequence[Any]]) -> SafeString:
    """Amounts side by side: rows of (label, number, words)."""
    found = _rows_of(rows)
    highest = max((row["value"] for row in found), default=0) or 1
    for row in found:
        row["width"] = f"{100 * row['value'] / highest:.4g}"
    return _draw("bar_chart", {"caption": caption, "rows": found})


@register.simple_tag
def line_chart(caption: str, points: Iterable[Sequence[Any]], summary: str) -> SafeString:
    """How something went over time: points of (label, number, words), and the same in one sentence."""
    rows = _rows_of(points)
    if not rows:
        return mark_safe("")
    line = _line_through([row["value"] for row in rows], 300, 100)
    values = {"caption": caption, "rows": rows, "first": rows[0], "last": rows[-1], "summary": summary}
    return _draw("line_chart", {**values, "line": line, "area": f"{line}V100H0z"})


# --- Finding one's way ----------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def language_url(context: Context, language: str) -> str:
    """The address of the same page in another language, with its query."""
    request = context.get("request")
    if request is None:
        return f"/{language}/"
    here = request.get_full_path()
    there = translate_url(here, language)
    if there == here and urlsplit(here).path.split("/")[1:2] != [language]:
        return f"/{language}/"
    return there


@register.simple_tag
def url_if_any(name: str, *args: object) -> str:
    """The address of a page that this installation may not have, or ""."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def pager(context: Context, page_obj: Any, label: str = "") -> SafeString:
    """Links to the other pages of a list; every other word of the address stays."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None

    def href(number: int) -> str:
        if query is None:
            return f"?page={number}"
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    pages = [
        {"number": number, "href": href(number) if isinstance(number, int) else ""}
        for number in page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    ]
    values = {
        "page_obj": page_obj,
        "pages": pages,
        "previous": href(page_obj.number - 1) if page_obj.has_previous() else "",
        "next": href(page_obj.number + 1) if page_obj.has_next() else "",
        "label": label or _("Pages"),
    }
    return _draw("pager", values)


@register.simple_tag
def steps(current: int, total: int, labels: object = "") -> SafeString:
    """Where one stands in a task of several pages. `labels` is a list, or words separated by "|"."""
    names = labels.split("|") if isinstance(labels, str) else list(labels)  # type: ignore[call-overload]
    items = [
        {"number": number, "label": names[number - 1] if number <= len(names) else "", "done": number < current}
        for number in range(1, total + 1)
    ]
    return _draw("steps", {"items": items, "current": current, "total": total})


@register.simple_tag
def breadcrumbs(*links: str, way: Sequence[tuple[str, str]] = ()) -> SafeString:
    """`{% breadcrumbs url label url label … %}`: the way back up; the page itself is not in it.

    `{% breadcrumbs way=steps %}` takes the steps of `structured.breadcrumb_list`: (label, url) each.
    """
    pairs = [{"url": url, "label": label} for url, label in zip(links[::2], links[1::2], strict=True)]
    pairs += [{"url": url, "label": label} for label, url in way]
    return _draw("breadcrumbs", {"links": pairs})


@register.simple_tag
def timeline(entries: object, label: str = "") -> SafeString:
    """What happened and what comes: dicts with title, and optionally state (done, now, next), detail, time."""
    return _draw("timeline", {"entries": entries, "label": label})


@register.simple_tag
def checklist(items: object, label: str = "") -> SafeString:
    """What is done and what remains: items with label and is_done, and optionally url and detail."""
    return _draw("checklist", {"items": items, "label": label})


@register.simple_tag
def side_nav(items: object, label: str) -> SafeString:
    """The rooms of a workspace: items with label, url and is_current, and optionally count."""
    return _draw("side_nav", {"items": items, "label": label})


@register.simple_tag
def segmented(legend: str, name: str, options: object, checked: str = "") -> SafeString:
    """One of a few, all in sight, as radio buttons: options of (value, label)."""
    return _draw("segmented", {"legend": legend, "name": name, "options": options, "checked": checked})


@register.simple_tag
def segmented_links(label: str, links: object) -> SafeString:
    """Ways of looking at one page: links of (url, label, is_current)."""
    return _draw("segmented_links", {"label": label, "links": links})


@register.simple_tag
def file_list(files: Iterable[dict[str, Any]], label: str = "") -> SafeString:
    """Files on their way and files that are there; each with a state of FILE_STATES."""
    drawn = []
    for file in files:
        words, tone = FILE_STATES[file["state"]]
        drawn.append({**file, "badge": badge(str(words), tone)})
    return _draw("file_list", {"files": drawn, "label": label})


@register.simple_tag
def slot_radios(groups: object, name: str = "slot", checked: str = "", error: str = "") -> SafeString:
    """Free times as radio buttons under their day: groups of (day heading, [(token, label, reader's label)])."""
    return _draw("slot_radios", {"groups": groups, "name": name, "checked": checked, "error": error})


@register.simple_tag
def filter_group(legend: str, name: str, options: object, kind: str = "checkbox") -> SafeString:
    """One filter of a search: options of (value, label, count or None, checked)."""
    return _draw("filter_group", {"legend": legend, "name": name, "options": options, "kind": kind})


@register.simple_tag
def progress(value: int, maximum: int, label: str) -> SafeString:
    """How far something is, as a bar and in words."""
    return _draw("progress", {"value": value, "maximum": maximum, "label": label})


# --- Forms ----------------------------------------------------------------------------------------


def _control_id(bound: forms.BoundField) -> str:
    """The id of the first control of a field: what an error's link leads to."""
    if bound.use_fieldset:
        parts = bound.subwidgets
        widgets = parts[0].data.get("subwidgets") if len(parts) == 1 else None
        if widgets:
            return str(widgets[0]["attrs"].get("id", bound.auto_id))
        return str(parts[0].id_for_label) if parts else str(bound.auto_id)
    return str(bound.id_for_label or bound.auto_id)


def errors_of(*parts: Any) -> list[dict[str, str]]:
    """Every error of some forms and formsets, each with the control to go to."""
    found: list[dict[str, str]] = []
    colon = pgettext("between the name of a field and what is wrong with it", ": ")
    for part in parts:
        if not part:
            continue
        if hasattr(part, "non_form_errors"):
            found += [{"message": str(message), "href": ""} for message in part.non_form_errors()]
            found += errors_of(*part.forms)
        elif part.is_bound:
            found += [{"message": str(message), "href": ""} for message in part.non_field_errors()]
            for bound in part:
                href = "" if bound.is_hidden else f"#{_control_id(bound)}"
                # What a box says is a sentence, and so is what is wrong with it.
                before = "" if is_checkbox(bound) else str(bound.label).rstrip(".:?") + colon
                found += [{"message": f"{before}{message}", "href": href} for message in bound.errors]
    return found


@register.simple_tag
def error_summary(*parts: Any) -> SafeString:
    """What went wrong in these forms and formsets, on top of the page, with links to the fields."""
    found = errors_of(*parts)
    if not found:
        return mark_safe("")
    fields = [field for part in parts if part for field in getattr(part, "fields", {}).values()]
    has_password = any(isinstance(field.widget, forms.PasswordInput) for field in fields)
    return _draw("error_summary", {"errors": found, "has_password": has_password})


@register.simple_tag(takes_context=True)
def form_page(
    context: Context,
    form: Any,
    submit: str,
    action: str = "",
    kind: str = "primary",
    cancel: str = "",
    next: str = "",  # noqa: A002
    method: str = "post",
) -> SafeString:
    """A whole form: CSRF token, error summary, fields, button. `cancel` is the address of the way back."""
    values = {"form": form, "submit": submit, "action": action, "kind": kind, "cancel": cancel, "next": next}
    return _draw("form_body", {**values, "method": method, "csrf_token": context.get("csrf_token", "")})


@register.filter
def is_checkbox(bound: forms.BoundField) -> bool:
    return isinstance(bound.field.widget, forms.CheckboxInput)


@register.filter
def says_optional(bound: forms.BoundField) -> bool:
    """Whether a field says that it may stay empty. A box may, unless another of the form has to be ticked."""
    if bound.field.required:
        return False
    return not is_checkbox(bound) or any(is_checkbox(other) and other.field.required for other in bound.form)


@register.filter
def is_honeypot(bound: forms.BoundField) -> bool:
    return bool(getattr(bound.field, "is_honeypot", False))
