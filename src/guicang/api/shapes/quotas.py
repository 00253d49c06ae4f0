"""Yearly return quotas as programs read them."""

from __future__ import annotations

from uuid import UUID

from guicang.api.parsing import Shown


class QuotaRules(Shown):
    """What a company says for a group of customers (`tier` '': all that have no rules of their own).

    `share_bp` (hundredths of a percent) of the purchases `of` this_year or last_year, and `fixed_minor`, make the
    quota; neither: there is none. `above`: review, refuse or fee, which keeps back `fee_bp` of what lies above.
    """

    company_id: UUID
    tier: str
    number: int
    share_bp: int
    of: str
    fixed_minor: int
    above: str
    fee_bp: int
