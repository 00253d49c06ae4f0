"""Where transfers go: details given, confirmed and dropped, and what refunds say of them.

Whoever calls holds the returns of the rows, which is what keeps two people from giving details at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from guicang.audit.operations import AuditEntry, record
from guicang.kernel import setwrites
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL, new_id
from guicang.kernel.refusal import Refusal, Refused
from guicang.org.operations import lock_company
from guicang.parties.operations import PersonalFacts, keep
from guicang.payments import errors
from guicang.payments.facts import Details
from guicang.payments.models import Payee, PayeeAccounts, Refund
from guicang.payments.queries import payees as known
from guicang.payments.rules.payees import WALLETS, PayeeState, faults, wants


class Columns(NamedTuple):
    """What a refund says of where its money goes."""

    payee: str
    payee_id: UUID = NIL
    payee_by: UUID = NIL


NOBODY, UNKNOWN = Columns(str(PayeeState.NONE)), Columns(str(PayeeState.MISSING))


class Transfer(Protocol):
    @property
    def way(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def amount_minor(self) -> int: ...


class Given(NamedTuple):
    """Checked details for a return's waiting refunds, which are locked. `person_id`: whose personal data they are."""

    company_id: UUID
    return_id: UUID
    person_id: UUID
    details: Details
    number: int
    second: bool
    refunds: Sequence[Refund]


def wanted(row: Transfer) -> bool:
    return wants(row.way, row.method, row.kind, row.amount_minor)


def columns_of(row: Payee) -> Columns:
    ready = not row.second or row.confirmed_by != NIL
    return Columns(str(PayeeState.READY if ready else PayeeState.UNCONFIRMED), row.id, row.typed_by)


def known_for(return_ids: Iterable[UUID]) -> dict[UUID, Columns]:
    """What the newest details of each return make its refunds say; 1 statement, none for no return."""
    asked = set(return_ids)
    found = known.newest(asked) if asked else {}
    return {key: UNKNOWN if key not in found or found[key].dropped else columns_of(found[key]) for key in sorted(asked)}


def settle(rows: Sequence[Refund]) -> None:
    """Set what locked refunds say after their way changed; the caller stores them. 1 statement where any waits."""
    found = known_for(row.return_id for row in rows if wanted(row))
    for row in rows:
        row.payee, row.payee_id, row.payee_by = found[row.return_id] if wanted(row) else NOBODY


def drop(rows: Sequence[Refund]) -> None:
    """A transfer came back: those details pay nobody any more, and refunds ask for others; 1 statement."""
    gone = sorted({row.payee_id for row in rows} - {NIL})
    if gone:
        Payee.objects.filter(id__among=gone).update(dropped=True)
    for row in rows:
        row.payee, row.payee_id, row.payee_by = UNKNOWN if row.payee else NOBODY


def write(context: Context, given: Sequence[Given]) -> list[UUID]:
    """Keep details and have their refunds say so; the refunds that can be carried out now. 6 statements a thousand."""
    rows, kept, changed = [], [], []
    for each in given:
        row = Payee(
            id=new_id(),
            company_id=each.company_id,
            return_id=each.return_id,
            number=each.number,
            kind=each.details.kind,
            second=each.second,
            typed_kind=context.actor.kind,
            typed_by=context.actor.id,
            typed_at=context.now,
            command_id=context.id,
        )
        rows.append({column.attname: getattr(row, column.attname) for column in Payee._meta.concrete_fields})
        kept.append(PersonalFacts(known.OWNER, row.id, each.person_id, known.values(each.details)))
        changed += [(refund, columns_of(row)) for refund in each.refunds]
    setwrites.insert(Payee, rows)
    keep(context, kept)
    return _say(changed)


def confirm(context: Context, rows: Sequence[Payee], refunds: Mapping[UUID, Sequence[Refund]]) -> list[UUID]:
    """A second person agrees; the refunds that can be carried out now. `refunds`: by details. 2 statements."""
    changed = []
    for row in rows:
        row.confirmed_by, row.confirmed_at = context.actor.id, context.now
        changed += [(refund, columns_of(row)) for refund in refunds[row.id]]
    said = [{"id": row.id, "confirmed_by": row.confirmed_by, "confirmed_at": row.confirmed_at} for row in rows]
    setwrites.update(Payee, said, assign=["confirmed_by", "confirmed_at"])
    return _say(changed)


def _say(changed: Sequence[tuple[Refund, Columns]]) -> list[UUID]:
    for refund, columns in changed:
        refund.payee, refund.payee_id, refund.payee_by = columns
    said = [{"id": refund.id, **columns._asdict()} for refund, columns in changed]
    setwrites.update(Refund, said, assign=Columns._fields)
    return [refund.id for refund, _ in changed if refund.executable and refund.state == "due"]


#: What is wrong with details, by the codes of `rules.payees.faults`.
_WRONG: dict[str, type[Refusal]] = {
    "kind": errors.PayeeKindUnknown,
    "name": errors.PayeeNameWrong,
    "account": errors.PayeeAccountWrong,
    "bank": errors.PayeeBankWrong,
    "code": errors.PayeeCodeWrong,
}


def refusals(details: Details, allowed: Iterable[str]) -> list[Refusal]:
    """What is wrong with tidy details, in sentences."""
    return [_WRONG[code]() for code in faults(details, set(allowed))]


def usable(row: Refund, actor_id: UUID) -> list[Refusal]:
    """Why money may not go yet by the details of a refund, as this person; nothing where none are needed."""
    if row.payee == PayeeState.MISSING:
        return [errors.PayeeMissing()]
    if row.payee == PayeeState.UNCONFIRMED:
        return [errors.PayeeUnconfirmed()]
    return [errors.PayeeTyped()] if row.payee and row.payee_by == actor_id else []


def allow_wallets(context: Context, company_id: UUID, wallets: Iterable[str]) -> None:
    """Which wallets a company pays to besides bank accounts. 5 statements. Raises Refused: PayeeKindUnknown."""
    said = set(wallets)
    if said - set(WALLETS):
        raise Refused([errors.PayeeKindUnknown()])
    lock_company(company_id)
    before = sorted(set(known.account_kinds([company_id])[company_id]) & set(WALLETS))
    if before == sorted(said):
        return
    allowed = {str(kind): kind in said for kind in WALLETS}
    PayeeAccounts.objects.update_or_create(company_id=company_id, defaults=allowed)
    changed = {"wallets": before}, {"wallets": sorted(said)}
    record(context, [AuditEntry(company_id, "company", company_id, "payee_accounts", *changed)])
