"""What a student asks about an offer, and a host's no to more time."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from applications import actions
from applications.forms import GoingBackForm, MoreTimeForm, ReasonForm, TalkForm
from applications.models import Offer, OfferRequest, RequestKind
from applications.views.asking import ask, bound
from applications.workflow import UNDECIDED, OfferStatus
from core.workflow import MoveRefused

asked_on_a_page = require_http_methods(["GET", "HEAD", "POST"])


@asked_on_a_page
def offer_more_time(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _mine(request, pk, RequestKind.MORE_TIME, (OfferStatus.OPEN,))

    def send(form: MoreTimeForm) -> HttpResponse:
        actions.ask_for_time(offer, by=request.user, **form.cleaned_data)
        messages.success(request, "The host has been asked. The deadline stays as it is until they answer.")
        return redirect(offer)

    return ask(
        request,
        bound(MoreTimeForm, request, offer=offer),
        act=send,
        title="Ask for more time",
        lead=f"The offer is open until {offer.deadline_shown}. Asking costs nothing.",
        submit="Ask for more time",
        back=offer,
    )


@asked_on_a_page
def offer_talk(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _mine(request, pk, RequestKind.TALK, UNDECIDED)

    def send(form: TalkForm) -> HttpResponse:
        actions.ask_for_talk(offer, by=request.user, words=form.cleaned_data["words"])
        messages.success(request, "The career office has been asked. They get in touch with you.")
        return redirect(offer)

    return ask(
        request,
        bound(TalkForm, request),
        act=send,
        title="Talk to the career office first",
        lead=f"An advisor gets in touch with you. The offer stays open until {offer.deadline_shown}.",
        submit="Ask for a talk",
        back=offer,
    )


@asked_on_a_page
def offer_going_back(request: HttpRequest, pk: int) -> HttpResponse:
    offer = _mine(request, pk, RequestKind.GOING_BACK, (OfferStatus.ACCEPTED,))

    def send(form: GoingBackForm) -> HttpResponse:
        actions.ask_to_go_back(offer, by=request.user, words=form.cleaned_data["words"])
        messages.success(request, "The career office has been asked. Until they answer, your acceptance stands.")
        return redirect(offer)

    return ask(
        request,
        bound(GoingBackForm, request),
        act=send,
        title="Ask to go back on your acceptance",
        lead="You gave your word, and the host counts on it. If you cannot keep it, the career office settles it with "
        "you: until then your acceptance stands.",
        submit="Ask the career office",
        back=offer,
    )


def _mine(request: HttpRequest, pk: int, kind: RequestKind, states: tuple[OfferStatus, ...]) -> Offer:
    """The student's own offer, when it can be asked of it; else a calm word before anything is typed. What has been
    typed is for the action to refuse, on the form."""
    offer = get_object_or_404(Offer.objects.of_student(request.user).with_people(), pk=pk)
    if request.method == "POST":
        return offer
    if offer.status not in states:
        raise MoveRefused(f"This offer is {offer.get_status_display().lower()} now, so that is not possible.")
    if offer.requests.waiting().filter(kind=kind).exists():
        raise MoveRefused("You asked already, and the answer is still to come.")
    return offer


@require_POST
def request_withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(OfferRequest.objects.of_student(request.user).select_related("offer"), pk=pk)
    actions.take_back_request(asked, by=request.user)
    messages.success(request, "Your request is taken back. You can ask again.")
    return redirect(asked.offer)


@asked_on_a_page
def offer_more_time_refusal(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a co-host has answered in the meantime, the action says so on the form, which keeps the words."""
    offer = get_object_or_404(Offer.objects.handled_by(request.user).with_people(), pk=pk)
    found = OfferRequest.objects.visible_to(request.user).filter(offer=offer, kind=RequestKind.MORE_TIME).last()
    if found is None or (request.method != "POST" and not found.is_open):
        raise MoveRefused("Nobody waits for an answer about more time.")

    def refuse(form: ReasonForm) -> HttpResponse:
        actions.refuse_request(found, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"{offer.student} has been told. The offer is open until {offer.deadline_shown}.")
        return redirect(offer)

    return ask(
        request,
        bound(ReasonForm, request, hint="The student reads it."),
        act=refuse,
        title=f"No more time for {offer.student}",
        lead=f"The offer stays open until {offer.deadline_shown}, as it is now.",
        submit="Say no",
        back=offer,
    )
