"""A stranger's picture becomes ours: decoded, bounded, encoded anew."""

import io
import warnings

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from providers.errors import PhotoRefused

MAX_BYTES = 6 * 1000 * 1000
MAX_PIXELS = 50_000_000
SIZE = 800
FORMATS = ("JPEG", "PNG", "WEBP")


def prepare_photo(content: bytes) -> bytes:
    """A WebP of at most 800 x 800 pixels with nothing but the picture in it: no place, no camera, no profile.

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
    flat.thumbnail((SIZE, SIZE))
    out = io.BytesIO()
    flat.save(out, "WEBP", quality=85)
    return out.getvalue()
