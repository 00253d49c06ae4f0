"""Open a file that somebody sent: by its content, never by its name, and never without a bound."""

from __future__ import annotations

import lzma
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Protocol, Self

from guicang.intake.profiles.schema import N_
from guicang.intake.tables.errors import file_fault

Container = Literal["plain", "gzip", "xz", "zip"]
_CHUNK = 64 * 1024
#: An xz stream may ask for a dictionary of 4 GB; real ones (preset 9) need 65 MB.
_XZ_MEMORY = 192 * 1024**2
#: First bytes of files that are mistaken for tables, and what to do instead.
_MAGIC = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": N_("an old or encrypted Excel file; save it as .xlsx or .csv"),
    b"%PDF": N_("a PDF"),
    b"\x89PNG": N_("a picture"),
    b"\xff\xd8\xff": N_("a picture"),
    b"GIF8": N_("a picture"),
    b"Rar!": N_("a RAR archive; unpack it first"),
    b"7z\xbc\xaf\x27\x1c": N_("a 7z archive; unpack it first"),
    b"BZh": N_("a bzip2 archive; unpack it first"),
    b"\x28\xb5\x2f\xfd": N_("a zstd archive; unpack it first"),
    b"SQLite format 3": N_("a database"),
    b"\x7fELF": N_("a program"),
    b"MZ\x90": N_("a program"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a file may go. `max_bytes` counts after expansion.

    Up to `free_bytes` any ratio of expansion is accepted: small files of equal rows pack 1:1000.
    """

    max_bytes: int = 4 * 1024**3
    max_ratio: int = 1000
    free_bytes: int = 64 * 1024**2
    max_entries: int = 2_000
    #: Area of a sheet, empty cells within it included, since a reader lays it out whole.
    max_cells: int = 30_000_000


def sniff(path: Path, limits: Limits) -> Container:
    """What the file is by its first bytes. Raises FileFault for what is no table at all."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise file_fault("not_a_file", path=str(path))
        with path.open("rb") as raw:
            head = raw.read(16)
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise file_fault("file_not_found", path=str(path)) from fault
    except OSError as fault:
        raise file_fault("not_a_file", path=str(path)) from fault
    if not head:
        raise file_fault("empty_file", path=str(path))
    if status.st_size > limits.max_bytes:
        raise file_fault("too_large", size=status.st_size, limit=limits.max_bytes)
    return _container(head, path.name.lower())


def _container(head: bytes, name: str) -> Container:
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return "zip"
    refuse_magic(head)
    if name.endswith((".xlsx", ".xlsm")):
        raise file_fault(
            "unreadable_archive", reason=N_("the name says Excel, the content does not; rename it or save it anew")
        )
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if name.endswith((".gz", ".xz")):
        raise file_fault("unreadable_archive", reason=N_("the name says compressed, the content does not"))
    return "plain"


def refuse_magic(head: bytes) -> None:
    """Raise not_a_table for the start of a known kind of file that is no table."""
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise file_fault("not_a_table", reason=what)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:6].lower().startswith((b"<html", b"<!doct", b"<table", b"<?xml")):
        raise file_fault("not_a_table", reason=N_("a web page or XML; open it in a spreadsheet and save it as .xlsx"))


class _Expander(Protocol):
    def read(self, raw: BinaryIO, size: int) -> bytes: ...


class _Plain:
    def read(self, raw: BinaryIO, size: int) -> bytes:
        return raw.read(size)


class _Gzip:
    """Members one after another; zlib hands out at most `size` bytes at a time."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(31)
        self._input = b""
        self._between = True

    def read(self, raw: BinaryIO, size: int) -> bytes:
        while True:
            data = self._input or raw.read(_CHUNK)
            if self._between:
                data = data.lstrip(b"\0")
                if not data and not (data := raw.read(_CHUNK).lstrip(b"\0")):
                    return b""
            try:
                out = self._member.decompress(data, size)
            except zlib.error as fault:
                raise file_fault("unreadable_archive", reason=str(fault)) from fault
            self._input, self._between = self._member.unconsumed_tail, False
            if self._member.eof:
                self._input, self._between = self._member.unused_data, True
                self._member = zlib.decompressobj(31)
            elif not out and not data:
                raise file_fault("unreadable_archive", reason=N_("it ends too early"))
            if out:
                return out


class _Xz:
    def __init__(self) -> None:
        self._stream = self._new()
        self._between = False

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def read(self, raw: BinaryIO, size: int) -> bytes:
        while True:
            if self._between:
                data = self._stream.unused_data.lstrip(b"\0") or raw.read(_CHUNK).lstrip(b"\0")
                if not data:
                    return b""
                self._stream, self._between = self._new(), False
            else:
                data = raw.read(_CHUNK) if self._stream.needs_input else b""
                if not data and self._stream.needs_input:
                    raise file_fault("unreadable_archive", reason=N_("it ends too early"))
            try:
                out = self._stream.decompress(data, size)
            except (lzma.LZMAError, MemoryError) as fault:
                raise file_fault("unreadable_archive", reason=str(fault)) from fault
            self._between = self._stream.eof
            if out:
                return out


class ByteStream:
    """The bytes of a plain, gzip or xz file, expanded in flat memory, counted and bounded.

    `position` of `size` raw bytes are consumed (what a progress bar shows); `expanded` counts what
    came out. `read` raises FileFault: too_large, expands_too_much, unreadable_archive.
    """

    def __init__(self, path: Path, container: Container, limits: Limits) -> None:
        self._expander: _Expander = _Gzip() if container == "gzip" else _Xz() if container == "xz" else _Plain()
        self._plain = container == "plain"
        self._limits = limits
        self._raw: BinaryIO = path.open("rb")
        self.size = path.stat().st_size
        self.expanded = 0

    @property
    def position(self) -> int:
        return self._raw.tell() if not self._raw.closed else self.size

    def read(self, size: int = 256 * 1024) -> bytes:
        """Up to `size` bytes, b'' at the end."""
        data = self._expander.read(self._raw, size)
        self.expanded += len(data)
        limits = self._limits
        if self.expanded > limits.max_bytes:
            if self._plain:
                raise file_fault("too_large", size=self.expanded, limit=limits.max_bytes)
            raise file_fault("expands_too_much", limit=f"{limits.max_bytes} B", reason=f"{self.size} B")
        if self.expanded > limits.free_bytes and self.expanded > limits.max_ratio * self.size:
            raise file_fault("expands_too_much", limit=f"1:{limits.max_ratio}", reason=f"{self.size} B")
        return data

    def close(self) -> None:
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
