"""A picture is what its content says, and what is kept of it is nothing but the picture."""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from guicang.kernel.refusal import Refused
from guicang.returns.operations import pictures
from guicang.returns.operations.pictures import check_picture

ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def drawn(
    size: tuple[int, int] = (64, 48), form: str = "JPEG", colour: Any = "red", mode: str = "RGB", **save: Any
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, form, **save)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def why_not(data: bytes) -> list[str]:
    with pytest.raises(Refused) as refused:
        check_picture(data)
    return [refusal.code for refusal in refused.value.refusals]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_photos_are_taken_whatever_they_are_called(form: str) -> None:
    found = check_picture(drawn((3000, 1500), form))
    assert (found.width, found.height) == (2000, 1000)
    whole, small = opened(found.whole), opened(found.small)
    assert (whole.format, whole.size, small.format, small.size) == ("JPEG", (2000, 1000), "JPEG", (240, 120))
    assert whole.getpixel((5, 5)) == pytest.approx((254, 0, 0), abs=3)


def test_a_small_one_is_not_blown_up() -> None:
    found = check_picture(drawn((64, 48)))
    assert (opened(found.whole).size, opened(found.small).size) == ((64, 48), (64, 48))


def zipped() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.jpg", drawn())
    return out.getvalue()


LIES = {
    "empty": b"",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9" height="9"/></svg>',
    "pdf": b"%PDF-1.7\n1 0 obj <<>> endobj\n",
    "zip": zipped(),
    "gif": drawn(form="GIF"),
    "bmp": drawn(form="BMP"),
    "tiff": drawn(form="TIFF"),
    "icon": drawn(form="ICO"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "only the magic of JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"<script>" * 40,
    "only the magic of PNG": b"\x89PNG\r\n\x1a\n" + b"<svg/>" * 40,
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\0" * 64,
}


@pytest.mark.parametrize("name", LIES)
def test_what_is_none_is_refused(name: str) -> None:
    assert why_not(LIES[name]) == ["not_a_picture"]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_one_is_refused(form: str) -> None:
    noise = Image.frombytes("RGB", (200, 200), random.Random(7).randbytes(120_000))
    out = BytesIO()
    noise.save(out, form)
    data = out.getvalue()
    for part in (0.3, 0.6, 0.9):
        assert why_not(data[: int(len(data) * part)]) == ["not_a_picture"]


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_a_moving_one_is_refused(form: str) -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    out = BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:])
    assert why_not(out.getvalue()) == ["picture_moves"]


def test_a_phone_s_double_photo_is_its_first_view() -> None:
    views = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    out = BytesIO()
    views[0].save(out, "MPO", save_all=True, append_images=views[1:])
    assert out.getvalue().startswith(b"\xff\xd8")
    found = check_picture(out.getvalue())
    assert opened(found.whole).format == "JPEG"
    assert opened(found.whole).getpixel((5, 5)) == pytest.approx((254, 0, 0), abs=3)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of so many black pixels in a few kilobytes."""
    line = zlib.compress(b"\0" * (1 + width // 8), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", line) + _chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8_000, 5_001), (20_000, 6_000), (60_000, 60_000)])
def test_a_bomb_is_refused_before_a_pixel_is_decoded(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_: Any) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    assert why_not(png_bomb(*size)) == ["picture_too_big"]


def test_too_many_bytes_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_made_anew", lambda _: pytest.fail("read"))
    assert why_not(drawn() + b"\0" * (10 * 1024 * 1024)) == ["picture_too_big"]


def test_nothing_rides_along() -> None:
    """EXIF with place and maker, comments, colour profiles, and a script behind the picture are gone."""
    image, exif, out = Image.new("RGB", (64, 48), "red"), Image.Exif(), BytesIO()
    exif[MAKER] = "SECRET-PHONE"
    exif[GPS] = {1: "N", 2: (31.0, 14.0, 0.0)}
    image.save(out, "JPEG", exif=exif, comment=b"<script>alert(1)</script>")
    found = check_picture(out.getvalue() + b"<script>alert(2)</script>" + zipped())
    for data in (found.whole, found.small):
        assert not any(word in data for word in (b"SECRET", b"Exif", b"script", b"PK\x03\x04"))
        kept = opened(data)
        assert not kept.getexif()
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_it_is_turned_the_right_way_up() -> None:
    image, exif, out = Image.new("RGB", (60, 40), "red"), Image.Exif(), BytesIO()
    image.paste("blue", (0, 0, 30, 40))
    exif[ORIENTATION] = 6  # taken with the phone turned: right side up means a quarter turn clockwise
    image.save(out, "JPEG", exif=exif, quality=95)
    found = check_picture(out.getvalue())
    assert (found.width, found.height) == (40, 60)
    assert opened(found.whole).getpixel((20, 5)) == pytest.approx((0, 0, 254), abs=9)
    assert opened(found.whole).getpixel((20, 55)) == pytest.approx((254, 0, 0), abs=9)


MODES = {"L": 128, "1": 1, "P": 3, "LA": (9, 9), "RGBA": (9, 9, 9, 9), "CMYK": (9, 9, 9, 9), "I;16": 999}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_of_colour_is_taken(mode: str) -> None:
    found = check_picture(drawn(form="JPEG" if mode == "CMYK" else "PNG", mode=mode, colour=MODES[mode]))
    assert opened(found.whole).mode == "RGB"


def test_what_is_transparent_is_white() -> None:
    found = check_picture(drawn(form="PNG", mode="RGBA", colour=(255, 0, 0, 0)))
    assert opened(found.whole).getpixel((5, 5)) == (255, 255, 255)


def test_colours_are_those_the_camera_meant() -> None:
    """A profile other than sRGB is applied, not dropped; one nobody can read does not lose the picture."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (lab, b"no profile at all"):
        found = check_picture(drawn(colour=(200, 100, 50), icc_profile=profile))
        assert opened(found.whole).getpixel((5, 5)) == pytest.approx((200, 100, 50), abs=4)
        assert "icc_profile" not in opened(found.whole).info


SEEDS = [drawn((33, 21), form) for form in ("JPEG", "PNG", "WEBP")]


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12))
def test_a_damaged_one_is_a_picture_or_refused(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    # Anything but a refusal goes through, and fails.
    with suppress(Refused):
        found = check_picture(bytes(damaged))
        assert opened(found.whole).size == (found.width, found.height)
