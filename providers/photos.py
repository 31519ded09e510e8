"""A stranger's picture becomes ours: decoded, bounded, encoded anew."""

import io
import warnings
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from providers.errors import PhotoRefused

MAX_BYTES = 6 * 1000 * 1000
MAX_PIXELS = 50_000_000
SIZE = 800
FORMATS = ("JPEG", "PNG", "WEBP")
#: Squares for faces beside names, for screens of one to three dots a pixel; and their formats, the smallest first.
RENDITION_SIZES = (160, 320)
RENDITION_FORMATS = ("avif", "webp")
QUALITY = {"avif": 60, "webp": 80}


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as we keep it: whole, and in renditions by what their file names end with ("-160.avif")."""

    whole: bytes
    renditions: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class PortraitPhoto:
    """Where a browser finds the renditions: (type, srcset) of each format, and one that every browser shows."""

    url: str
    sources: tuple[tuple[str, str], ...]


def rendition_suffixes() -> list[str]:
    return [f"-{size}.{kind}" for kind in RENDITION_FORMATS for size in RENDITION_SIZES]


def file_names(name: str) -> list[str]:
    """All files of the photo whose whole picture is kept under this name."""
    return [name, *(name.removesuffix(".webp") + suffix for suffix in rendition_suffixes())]


def prepare_photo(content: bytes) -> Photo:
    """WebP of at most 800 x 800 pixels with nothing but the picture in it: no place, no camera, no profile.

    Raises PhotoRefused with a sentence for the person who chose the file.
    """
    if len(content) > MAX_BYTES:
        raise PhotoRefused(_("This picture is too large. It may have 6 MB at most."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as probe:
                if probe.width * probe.height > MAX_PIXELS:
                    raise PhotoRefused(_("This picture has too many pixels. Please choose a smaller one."))
                probe.verify()
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                picture.draft("RGB", (SIZE * 2, SIZE * 2))
                upright = ImageOps.exif_transpose(picture)
                flat = Image.new("RGB", upright.size, "white")
                layered = upright.convert("RGBA")
                flat.paste(layered, mask=layered.getchannel("A"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhotoRefused from error
    if min(flat.size) < 100:
        raise PhotoRefused(_("This picture is too small. It needs at least 100 pixels each way."))
    renditions = {
        f"-{size}.{kind}": _rendition(flat, size, kind) for size in RENDITION_SIZES for kind in RENDITION_FORMATS
    }
    flat.thumbnail((SIZE, SIZE))
    return Photo(_encoded(flat, "webp", 85), renditions)


def rendition_of(whole: bytes, suffix: str) -> bytes:
    """The rendition that a whole picture of ours would have been kept with, made once more."""
    size, _dot, kind = suffix.lstrip("-").partition(".")
    with Image.open(io.BytesIO(whole), formats=FORMATS) as picture:
        return _rendition(picture.convert("RGB"), int(size), kind)


def _rendition(picture: Image.Image, size: int, kind: str) -> bytes:
    """A square; a face stands rather in the upper half."""
    return _encoded(ImageOps.fit(picture, (size, size), centering=(0.5, 0.4)), kind, QUALITY[kind])


def _encoded(picture: Image.Image, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind.upper(), quality=quality)
    return out.getvalue()
