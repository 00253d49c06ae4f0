"""From bytes to lines of text: one encoding, decoded strictly, nothing replaced and nothing guessed."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from guicang.intake.profiles.schema import N_
from guicang.intake.tables.errors import FileFault, file_fault
from guicang.intake.tables.open import ByteStream, refuse_magic

SAMPLE_BYTES = 256 * 1024
#: Characters; a line beyond it means that this is no table of lines.
_MAX_LINE = 8 * 1024**2
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOISE = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read_sample(stream: ByteStream) -> bytes:
    """The first SAMPLE_BYTES (fewer where the file is shorter)."""
    parts: list[bytes] = []
    have = 0
    while have < SAMPLE_BYTES and (part := stream.read(SAMPLE_BYTES - have)):
        parts.append(part)
        have += len(part)
    if not have:
        raise file_fault("empty_file", path="")
    return b"".join(parts)


def detect_encoding(sample: bytes, declared: str, *, whole: bool) -> str:
    """The codec of the sample: a byte order mark, else the declared one, else UTF-8, else GB18030.

    `whole` says that the sample is the entire file, so that a cut character at its end is a fault.
    Raises FileFault: not_a_table for noise, undecodable with the first bad line.
    """
    for bom, codec in _BOMS:
        if sample.startswith(bom):
            return codec
    _refuse_binary(sample[:65536])
    if declared == "utf-16":
        raise file_fault("undecodable", line=1, encoding="UTF-16 (BOM)")
    if declared != "auto":
        return declared
    try:
        _decode(sample, "utf-8", whole)
    except UnicodeDecodeError as fault:
        if is_chinese(sample, whole=whole):
            return "gb18030"
        line = sample.count(b"\n", 0, fault.start) + 1
        raise file_fault("undecodable", line=line, encoding="UTF-8 / GB18030") from fault
    return "utf-8"


def _refuse_binary(head: bytes) -> None:
    refuse_magic(head[:64])
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ")):
        raise file_fault("not_a_table", reason=N_("an archive within an archive; unpack it first"))
    if len(_NOISE.findall(head)) > 8 + len(head) // 1000:
        raise file_fault("not_a_table", reason=N_("binary content"))


def _decode(data: bytes, codec: str, whole: bool) -> str:
    return codecs.getincrementaldecoder(codec)("strict").decode(data, whole)


def is_chinese(data: bytes, *, whole: bool) -> bool:
    """True where GB18030 reads the bytes and the text is plausibly Chinese.

    GB18030 reads a good deal of Western text too (`\\xe9t` of `\\xe9t\\xe9` is a hanzi), but then as
    rare characters outside GB 2312: hence the share of those is what decides.
    """
    try:
        text = _decode(data, "gb18030", whole)
    except UnicodeDecodeError:
        return False
    foreign = re.sub(r"[\x00-\x7f]+", "", text)
    common = len(foreign.encode("gb2312", "ignore")) // 2
    return bool(foreign) and common * 10 >= len(foreign) * 7


class TextLines:
    """Lines of a stream, each with its line feed, numbered from 1.

    In automatic mode a file that is plain ASCII up to its first wrong UTF-8 byte is read as GB18030
    from there, where that is plausible: both read ASCII alike, so nothing before changes its meaning.
    Raises FileFault undecodable with the line of the first wrong byte.
    """

    def __init__(self, stream: ByteStream, sample: bytes, encoding: str, following: bytes, *, automatic: bool) -> None:
        self._stream, self._sample, self._following = stream, sample, following
        self._automatic = automatic and encoding == "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._newlines = 0
        #: Lone carriage returns end the lines of the whole file (old Mac exports).
        self._carriage = encoding != "utf-16" and b"\r" in sample and b"\n" not in sample
        self.encoding = encoding

    def chunks(self) -> Iterator[str]:
        data, following = self._sample, self._following
        while data:
            text = self._text(data, final=not following)
            self._newlines += text.count("\n")
            yield text
            data, following = following, self._stream.read() if following else b""

    def sample(self) -> list[str]:
        """Whole lines of the sample, for detection; reading starts anew after it."""
        text = _decode(self._sample, self.encoding, not self._following)
        if self._carriage:
            text = text.replace("\r", "\n")
        lines = text.split("\n")
        last = lines.pop()
        return [line + "\n" for line in lines] + ([last] if last and not self._following else [])

    def _text(self, data: bytes, *, final: bool) -> str:
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as fault:
            rest = bytes(fault.object)
            if not (self._automatic and is_chinese(rest, whole=final)):
                raise self._undecodable(rest, fault.start) from fault
            self.encoding, self._automatic = "gb18030", False
            self._decoder = codecs.getincrementaldecoder("gb18030")("strict")
            text = self._decoder.decode(rest, final)
        self._automatic = self._automatic and text.isascii()
        return text.replace("\r", "\n") if self._carriage else text

    def _undecodable(self, rest: bytes, start: int) -> FileFault:
        codec = "latin-1"
        if self.encoding == "utf-16":
            codec = "utf-16-be" if self._sample.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
        before = rest[:start].decode(codec, "ignore")
        name = {"utf-8-sig": "UTF-8"}.get(self.encoding, self.encoding.upper())
        return file_fault("undecodable", line=self._newlines + before.count("\n") + 1, encoding=name)

    def __iter__(self) -> Iterator[str]:
        rest = ""
        for text in self.chunks():
            pieces = (rest + text).split("\n")
            rest = pieces.pop()
            if len(rest) > _MAX_LINE:
                raise file_fault("line_too_long", line=self._newlines + 1, limit=_MAX_LINE)
            for piece in pieces:
                yield piece + "\n"
        if rest:
            yield rest
