"""Why a decision is not taken, or not by this person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NotYourStage(Refusal):
    code, status = "not_your_stage", 403
    sentence = _("Stage %(stage)s of the approval is for others to decide. The return's page says who may.")


class NeedsApproval(Refusal):
    code = "needs_approval"
    sentence = _(
        "Others have to agree to this return, so it cannot be finished at the counter. Enter it as a request for the "
        "order; take the goods in once it is authorised."
    )


class OwnRequest(Refusal):
    code, status = "own_request", 403
    sentence = _("You entered this request, so somebody else has to decide about it. The return's page says who may.")


class DecidedAlready(Refusal):
    code = "stage_decided_already"
    sentence = _("You have agreed at stage %(stage)s already. The others of this stage have to agree too.")


class NamedTwice(Refusal):
    code = "named_twice"
    sentence = _("The return is named twice here, and each act decides one stage. Look at it, then decide the next.")


class StageMoved(Refusal):
    code = "stage_moved"
    sentence = _("Stage %(seen)s was decided meanwhile; stage %(stage)s is open now. Look at the return as it is now.")


class GrantedLess(Refusal):
    code, status = "granted_less", 422
    sentence = _("An earlier stage granted %(most)s units of a line, so %(units)s are too many. Lower the quantity.")
