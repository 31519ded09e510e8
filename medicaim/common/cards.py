"""The picture that stands beside a shared link: drawn here, from a few words, in our own hand.

Pure: words in, PNG out. Letters come from the fonts of the system. Where none of them has the letters of a text, the
one that Pillow brings is tried; where that has them not either, the card shows the sign alone: never empty boxes.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, features

WIDTH, HEIGHT = 1200, 630
MARGIN = 90
SAND, PETROL, INK, INK_2, CORAL = "#faf7f1", "#0b5563", "#14252e", "#3f5661", "#e0785f"
#: File names of fonts as Debian and others install them, the best first.
SERIFS = ("NotoSerif-Bold.ttf", "DejaVuSerif-Bold.ttf", "LiberationSerif-Bold.ttf")
SANS = ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "LiberationSans-Regular.ttf")
ARABIC = ("NotoNaskhArabic-Bold.ttf", "NotoSansArabic-Bold.ttf", "NotoSansArabic-Regular.ttf", "DejaVuSans.ttf")

Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class CardText:
    """The words of a card: a title, what stands above it, and up to three short lines under it."""

    title: str
    above: str = ""
    lines: tuple[str, ...] = ()
    is_rtl: bool = False


@lru_cache(maxsize=64)
def draw_card(text: CardText) -> bytes:
    """The card as PNG. The last ones drawn are kept in memory; the same words give the same bytes."""
    image = Image.new("RGB", (WIDTH, HEIGHT), SAND)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 18), fill=PETROL)
    _sign(pen, WIDTH - MARGIN - 72 if text.is_rtl else MARGIN, 84, 72)
    column = _Column(pen, is_rtl=text.is_rtl)
    column.beside_sign("MEDICAIM")
    column.write(text.above, SANS, 34, INK_2, most=1)
    column.write(text.title, SERIFS, 62, INK, most=3)
    for line in text.lines[:3]:
        column.write(line, SANS, 34, INK_2, most=1)
    out = io.BytesIO()
    image.quantize(64, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _sign(pen: ImageDraw.ImageDraw, left: int, top: int, size: int) -> None:
    """Our mark: a wave that ends in a point, on a round ground."""
    unit = size / 32
    pen.ellipse((left, top, left + size, top + size), fill=PETROL)
    wave = [(6.5, 19), (8.6, 17.6), (11.5, 11), (14.4, 15), (17.3, 21.5), (20, 16.5), (22.6, 12)]
    points = [(left + x * unit, top + y * unit) for x, y in wave]
    pen.line(points, fill=SAND, width=round(2.4 * unit), joint="curve")
    x, y, radius = left + 25 * unit, top + 13.5 * unit, 2.2 * unit
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=CORAL)


class _Column:
    """Text from the top down, at the side where the language begins."""

    def __init__(self, pen: ImageDraw.ImageDraw, *, is_rtl: bool) -> None:
        self.pen, self.is_rtl, self.top = pen, is_rtl, 196

    def beside_sign(self, word: str) -> None:
        font = _font(word, SERIFS, 44)
        if font is not None:
            x = WIDTH - MARGIN - 96 if self.is_rtl else MARGIN + 96
            self.pen.text((x, 120), word, font=font, fill=PETROL, anchor="rm" if self.is_rtl else "lm")

    def write(self, words: str, names: Sequence[str], size: int, colour: str, *, most: int) -> None:
        font = _font(words, names, size) if words and self.top + size < HEIGHT - 60 else None
        if font is None:
            return
        x, anchor = (WIDTH - MARGIN, "ra") if self.is_rtl else (MARGIN, "la")
        for line in _wrap(words, font, most):
            self.pen.text((x, self.top), line, font=font, fill=colour, anchor=anchor)
            self.top += round(size * 1.3)
        self.top += round(size * 0.3)


def _wrap(words: str, font: Font, most: int) -> list[str]:
    """Lines that fit, at most so many; the last one says with three points that there was more."""
    room = WIDTH - 2 * MARGIN
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    shown = lines[:most]
    if len(lines) > most or font.getlength(shown[-1]) > room:
        last = shown[-1]
        while last and font.getlength(f"{last}…") > room:
            last = last[:-1]
        shown[-1] = f"{last.rstrip()}…"
    return shown


def _font(words: str, names: Sequence[str], size: int) -> Font | None:
    """The first font that has every letter of the words; None where there is none, or nobody joins the letters."""
    letters = frozenset(words) - {" "}
    is_joined = any("\u0590" <= letter <= "\u08ff" for letter in letters)
    if is_joined and not (features.check("raqm") and features.check("fribidi")):
        return None
    candidates = [*(ARABIC if is_joined else ()), *names]
    for name in candidates:
        font = _system_font(name, size)
        if font is not None and _has(font, letters):
            return font
    brought = ImageFont.load_default(size)
    return brought if isinstance(brought, Font) and _has(brought, letters) else None


@lru_cache(maxsize=32)
def _system_font(name: str, size: int) -> Font | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def _has(font: Font, letters: frozenset[str]) -> bool:
    """Whether the font draws each letter as something else than its sign for an unknown one."""
    unknown = bytes(font.getmask("\U0010fffe"))
    return all(bytes(font.getmask(letter)) != unknown for letter in letters)
