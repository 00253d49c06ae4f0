"""Why a policy was not stated, or a reason of returns or a flow of approvals not made or changed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class PolicyBad(Refusal):
    code, status = "policy_bad", 422
    sentence = _("This is no policy yet: %(faults)s. Mend it and save again.")


class DraftHasFaults(Refusal):
    code, status = "policy_draft_has_faults", 422
    sentence = _("The draft has %(count)s faults. Mend them, then publish it.")


class DraftMissing(Refusal):
    code, status = "policy_draft_missing", 404
    sentence = _("There is no draft. Start one from the version in force or from a template.")


class DraftExists(Refusal):
    code = "policy_draft_exists"
    sentence = _("There is a draft already. Go on with it, or discard it first.")


class DraftChanged(Refusal):
    code = "policy_draft_changed"
    sentence = _("Somebody else has changed the draft since you opened it. Look at it as it is now, then change it.")


class ReachesBack(Refusal):
    code, status = "policy_reaches_back", 422
    sentence = _("A policy never reaches back. Let it begin now or later.")


class NoSuchPolicy(Refusal):
    code, status = "policy_not_found", 404
    sentence = _("There is no such policy in the draft. Somebody may have removed it.")


class PolicyNameMissing(Refusal):
    code, status = "policy_name_missing", 422
    sentence = _("Give the version a name of at most 120 characters.")


class NothingToTry(Refusal):
    code, status = "simulation_empty", 422
    sentence = _("There is no policy in it yet, so there is nothing to try. Add one first.")


class SpanBad(Refusal):
    code, status = "simulation_span", 422
    sentence = _("The first day has to lie before the last one, and not in the future. Choose other days.")


class SimulationRuns(Refusal):
    code = "simulation_runs"
    sentence = _("One is running already. Wait until it is done, or cancel it.")


class NoSuchSimulation(Refusal):
    code, status = "simulation_not_found", 404
    sentence = _("There is no such trial any more: the last twenty are kept. Start it again.")


class MonthsBad(Refusal):
    code, status = "review_months", 422
    sentence = _("Type a number of months from 0 (never) to %(most)s.")


class ReasonCodeBad(Refusal):
    code, status = "reason_code_bad", 422
    sentence = _("A code has 1 to 40 small letters, digits, dots, dashes or underscores, and begins with a letter.")


class ReasonCodeTaken(Refusal):
    code = "reason_code_taken"
    sentence = _("The code %(code)s is taken already, maybe by an archived reason. Choose another one.")


class ReasonWordsBad(Refusal):
    code, status = "reason_words_bad", 422
    sentence = _("Say the reason in Chinese and in English, each with at most 80 characters.")


class FaultUnknown(Refusal):
    code, status = "fault_unknown", 422
    sentence = _("Choose whose fault it is: the seller's, the carrier's, the buyer's or nobody's.")


class NoSuchReason(Refusal):
    code, status = "reason_not_found", 404
    sentence = _("There is no such reason any more. Open the list again.")


class LastReason(Refusal):
    code = "reason_last"
    sentence = _("Without this one customers would have no reason to choose. Make or bring back another one first.")


class FieldCodeBad(Refusal):
    code, status = "field_code_bad", 422
    sentence = _("A code has 1 to 40 small letters, digits or underscores, and begins with a letter.")


class FieldCodeTaken(Refusal):
    code = "field_code_taken"
    sentence = _("The code %(code)s is taken already, maybe by an archived field. Choose another one.")


class FieldWordsBad(Refusal):
    code, status = "field_words_bad", 422
    sentence = _("Name the field in Chinese and in English, each with at most 80 characters; a hint has at most 160.")


class FieldKindBad(Refusal):
    code, status = "field_kind_bad", 422
    sentence = _("Choose what the field holds and who is asked for it.")


class FieldOptionsBad(Refusal):
    code, status = "field_options_bad", 422
    sentence = _(
        "A list has 1 to %(most)s options, each with a code of its own (small letters, digits, underscores), its "
        "Chinese and its English."
    )


class TooManyFields(Refusal):
    code = "too_many_fields"
    sentence = _("At most %(most)s fields can be in use. Archive one first.")


class NoSuchField(Refusal):
    code, status = "custom_field_not_found", 404
    sentence = _("There is no such field any more. Open the list again.")


#: What is wanted of an answer, by the field's kind.
_WANTED: dict[str, Any] = {
    "text": _("a text of at most 1,000 characters"),
    "number": _("a number with at most 12 digits and 4 decimals"),
    "date": _("a day such as 2026-05-31"),
    "choice": _("one of the list"),
    "yes_no": _("yes or no"),
}


class _OfField(Refusal):
    """`field`: its code; `title`: what it is called, which stored replies do not keep; `kind`: what it holds."""

    def told(self) -> dict[str, Any]:
        called = self.data.get("title") or self.data["field"]
        return {"field": called, "wanted": _WANTED.get(self.data.get("kind", ""), "")}


class FieldUnknown(Refusal):
    code, status = "custom_field_unknown", 422
    sentence = _("Nobody is asked for %(field)s here. Leave it out.")


class FieldMissing(_OfField):
    code, status = "custom_field_missing", 422
    sentence = _("“%(field)s” is not filled in. Fill it in.")


class FieldAnswerBad(_OfField):
    code, status = "custom_field_answer_bad", 422
    sentence = _("“%(field)s” cannot be understood. Give %(wanted)s.")


class FlowBad(Refusal):
    code, status = "flow_bad", 422
    sentence = _("This is no approval flow yet: %(faults)s. Mend it and save again.")


class FlowAmountBad(Refusal):
    code, status = "flow_amount_bad", 422
    sentence = _("Type the refund from which the flow applies as an amount, such as 500, or leave it empty.")


class FlowPointsBad(Refusal):
    code, status = "flow_points_bad", 422
    sentence = _("Type the risk points as a whole number from 1 to 1,000, or leave them empty.")


class StageHoursBad(Refusal):
    code, status = "stage_hours_bad", 422
    sentence = _("Type the hours of stage %(stage)s as a whole number from 1 to 2,400, or leave them empty.")


class FlowWithoutStages(Refusal):
    code, status = "flow_without_stages", 422
    sentence = _("Nobody is named yet. Tick at least one role or person who decides.")


class EscalationWithoutHours(Refusal):
    code, status = "escalation_without_hours", 422
    sentence = _("Stage %(stage)s names whom to ask when it takes too long. Say after how many hours.")


class FlowWordsBad(Refusal):
    code, status = "flow_words_bad", 422
    sentence = _("Name the flow in Chinese and in English, each with at most 80 characters.")


class FlowCodeTaken(Refusal):
    code = "flow_code_taken"
    sentence = _("The code %(code)s is taken already, maybe by an archived flow. Choose another one.")


class NoSuchFlow(Refusal):
    code, status = "flow_not_found", 404
    sentence = _("There is no such approval flow any more. Open the list again.")


class TooManyFlows(Refusal):
    code = "flows_too_many"
    sentence = _("There are %(most)s flows in use already. Archive one that no longer applies.")


class ApproverCannot(Refusal):
    code, status = "approver_cannot", 422
    sentence = _("Stage %(stage)s names somebody who may not decide about returns: %(who)s. Choose somebody who may.")


class CompanyUnknown(Refusal):
    code, status = "company_not_found", 404
    sentence = _("There is no such company here. Open the list again.")
