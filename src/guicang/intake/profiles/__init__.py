"""Declared profiles of files: which column says what, in which format, owned by whom."""

from guicang.intake.profiles.fields import FIELDS, KINDS, Field
from guicang.intake.profiles.load import load, shipped, template
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
    "shipped",
    "template",
]
