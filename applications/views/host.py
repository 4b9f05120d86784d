from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from applications import actions
from applications.actions.moving import refuse_if_suspended
from applications.forms import ExtensionForm, NonSelectionForm, OfferForm, ReasonForm
from applications.models import Application, Offer, positions_left, wished_day
from applications.views.asking import ask, bound
from applications.workflow import APPLICATION, UNDECIDED, ApplicationStatus
from core.decorators import role_required
from core.http import page
from core.workflow import MoveRefused
from postings.models import Posting
from postings.workflow import LIVE, OVER, WRITABLE, Status
from postings.workflow import workflow as posting_workflow


@role_required(Role.HOST)
@require_safe
def host_postings(request: HttpRequest) -> HttpResponse:
    """Every posting that this host looks after, with who has applied to it."""
    sent = Q(applications__submitted_at__isnull=False)
    unread = Q(applications__status=ApplicationStatus.SUBMITTED)
    postings = (
        Posting.objects.managed_by(request.user)
        .select_related("organization", "opportunity_type")
        .defer("search")
        .annotate(applicants=Count("applications", filter=sent), unread=Count("applications", filter=unread))
    )
    groups = [
        ("Needs you", [Status.DRAFT, Status.CHANGES_REQUESTED]),
        ("With the career office", [Status.SUBMITTED]),
        ("Listed", [*LIVE]),
        ("Over", [*OVER, Status.DECLINED, Status.WITHDRAWN]),
    ]
    rows = list(postings.order_by("-updated_at", "-pk"))
    shown = [(title, [row for row in rows if row.status in statuses]) for title, statuses in groups]
    context = {
        "groups": shown,
        "any": bool(rows),
        "open_states": LIVE,
        "editable": (*WRITABLE, *LIVE),
        "closable": posting_workflow.moves["close"].sources,
        "withdrawable": posting_workflow.moves["withdraw"].sources,
    }
    return page(request, "applications/host_postings.html", context)


@require_POST
def application_review(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(Application.objects.handled_by(request.user), pk=pk)
    actions.review(application, by=request.user)
    messages.success(request, "The review has begun. The student sees it on their page.")
    return redirect(application)


@require_http_methods(["GET", "HEAD", "POST"])
def application_offer(request: HttpRequest, pk: int) -> HttpResponse:
    application = _handled(request, pk, "offer")

    def offer(form: OfferForm) -> HttpResponse:
        made = actions.make_offer(application, by=request.user, terms=form.terms, days=form.cleaned_data["days"])
        messages.success(request, f"Your offer is with {application.student}. It is open until {made.deadline_shown}.")
        return redirect(made)

    return ask(
        request,
        bound(OfferForm, request, application=application),
        act=offer,
        title=f"Write an offer to {application.student}",
        lead="The terms of your posting are filled in. What stands here when you send it is the written offer.",
        submit="Send the offer",
        back=application,
        warning=_positions_warning(application.posting),
    )


def _positions_warning(posting: Posting) -> str:
    undecided = Count("pk", filter=Q(application__posting=posting, status__in=UNDECIDED))
    out = Offer.objects.aggregate(out=undecided)["out"]
    if positions_left(posting) > out:
        return ""
    return (
        "You have as many offers out as there are positions left. If more students accept than there are positions, "
        "the later ones are refused, so consider waiting."
    )


@require_http_methods(["GET", "HEAD", "POST"])
def application_non_selection(request: HttpRequest, pk: int) -> HttpResponse:
    application = _handled(request, pk, "not_select")

    def tell(form: NonSelectionForm) -> HttpResponse:
        actions.not_select(application, by=request.user, **form.cleaned_data)
        messages.success(request, f"{application.student} will be told kindly.")
        return redirect("posting_applications", pk=application.posting_id)

    return ask(
        request,
        bound(NonSelectionForm, request, posting=application.posting),
        act=tell,
        title=f"Do not select {application.student}?",
        lead="The student gets a kind mail that says the project goes to somebody else: ours, or what you make of it. "
        "This cannot be undone.",
        submit="Do not select",
        back=application,
        danger=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def offer_extension(request: HttpRequest, pk: int) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.handled_by(request.user).with_people(), pk=pk)

    def extend(form: ExtensionForm) -> HttpResponse:
        extended = actions.extend_offer(offer, by=request.user, **form.cleaned_data)
        messages.success(request, f"The offer is open until {extended.deadline_shown} now.")
        return redirect(offer)

    return ask(
        request,
        bound(ExtensionForm, request, initial={"last_day": wished_day(offer)}),
        act=extend,
        title=f"Give {offer.student} more time",
        lead=f"The offer is open until {offer.deadline_shown}. A deadline only ever moves later.",
        submit="Give more time",
        back=offer,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def offer_rescission(request: HttpRequest, pk: int) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.handled_by(request.user).with_people(), pk=pk)

    def rescind(form: ReasonForm) -> HttpResponse:
        actions.rescind_offer(offer, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"The offer is taken back. {offer.student} has been told.")
        return redirect(offer)

    return ask(
        request,
        bound(ReasonForm, request, hint="The student and the career office read it."),
        act=rescind,
        title="Take the offer back",
        lead=f"{offer.student} may have turned down something else for it. Talk to the career office first if you can.",
        submit="Take the offer back",
        back=offer,
        danger=True,
    )


def _handled(request: HttpRequest, pk: int, move: str) -> Application:
    """The application, when its state allows the move; else a calm word before anything is typed. What has been typed
    is for the action to refuse, on the form."""
    application = get_object_or_404(Application.objects.handled_by(request.user).with_people(), pk=pk)
    if request.method == "POST":
        return application
    refuse_if_suspended(application)
    if application.status not in APPLICATION.moves[move].sources:
        raise MoveRefused(
            f"This application is {application.get_status_display().lower()} now, so that is not possible."
        )
    return application
