"""Who calls, and what names stand for: companies, shops, warehouses, reasons, the lifecycle."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from guicang.api.bearer import actor_of
from guicang.api.parsing import show
from guicang.api.service import operation
from guicang.api.shapes.masters import Command, Company, Me, Reason, Shop, Warehouse
from guicang.insights import journal as journals
from guicang.kernel.ids import NIL
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy.facts import offered
from guicang.returns import lifecycle, rules

router = Router()


@operation(router, "GET", "/me", permission="", answer=Me, tags="masters")
def read_me(request: HttpRequest) -> Me:
    """Whose token this is, and what it may do and see. No statement of its own."""
    actor = actor_of(request)
    return show(Me, actor.scope, user_id=actor.id, permissions=sorted(actor.permissions))


@operation(router, "GET", "/companies", permission="", answer=list[Company], tags="masters")
def list_companies(request: HttpRequest) -> list[Company]:
    """1 statement."""
    return [show(Company, company) for company in journals.companies(actor_of(request).scope)]


@operation(router, "GET", "/shops", permission="", answer=list[Shop], tags="masters")
def list_shops(request: HttpRequest) -> list[Shop]:
    """1 statement."""
    scope = actor_of(request).scope
    return [show(Shop, shop) for shop in org.shops().values() if scope.holds(shop.company_id, shop.id, NIL)]


@operation(router, "GET", "/warehouses", permission="", answer=list[Warehouse], tags="masters")
def list_warehouses(request: HttpRequest) -> list[Warehouse]:
    """1 statement."""
    scope = actor_of(request).scope
    return [show(Warehouse, one) for one in org.warehouses().values() if scope.holds(one.company_id, NIL, one.id)]


@operation(router, "GET", "/reasons", permission="", answer=list[Reason], tags="masters")
def list_reasons(request: HttpRequest) -> list[Reason]:
    """The codes that commands take as `reason`; those of `request` are the buyer's, a company's own. 2 statements."""
    none = dict.fromkeys(("company_id", "fault", "asks_evidence"))
    companies = policies.reasons(company.id for company in journals.companies(actor_of(request).scope))
    asked = [
        show(Reason, one, command="request", company_id=company_id)
        for company_id, known in companies.items()
        for one in offered(known.values())
    ]
    return asked + [show(Reason, why, command=command, **none) for command, whys in rules.WHY.items() for why in whys]


@operation(router, "GET", "/lifecycle", permission="", answer=list[Command], tags="masters")
def list_commands(request: HttpRequest) -> list[Command]:
    """Which command leads from which states into which, and who may give it. No statement."""
    return [Command.model_validate({**row, "sources": row["from"]}) for row in lifecycle.table()]
