"""Tables of others: opened safely, read as they are, every row accounted for."""

from guicang.intake.tables.errors import FILE_MESSAGES, ROW_MESSAGES, CellFault, ConvertError, FileFault
from guicang.intake.tables.open import Limits
from guicang.intake.tables.peek import Peek, peek
from guicang.intake.tables.read import FileFacts, Progress, Row, SetAside, Table, prove_readable, read_rows
from guicang.intake.tables.values import Converted, RowConverter

__all__ = [
    "FILE_MESSAGES",
    "ROW_MESSAGES",
    "CellFault",
    "ConvertError",
    "Converted",
    "FileFacts",
    "FileFault",
    "Limits",
    "Peek",
    "Progress",
    "Row",
    "RowConverter",
    "SetAside",
    "Table",
    "peek",
    "prove_readable",
    "read_rows",
]
