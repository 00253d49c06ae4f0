"""What is allowed, from plain facts and a frozen statement. Knows neither orders nor returns, and no database."""

from guicang.policy.rules.answers import CONDITIONAL, Answered, FieldCondition, FieldRule, NotAnAnswer, checked
from guicang.policy.rules.book import Book, Decided, Sale, covers, includes
from guicang.policy.rules.effect import DIMENSIONS, OUTCOMES, SIDES, Case, Effect, changes, outcome
from guicang.policy.rules.findings import Finding, findings
from guicang.policy.rules.flows import MOST_STAGES, Asked, Conditions, Flow, Stage, matching
from guicang.policy.rules.terms import (
    PLAIN,
    REQUIREMENTS,
    SILENT,
    TERMS,
    Fault,
    Fee,
    NotAPolicy,
    Policy,
    Scope,
    Statement,
    Terms,
)
from guicang.policy.rules.verdict import ANSWERS, Answer, Facts, Reason, Verdict, at_fault, eligibility
from guicang.policy.rules.windows import deadline

__all__ = [
    "ANSWERS",
    "CONDITIONAL",
    "DIMENSIONS",
    "MOST_STAGES",
    "OUTCOMES",
    "PLAIN",
    "REQUIREMENTS",
    "SIDES",
    "SILENT",
    "TERMS",
    "Answer",
    "Answered",
    "Asked",
    "Book",
    "Case",
    "Conditions",
    "Decided",
    "Effect",
    "Facts",
    "Fault",
    "Fee",
    "FieldCondition",
    "FieldRule",
    "Finding",
    "Flow",
    "NotAPolicy",
    "NotAnAnswer",
    "Policy",
    "Reason",
    "Sale",
    "Scope",
    "Stage",
    "Statement",
    "Terms",
    "Verdict",
    "at_fault",
    "changes",
    "checked",
    "covers",
    "deadline",
    "eligibility",
    "findings",
    "includes",
    "matching",
    "outcome",
]
