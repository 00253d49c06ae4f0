"""What a settlement pays: one pure planner for estimate, preview, API, simulator and the step itself.

Integers of minor units throughout, no I/O. `sale` is an order as settlement sees it, `planner` the way through,
`resettling` what is withheld once goods kept no longer earn what was granted for all of them, `fees` what is kept back.
"""

from guicang.returns.settlement.fees import EARNEST, Fee, earnest_of
from guicang.returns.settlement.planner import plan_settlement
from guicang.returns.settlement.plans import Ask, Plan, PlanLine, Rules, ShippingMode, within
from guicang.returns.settlement.sale import Promotion, Sale, SaleLine, SaleTender
from guicang.returns.settlement.tenders import spread_over_tenders

__all__ = [
    "EARNEST",
    "Ask",
    "Fee",
    "Plan",
    "PlanLine",
    "Promotion",
    "Rules",
    "Sale",
    "SaleLine",
    "SaleTender",
    "ShippingMode",
    "earnest_of",
    "plan_settlement",
    "spread_over_tenders",
    "within",
]
