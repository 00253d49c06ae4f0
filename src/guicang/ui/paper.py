"""Documents on paper: a font that has every character of them, and codes that machines read.

The font is cut to the characters of the one document (0.6 s): nothing is prepared, no character can be missing, and a
page stays below 20 kB. Whoever asks for the same page again waits no more.
"""

from __future__ import annotations

import io
import tempfile
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

FONT = "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"
FAMILY = "guicang"
WEIGHT = 500
#: Millimetres.
A4, A5 = (210, 297), (148, 210)
#: What names of a font fpdf needs.
_NAMES = [1, 2, 4, 6]
_DROPPED = ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx"]


@lru_cache(maxsize=64)
def font_for(characters: frozenset[str]) -> bytes:
    """A TrueType font of these characters."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    with as_file(files("justmytype_intl_cjk").joinpath(FONT)) as path:
        font = TTFont(path, lazy=True)
        options = subset.Options()
        options.layout_features, options.name_IDs, options.hinting = [], _NAMES, False
        options.drop_tables += _DROPPED
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join(characters | {" "}))
        subsetter.subset(font)
        made = io.BytesIO()
        instancer.instantiateVariableFont(font, {"wght": WEIGHT}).save(made)
    return made.getvalue()


def page(text: str, size: tuple[int, int] = A5) -> Any:
    """An empty page (fpdf.FPDF) whose font has the characters of `text`."""
    from fpdf import FPDF

    document = FPDF(format=size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "font.ttf"
        path.write_bytes(font_for(frozenset(text)))
        document.add_font(FAMILY, fname=path)
    document.set_margin(12)
    document.add_page()
    return document


def qr_svg(text: str) -> str:
    """A QR code as markup, black on white whatever the page's colours are."""
    import segno

    return str(segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff"))


def qr_png(text: str) -> io.BytesIO:
    import segno

    made = io.BytesIO()
    segno.make(text, error="m", micro=False).save(made, kind="png", scale=10, border=4)
    made.seek(0)
    return made
