"""What may be a picture, told by its content alone, and made anew: no name, no metadata, no second meaning.

Nothing of the bytes that came is kept: a file that is a picture and something else besides is only a picture
afterwards, and where it was taken (EXIF, GPS) is gone.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

from guicang.kernel.refusal import Refusal, Refused
from guicang.returns import errors

#: What phones and browsers send. Decoders of other formats are not even tried.
FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPE = "image/jpeg"
MEGABYTES, MEGAPIXELS = 10, 40
#: Longest sides of what is kept, in pixels: enough to see a scratch; enough to choose by.
WHOLE, SMALL = 2000, 240
_MEGA = 1_000_000
_QUALITY = 85
#: One picture at a time and process: decoding the largest takes 300 MB for a moment.
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class Picture:
    """JPEG bytes, whole and small, in sRGB and the right way up; the size is that of the whole one."""

    whole: bytes
    small: bytes
    width: int
    height: int


def too_heavy(size: int) -> list[Refusal]:
    """A finding where that many bytes are more than a picture may have: whoever reads a file asks first."""
    if size <= MEGABYTES * 1024 * 1024:
        return []
    return [errors.PictureTooBig(megabytes=MEGABYTES, megapixels=MEGAPIXELS)]


def check_picture(data: bytes) -> Picture:
    """The picture in `data`. Raises Refused: NotAPicture, PictureMoves, PictureTooBig.

    About 0.2 s for a photo of 12 megapixels; a large one is decoded at a fraction of its size where JPEG allows it.
    """
    if heavy := too_heavy(len(data)):
        raise Refused(heavy)
    with _turn:
        try:
            return _made_anew(data)
        except Refused:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
            raise Refused([errors.PictureTooBig(megabytes=MEGABYTES, megapixels=MEGAPIXELS)]) from bomb
        except Exception as fault:  # a decoder that reads what an enemy wrote raises anything
            raise Refused([errors.NotAPicture()]) from fault


def _made_anew(data: bytes) -> Picture:
    # `open` reads the header alone: what is too large or moves is refused before a pixel is decoded.
    with Image.open(BytesIO(data), formats=FORMATS) as source:
        if source.width * source.height > MEGAPIXELS * _MEGA:
            raise Refused([errors.PictureTooBig(megabytes=MEGABYTES, megapixels=MEGAPIXELS)])
        # MPO is how phones keep a second view behind a JPEG; the first is the photo.
        if source.format != "MPO" and getattr(source, "is_animated", False):
            raise Refused([errors.PictureMoves()])
        source.draft("RGB", (WHOLE, WHOLE))
        source.load()
        ImageOps.exif_transpose(source, in_place=True)
        image = _opaque(source)
    image.thumbnail((WHOLE, WHOLE))
    whole = _jpeg(image)
    size = image.size
    image.thumbnail((SMALL, SMALL))
    return Picture(whole, _jpeg(image), *size)


def _opaque(source: Image.Image) -> Image.Image:
    """RGB as screens show it; what is transparent becomes white."""
    if source.has_transparency_data:
        layer = source.convert("RGBA")
        layer.thumbnail((WHOLE, WHOLE))
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    profile = source.info.get("icc_profile")
    if profile and source.mode in ("RGB", "CMYK"):
        source.thumbnail((WHOLE, WHOLE))
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(source, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            # A profile nobody can read: then the numbers stand for themselves.
            return source.convert("RGB")
        if converted is not None:
            return converted
    return source.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    # A comment of the source would be written again.
    image.info = {}
    out = BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
