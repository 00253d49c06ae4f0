"""What may be a document: a PDF, told by its content alone. It is kept as it came, and only ever given as a file."""

from __future__ import annotations

from guicang.kernel.refusal import Refused
from guicang.returns import errors
from guicang.returns.operations.pictures import too_heavy

MEDIA_TYPE = "application/pdf"
_BEGINS, _ENDS = b"%PDF-1", b"%%EOF"
#: Programs may write line ends behind the end mark.
_TAIL = 1_024


def is_document(data: bytes) -> bool:
    """Whether it says of itself that it is a PDF; `check_document` asks whether it is whole."""
    return data.startswith(b"%PDF-")


def check_document(data: bytes) -> bytes:
    """The document as it is kept. Raises Refused: PictureTooBig, NotADocument (another version, or cut off)."""
    if heavy := too_heavy(len(data)):
        raise Refused(heavy)
    if not data.startswith((_BEGINS, b"%PDF-2")) or _ENDS not in data[-_TAIL:]:
        raise Refused([errors.NotADocument()])
    return data
