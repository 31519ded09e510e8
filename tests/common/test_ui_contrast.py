"""The colours can be read: every pair of tokens that meets on a page is computed, in light, dark and e-mail."""

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = (Path(settings.BASE_DIR) / "static/css/site.css").read_text()
ADMIN_CSS = (Path(settings.BASE_DIR) / "static/css/admin.css").read_text()

AAA = 7.0
AA = 4.5
LARGE = 3.0

# (foreground, ground, least contrast)
PAIRS = [
    ("ink", "paper", AAA),
    ("ink", "sand", AAA),
    ("ink", "mist", AAA),
    ("ink-2", "paper", AAA),
    ("ink-2", "sand", AAA),
    ("ink-2", "mist", 5.5),
    ("petrol", "paper", AAA),
    ("petrol", "sand", AAA),
    ("petrol", "mist", AAA),
    ("petrol-2", "paper", AAA),
    ("petrol-2", "mist", AAA),
    ("on-action", "action", AAA),
    ("on-action", "action-hover", AAA),
    ("danger", "paper", AA),
    ("on-danger", "danger", AA),
    ("on-danger", "danger-hover", AA),
    ("coral-ink", "coral-ground", AAA),
    ("ink", "coral-ground", AAA),
    ("ok", "ok-ground", AA),
    ("ink", "ok-ground", AAA),
    ("amber", "amber-ground", AA),
    ("ink", "amber-ground", AAA),
    ("bad", "bad-ground", AA),
    ("ink", "bad-ground", AAA),
    ("bad", "paper", AA),
    ("bad", "sand", AA),
    ("line-control", "paper", LARGE),
    ("line-control", "sand", LARGE),
    ("coral", "paper", LARGE),
    ("focus", "sand", LARGE),
    ("focus", "paper", LARGE),
    ("focus", "focus-halo", LARGE),
    ("logo-line", "logo-ground", LARGE),
]


TOKEN = re.compile(r"--([\w-]+): (?:var\(--\1-more, )?light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)\)?;")
MORE = re.compile(r"--([\w-]+)-more: var\(--more\) var\(--([\w-]+)\);")


def token_sets() -> dict[str, dict[str, str]]:
    """The colours of each mode; with more contrast some take the value of another."""
    found = TOKEN.findall(CSS)
    modes = {
        "light": {name: light for name, light, _dark in found},
        "dark": {name: dark for name, _light, dark in found},
    }
    stronger = dict(MORE.findall(CSS))
    return modes | {
        f"{mode}, more": colours | {name: colours[other] for name, other in stronger.items()}
        for mode, colours in modes.items()
    }


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """By the formula of WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_gives_the_known_values():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", ["light", "dark", "light, more", "dark, more"])
@pytest.mark.parametrize(("foreground", "ground", "least"), PAIRS)
def test_every_pair_of_tokens_can_be_read(mode, foreground, ground, least):
    colours = token_sets()[mode]

    assert contrast(colours[foreground], colours[ground]) >= least


def test_dark_mode_replaces_every_colour_of_light_mode():
    modes = token_sets()
    light, dark = modes["light"], modes["dark"]

    assert {name for name in light if light[name] == dark[name]} == set()
    assert len(light) == len(re.findall(r"light-dark\(#", CSS))


def test_more_contrast_is_more():
    """With more contrast asked for, second text, lines and links stand out as much as the strongest ones."""
    modes = token_sets()

    for mode in ("light", "dark"):
        usual, more = modes[mode], modes[f"{mode}, more"]
        for name in ("ink-2", "line", "petrol"):
            assert contrast(more[name], more["paper"]) > contrast(usual[name], usual["paper"])


def test_colours_stand_only_in_tokens():
    after_tokens = CSS.split("@layer base {", 1)[1].split("@media print", 1)[0]

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", after_tokens) == []
