"""Pictures in and out of pages, for every face: read no more than may be, and serve what cannot do harm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import Http404, HttpResponse

from guicang.returns.operations import documents, pictures
from guicang.returns.operations.evidence import MOST
from guicang.returns.operations.pictures import MEGABYTES
from guicang.returns.queries import OpenPicture

V = TypeVar("V", bound=Callable[..., Any])

MEGABYTE = 1024 * 1024
#: Of a whole request, where its view says nothing else (`upload_most`): a full set of the largest pictures fits.
BODY_MOST = (MOST + 1) * MEGABYTES * MEGABYTE
#: So long a browser may show a picture without asking anew: one that was removed is gone within the hour.
_CACHE_SECONDS = 3600


#: A document is a file to keep: no page of ours ever shows what somebody else wrote into it.
_AS = {
    pictures.MEDIA_TYPE: 'inline; filename="picture.jpg"',
    documents.MEDIA_TYPE: 'attachment; filename="document.pdf"',
}


def answer(opened: OpenPicture | None) -> HttpResponse:
    """A picture, for an <img> of our own pages alone; raises Http404 for None.

    It is shown under a name of ours, never taken for anything else (nosniff), runs nothing (sandbox), stays in the
    reader's own cache, and no other site may show it.
    """
    if opened is None:
        raise Http404
    return HttpResponse(
        opened.data,
        content_type=opened.media_type,
        headers={
            "Content-Disposition": _AS[opened.media_type],
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": f"private, max-age={_CACHE_SECONDS}",
        },
    )


def read(files: Sequence[UploadedFile[Any]]) -> list[bytes]:
    """What was uploaded, unchecked: of one more file than may be, and one byte more of each than may be."""
    return [file.read(MEGABYTES * MEGABYTE + 1) for file in files[: MOST + 1] if file.size]


def takes(megabytes: int) -> Callable[[V], V]:
    """A view that takes requests of so many megabytes; without it `BODY_MOST` holds."""

    def decorate(view: V) -> V:
        view.upload_most = megabytes * MEGABYTE  # type: ignore[attr-defined] # read by `Bounded`
        return view

    return decorate


def upload_most(request: Any) -> int:
    """How many bytes of a form the view of a request takes."""
    match = getattr(request, "resolver_match", None)
    return int(getattr(match.func, "upload_most", BODY_MOST)) if match else BODY_MOST


class Bounded(FileUploadHandler):
    """The first of the upload handlers: a request that is too large is refused before a byte of a file is stored.

    Forms are parsed before any view runs (for the CSRF token), so that without it whoever sends most fills the disk.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        most = upload_most(self.request)
        if content_length > most:
            raise RequestDataTooBig(f"{content_length} bytes, and {most} are taken")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Nothing is kept here: the next handler does."""
