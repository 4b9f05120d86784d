"""New dates: a host proposes them, the student agrees or says no. Staff read of it, and move dates in the admin."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from applications.forms import ReasonForm
from applications.views.asking import ask, bound
from authorization.rules import World
from core import clock
from placements import actions
from placements.actions.dates import OVER, SETTLED, WAITING, why_not_these
from placements.forms import ProposalForm
from placements.models import DateProposal, Placement
from placements.rules import begins_late, in_words, start_is_lost_from
from placements.wording import cleared_for
from placements.workflow import Status


def about_dates(placement: Placement, roles: set[str]) -> dict[str, Any]:
    """For the page of a placement: what is proposed and what this person may do about it."""
    proposal = placement.date_proposals.waiting().select_related("proposed_by").first()
    if proposal is None:
        proposes = "host" in roles and not placement.is_over
        late = begins_late(placement)
        return {
            "may_propose": proposes,
            "begins_late": late,
            "must_move": proposes and bool(late or _is_lost(placement)),
        }
    wrong = why_not_these(placement, proposal.starts_on, proposal.ends_on, clock.today())[1]
    return {
        "proposal": proposal,
        "proposal_wrong": wrong,
        "proposal_means": cleared_for(placement, proposal) if "student" in roles and not wrong else "",
        "may_answer": "student" in roles,
        "may_take_back": "host" in roles,
    }


def _is_lost(placement: Placement) -> bool:
    if placement.status != Status.AWAITING_AUTHORIZATION:
        return False
    lost = start_is_lost_from(placement, World.load())
    return lost is not None and lost <= clock.today()


@require_http_methods(["GET", "HEAD", "POST"])
def placement_dates(request: HttpRequest, pk: int) -> HttpResponse:
    """What cannot be proposed at all is said before anything is typed; what has been typed, on the form."""
    placement = get_object_or_404(Placement.objects.managed_by(request.user).with_people(), pk=pk)
    if request.method != "POST" and (placement.is_over or placement.date_proposals.waiting().exists()):
        messages.warning(request, OVER if placement.is_over else WAITING)
        return redirect(placement)

    def propose(form: ProposalForm) -> HttpResponse:
        actions.propose_dates(placement, by=request.user, **form.cleaned_data)
        messages.success(request, f"{placement.student} has been asked. Until the answer comes, the dates stay.")
        return redirect(placement)

    agreed = f"from {in_words(placement.starts_on)} to {in_words(placement.ends_on)}"
    return ask(
        request,
        bound(ProposalForm, request, placement=placement),
        act=propose,
        title="Propose a later last day" if placement.has_begun else "Propose new dates",
        lead=f"{placement.posting} is agreed {agreed}. These dates stay until {placement.student.get_short_name()} "
        "agrees to others. Talk to each other first. Dates are calendar days on the board’s clock.",
        submit="Propose these dates",
        back=placement,
    )


@require_POST
def dates_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    placement = actions.agree_to_dates(_of_student_or_404(request, pk), by=request.user)
    messages.success(request, f"Agreed: from {in_words(placement.starts_on)} to {in_words(placement.ends_on)}.")
    return redirect(placement)


@require_http_methods(["GET", "HEAD", "POST"])
def dates_refusal(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = _of_student_or_404(request, pk)
    placement = proposal.placement
    if request.method != "POST" and not proposal.is_open:
        messages.warning(request, SETTLED)
        return redirect(placement)

    def refuse(form: ReasonForm) -> HttpResponse:
        actions.decline_dates(proposal, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "The host has been told. The dates stay as they were.")
        return redirect(placement)

    return ask(
        request,
        bound(ReasonForm, request, hint="The host reads it, and the career office. Say which dates you could keep."),
        act=refuse,
        title="Say no to the new dates",
        lead=f"The dates stay from {in_words(placement.starts_on)} to {in_words(placement.ends_on)}.",
        submit="Say no",
        back=placement,
    )


@require_POST
def dates_withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    managed = DateProposal.objects.managed_by(request.user).select_related("placement")
    proposal = actions.take_back_dates(get_object_or_404(managed, pk=pk), by=request.user)
    messages.success(request, "Taken back. You can propose other dates.")
    return redirect(proposal.placement)


def _of_student_or_404(request: HttpRequest, pk: int) -> DateProposal:
    own = DateProposal.objects.of_student(request.user).select_related("placement")
    return get_object_or_404(own, pk=pk)
