from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from core.http import page, submitted
from postings import actions
from postings.forms import ReportForm
from postings.models import Posting


@require_http_methods(["GET", "HEAD", "POST"])
def posting_reports(request: HttpRequest, pk: int) -> HttpResponse:
    posting = get_object_or_404(Posting.objects.visible_to(request.user).select_related("organization"), pk=pk)
    refusal = actions.why_no_report(posting, by=request.user)
    if refusal:
        messages.info(request, refusal)
        return redirect(posting)
    form = ReportForm(submitted(request))
    if request.method == "POST" and form.is_valid():
        actions.report(posting, by=request.user, **form.cleaned_data)
        messages.success(request, "Thank you. The career office looks at it. The host does not learn who reported.")
        return redirect(posting)
    status = 422 if form.is_bound else 200
    return page(request, "postings/report.html", {"posting": posting, "form": form}, status=status)
