"""Declared profiles of files: which column says what, in which format, owned by whom."""

from guicang.intake.profiles.fields import FIELDS, KINDS, Field
from guicang.intake.profiles.load import load, read, shipped, shipped_for, shipped_text, template
from guicang.intake.profiles.schema import (
    Codes,
    Commands,
    LineClass,
    Ownership,
    Place,
    Profile,
    ProfileFault,
    RowCommand,
)
from guicang.intake.profiles.write import written

__all__ = [
    "FIELDS",
    "KINDS",
    "Codes",
    "Commands",
    "Field",
    "LineClass",
    "Ownership",
    "Place",
    "Profile",
    "ProfileFault",
    "RowCommand",
    "load",
    "read",
    "shipped",
    "shipped_for",
    "shipped_text",
    "template",
    "written",
]
