"""Users and the tokens of their programs."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from guicang.api import errors
from guicang.api.acts import KEY, Key, Made, Nothing, acted, declare_act
from guicang.api.bearer import Caller, actor_of, caller_of
from guicang.api.parsing import Given, Line, Word, show
from guicang.api.service import operation
from guicang.api.shapes import settings as shapes
from guicang.api.shapes.outside import NewSecret
from guicang.kernel.commands import Context, begin
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refused
from guicang.staff import operations, queries, rules

router = Router()

KEEP: dict[str, Any] = {"permission": "staff.manage", "tags": "staff"}
RoleCode = Literal["agent", "approver", "warehouse", "counter", "finance", "analyst", "admin"]
#: More than there are permissions.
MOST_PERMISSIONS = 100


class NewUser(Given):
    """`first_password` has to be changed at the first sign-in; it is never told again.

    `shop`, `warehouse`: the only one he sees; `company`: where the token sees several.
    """

    username: Word
    role: RoleCode
    first_password: Annotated[Line, Field(min_length=1, max_length=128)]
    first_name: Annotated[Line, Field(max_length=60)] = ""
    company: UUID | None = None
    shop: UUID | None = None
    warehouse: UUID | None = None


class UserFacts(Given):
    """What is left out stays as it is; `shop` or `warehouse` null: he sees all of them."""

    role: RoleCode | None = None
    shop: UUID | None = None
    warehouse: UUID | None = None


class NewToken(Given):
    """`name` says which program uses it; `permissions`: of those of the token that calls."""

    name: Word
    days: Annotated[int, Field(strict=True, ge=1, le=operations.MOST_DAYS)]
    permissions: Annotated[list[Word], Field(min_length=1, max_length=MOST_PERMISSIONS)]


@operation(router, "GET", "/roles", permission="", answer=list[shapes.Role], tags="staff")
def list_roles(request: HttpRequest) -> list[shapes.Role]:
    """What each role may do. No statement."""
    return [
        show(shapes.Role, rules.ROLES[code], permissions=sorted(rules.ROLES[code].permissions)) for code in rules.STAFF
    ]


@operation(router, "GET", "/users", answer=list[shapes.User], **KEEP)
def list_users(request: HttpRequest) -> list[shapes.User]:
    """The staff, by name. 1 statement."""
    return [show(shapes.User, one) for one in queries.users(actor_of(request).scope)]


@operation(router, "POST", "/users", answer=Made, **KEEP)
def add_user(request: HttpRequest, response: HttpResponse, body: NewUser, key: Key = KEY) -> Made:
    """A new member of staff, who may and sees no more than the token that makes him. About 10 statements."""

    def act(caller: Caller) -> dict[str, Any]:
        user, _password = operations.create_user(
            _context(caller),
            username=body.username,
            role=body.role,
            first_name=body.first_name,
            company_id=body.company or NIL,
            shop_id=body.shop or NIL,
            warehouse_id=body.warehouse or NIL,
            password=body.first_password,
        )
        return {"id": user.id}

    # Not even the hash of a password may lie beside the command.
    payload = body.model_dump(mode="json", exclude={"first_password"})
    return Made(id=acted(request, response, "add_user", key, payload, act)["id"])


def _context(caller: Caller, name: str = "staff.users") -> Context:
    return begin(name, actor=caller.actor, now=caller.now, items=1)


def _change(caller: Caller, pk: UUID, said: UserFacts) -> None:
    """Nobody changes himself, or gives or takes a role that may more than the token."""
    wanted: dict[str, Any] = {"role": said.role} if said.role else {}
    places = {name: getattr(said, name) or NIL for name in ("shop", "warehouse") if name in said.model_fields_set}
    wanted |= {f"{name}_id": key for name, key in places.items()}
    operations.change_user(_context(caller), pk, **wanted)


def _lock(caller: Caller, pk: UUID, said: Nothing) -> None:
    """His tokens are worth nothing while he is."""
    operations.set_active(_context(caller), pk, False)


def _unlock(caller: Caller, pk: UUID, said: Nothing) -> None:
    operations.set_active(_context(caller), pk, True)


declare_act(router, "/users/{pk}/change", "change_user", UserFacts, _change, summary="Change a user", **KEEP)
declare_act(router, "/users/{pk}/lock", "lock_user", Nothing, _lock, summary="Lock a user out", **KEEP)
declare_act(router, "/users/{pk}/unlock", "unlock_user", Nothing, _unlock, summary="Let a user in again", **KEEP)


@operation(router, "GET", "/tokens", permission="", answer=list[shapes.Token], tags="staff")
def list_tokens(request: HttpRequest) -> list[shapes.Token]:
    """One's own tokens, everybody's for whoever manages staff, newest first. 1 statement."""
    caller = caller_of(request)
    return [show(shapes.Token, one) for one in queries.tokens(caller.actor, caller.now)]


@operation(router, "POST", "/tokens", permission="", answer=NewSecret, tags="staff")
def issue_token(request: HttpRequest, response: HttpResponse, body: NewToken, key: Key = KEY) -> NewSecret:
    """A token of the same user, in this answer alone; it may no more and is valid no longer than the one that calls."""
    told: list[str] = []

    def act(caller: Caller) -> dict[str, Any]:
        if missing := next((name for name in body.permissions if not caller.actor.may(name)), ""):
            raise Refused([errors.NotAllowed(permission=missing)])
        user = queries.member_by_id(caller.actor.id)
        if user is None:
            raise Refused([errors.TokenUnknown()])
        token_id = new_id()
        context = _context(caller, "staff.tokens")
        secret = operations.issue_token(
            context,
            user,
            name=body.name,
            days=body.days,
            permissions=body.permissions,
            token_id=token_id,
            until=caller.ends_at,
        )
        told.append(secret)
        return {"id": token_id}

    reply = acted(request, response, "issue_token", key, body.model_dump(mode="json"), act)
    return NewSecret(id=reply["id"], secret=told[0] if told else None)


def _revoke(caller: Caller, pk: UUID, said: Nothing) -> None:
    """It is worth nothing from now on; a token may revoke itself."""
    operations.revoke_token(_context(caller, "staff.tokens"), pk)


declare_act(
    router,
    "/tokens/{pk}/revoke",
    "revoke_token",
    Nothing,
    _revoke,
    summary="Revoke a token",
    permission="",
    tags="staff",
)
