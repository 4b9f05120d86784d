from collections.abc import Iterable
from itertools import groupby

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import Role
from applications import actions
from applications.comparing import Shared, Work, shared_weeks, work_applied_for, work_of
from applications.forms import OthersForm, ReasonForm
from applications.models import Application, Offer
from applications.timeline import FOR_TIMELINE, TONES, Group, Steps, newest, with_steps
from applications.views.asking import ask
from applications.workflow import UNDECIDED, OfferStatus
from core import clock
from core.decorators import role_required
from core.http import page
from core.workflow import MoveRefused

PER_PAGE = 25


@role_required(Role.STUDENT)
@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    """All of them, what needs the student first, and the soonest first of each group; what has no date, the newest."""
    now = clock.now()
    mine = Application.objects.of_student(request.user).with_people().defer("posting__search")
    mine = with_steps(mine, now).order_by("-status_at", "-pk")
    steps = Steps(now)
    order = list(Group)
    rows = sorted(((steps.next(one), one) for one in mine), key=lambda row: (order.index(row[0].group), row[0].day))
    found = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    prefetch_related_objects([one for _, one in found], *FOR_TIMELINE)
    shown = [(one, TONES.get(one.status, "ended"), step, newest(one, viewer=request.user)) for step, one in found]
    groups = [
        (group.value, group.label, list(members)) for group, members in groupby(shown, key=lambda row: row[2].group)
    ]
    accepted = Offer.objects.of_student(request.user).filter(status=OfferStatus.ACCEPTED).order_by("-status_at").first()
    context = {"page": found, "rows": shown, "groups": groups, "others_of": accepted if _others_run(request) else None}
    return page(request, "applications/application_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def application_withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(Application.objects.of_student(request.user).with_people(), pk=pk)

    def withdraw(form: ReasonForm) -> HttpResponse:
        actions.withdraw(application, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "Your application is withdrawn.")
        return redirect(application)

    data = request.POST if request.method == "POST" else None
    return ask(
        request,
        ReasonForm(data, required=False, hint="The host reads it."),
        act=withdraw,
        title="Withdraw your application",
        lead=f"{application.posting.organization} will no longer consider it. You can apply again while it is open.",
        submit="Withdraw the application",
        back=application,
        danger=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def offer_declination(request: HttpRequest, pk: int) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.of_student(request.user).with_people(), pk=pk)

    def decline(form: ReasonForm) -> HttpResponse:
        actions.decline_offer(offer, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "You declined the offer. The host has been told.")
        return redirect(offer.application)

    data = request.POST if request.method == "POST" else None
    return ask(
        request,
        ReasonForm(data, required=False, hint="The host reads it. A word of thanks is welcome too."),
        act=decline,
        title="Decline the offer",
        lead=f"{offer.application.posting.organization} can offer the project to somebody else.",
        submit="Decline the offer",
        back=offer,
        danger=True,
    )


def _others_run(request: HttpRequest) -> bool:
    return Application.objects.of_student(request.user).running().exists()


@require_http_methods(["GET", "HEAD", "POST"])
def offer_others(request: HttpRequest, pk: int) -> HttpResponse:
    """After a yes: which other applications to let go, with the weeks that would come together. None has to be."""
    offer = get_object_or_404(Offer.objects.of_student(request.user).with_people(), pk=pk)
    if offer.status != OfferStatus.ACCEPTED:
        raise MoveRefused("Accept an offer first; then you can let the others go together.")
    running = Application.objects.of_student(request.user).running().with_people().prefetch_related("offers")
    others = {_key(one): one for one in running.order_by("-submitted_at", "-pk")}
    choices = [(key, _choice(one)) for key, one in others.items()]
    form = OthersForm(request.POST if request.method == "POST" else None, choices=choices)
    if request.method == "POST" and form.is_valid():
        return _let_go(request, offer, [others[key] for key in form.cleaned_data["applications"]], form)
    context = {
        "form": form,
        "offer": offer,
        "posting": offer.application.posting,
        "others": others,
        "side_by_side": _side_by_side(request, others.values()),
    }
    return page(request, "applications/offer_others.html", context, status=422 if form.is_bound else 200)


def _key(application: Application) -> str:
    """An application that becomes an offer while the page stands open is another thing, and not declined unseen."""
    offer = _undecided(application)
    return f"offer-{offer.pk}" if offer else f"application-{application.pk}"


def _undecided(application: Application) -> Offer | None:
    return next((offer for offer in application.offers.all() if offer.status in UNDECIDED), None)


def _choice(application: Application) -> str:
    posting = application.posting
    offer = _undecided(application)
    if offer:
        return f"Decline the offer for “{posting}” of {posting.organization} (open until {offer.deadline_shown})"
    state = application.get_status_display().lower()
    return f"Withdraw the application to “{posting}” of {posting.organization} ({state})"


def _let_go(request: HttpRequest, offer: Offer, chosen: list[Application], form: OthersForm) -> HttpResponse:
    offers = [found for found in map(_undecided, chosen) if found]
    applications = [one for one in chosen if not _undecided(one)]
    refusals = actions.let_go(applications, offers, by=request.user, reason=form.cleaned_data["reason"])
    count = len(chosen) - len(refusals)
    if count:
        messages.success(request, f"{count} let go. {'Its host has' if count == 1 else 'Their hosts have'} been told.")
    if refusals:
        stay = "1 has" if len(refusals) == 1 else f"{len(refusals)} have"
        messages.warning(request, f"{stay} moved in the meantime and stay{'s' if len(refusals) == 1 else ''} as now.")
    return redirect(offer.application)


def _side_by_side(request: HttpRequest, others: Iterable[Application]) -> list[tuple[Work, list[Shared]]]:
    """Each running application, and each accepted offer, with the accepted offers that fall into the same weeks."""
    accepted = Offer.objects.of_student(request.user).filter(status=OfferStatus.ACCEPTED)
    agreed = [work_of(offer) for offer in accepted.select_related("application__posting").order_by("starts_on", "pk")]
    found = []
    for position, work in enumerate(agreed):
        found.append((work, shared_weeks(work, agreed[position + 1 :])))
    for application in others:
        offer = _undecided(application)
        work_or_none = work_of(offer) if offer else work_applied_for(application)
        if work_or_none:
            found.append((work_or_none, shared_weeks(work_or_none, agreed)))
    return [(work, shared) for work, shared in found if shared]
