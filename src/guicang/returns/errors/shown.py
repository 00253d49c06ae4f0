"""Why something that somebody shows or writes about a return is not taken."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NotAPicture(Refusal):
    code, status = "not_a_picture", 422
    sentence = _(
        "This file is no whole JPEG, PNG or WebP picture and no PDF, whatever its name says. Choose another file."
    )


class PictureMoves(Refusal):
    code, status = "picture_moves", 422
    sentence = _("Moving pictures are not taken. Choose a still picture.")


class PictureTooBig(Refusal):
    code, status = "picture_too_big", 413
    sentence = _(
        "A picture may have %(megabytes)s MB and %(megapixels)s million pixels at most. Choose a smaller picture."
    )


class TooManyPictures(Refusal):
    code = "too_many_pictures"
    sentence = _("There are %(there)s pictures and there is room for %(most)s. Remove one before you add another.")


class NotADocument(Refusal):
    code, status = "not_a_document", 422
    sentence = _("This file is no whole PDF document, whatever its name says. Choose another file.")


class PictureNotFound(Refusal):
    code, status = "picture_not_found", 404
    sentence = _("There is no such picture. Open the return again.")


class NoteEmpty(Refusal):
    code, status = "note_empty", 422
    sentence = _("The note is empty. Write what your colleagues should know.")
