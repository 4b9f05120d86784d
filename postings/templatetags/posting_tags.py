from collections.abc import Container, Iterable
from html import escape
from typing import Any
from urllib.parse import urlencode

import nh3
from django import forms, template
from django.template.context import Context
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from postings import checks, rules, wording
from postings.checks.worksheet import Worksheet
from postings.finding.finder import Option
from postings.forms import PostingForm
from postings.models import Frequency, Posting, SavedPosting, SavedSearch
from postings.workflow import Status
from programs.models import Program

register = template.Library()

# Pictures and raw HTML have no business in a brief: a picture tells its server who reads.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image").enable("table")
_TAGS = {
    *("p", "br", "hr", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
# A brief stands under the page's own h1 and h2.
_LOWERED = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}
EXACT = 1_000
TONES = {
    Status.DRAFT: "neutral",
    Status.SUBMITTED: "waiting",
    Status.CHANGES_REQUESTED: "warning",
    Status.SCHEDULED: "waiting",
    Status.OPEN: "active",
    Status.ON_HOLD: "warning",
    Status.FILLED: "success",
    Status.DECLINED: "danger",
}


@register.simple_tag
def partner_program(posting: Posting) -> Program | None:
    """The program that administers a global posting; none at home, nor where the career office is asked."""
    return Program.objects.of_country(posting.country) if posting.is_global else None


@register.filter
def by_severity(failures: list[checks.Failed]) -> list[tuple[checks.Severity, list[checks.Failed]]]:
    return checks.by_severity(failures)


@register.filter
def worksheets(posting: Posting) -> list[Worksheet]:
    return checks.worksheets(posting)


@register.filter
def field_label(name: str) -> str:
    return str(PostingForm.base_fields[name].label)


@register.filter
def field_id(name: str) -> str:
    """Of the control in the form that can take the focus; of several the first."""
    several = isinstance(PostingForm.base_fields[name].widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return f"id_{name}_0" if several else f"id_{name}"


@register.filter
def markdown(text: str) -> SafeString:
    """CommonMark without HTML and pictures, then sanitized: two locks, since one of them may have a hole."""
    tokens = _MARKDOWN.parse(text or "")
    for token in tokens:
        token.tag = _LOWERED.get(token.tag, token.tag)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308  sanitized on the line above


def _word(token: Token) -> str:
    return " " if token.type in ("softbreak", "hardbreak") else token.content


@register.filter
def plain(text: str, length: int = 28) -> str:
    """The first words of a brief, without the marks of Markdown."""
    lines = (token.children for token in _MARKDOWN.parse(text or "") if token.children)
    words = " ".join("".join(_word(child) for child in line) for line in lines)
    return Truncator(words).words(length, truncate=" …")


@register.filter
def bounded(count: int) -> str:
    """Exact up to a thousand; beyond, nobody reads on to the last."""
    return f"{count:,}" if count <= EXACT else f"{EXACT:,}+"


@register.simple_tag
def facet_options(name: str, many: bool, options: list[Option]) -> SafeString:
    """A box or a button for each option, with its count. A hundred of them take a template engine ten milliseconds."""
    kind = "checkbox" if many else "radio"
    drawn = [
        f'<label class="facet__option"><input type="{kind}" name="{name}" value="{escape(option.value)}"'
        f"{' checked' if option.is_on else ''}><span>{escape(option.label)}</span> "
        f'<span class="facet__count" id="n-{name}-{escape(option.value)}">{_count(option)}</span></label>'
        for option in options
    ]
    return mark_safe("".join(drawn))  # noqa: S308  escaped above


@register.simple_tag
def facet_counts(name: str, options: list[Option]) -> SafeString:
    """The counts alone, each to be put where it belongs."""
    drawn = [
        f'<span class="facet__count" id="n-{name}-{escape(option.value)}" hx-swap-oob="true">{_count(option)}</span>'
        for option in options
    ]
    return mark_safe("".join(drawn))  # noqa: S308


def _count(option: Option) -> str:
    if option.count is None:
        return ""
    return f'{bounded(option.count)}<span class="visually-hidden"> posting{pluralize(option.count)}</span>'


@register.filter
def tone(status: str) -> str:
    return TONES.get(Status(status), "ended")


@register.filter
def say(posting: Posting, fact: str) -> Any:
    """A fact of a posting in words: `{{ posting|say:"pay" }}` asks wording.pay."""
    return getattr(wording, fact)(posting)


@register.inclusion_tag("components/pay_band.html")
def pay_band(posting: Posting) -> dict[str, Any]:
    """The typical band and this posting's pay on one line, with the same in words."""
    scale = rules.pay_scale(posting)
    if scale is None:
        return {"words": ""}
    return {
        "words": wording.pay_beside_the_band(posting),
        "low": scale.low,
        "band": scale.high - scale.low,
        "least": scale.least,
        "spread": max(scale.most - scale.least, 1),
    }


@register.inclusion_tag("components/posting_card.html")
def posting_card(posting: Posting, level: int = 3) -> dict[str, Any]:
    facts = [("clock", wording.terms(posting)), ("pin", wording.location(posting))]
    if posting.stream:
        facts.append(("file", posting.stream.name))
    return {
        "key": posting.pk,
        "url": reverse("posting", args=[posting.pk]),
        "title": posting.title,
        "organization": posting.organization.name,
        "labels": wording.labels(posting),
        "summary": plain(posting.brief),
        "facts": [(icon, text) for icon, text in facts if text],
        "pay": wording.pay_in_short(posting),
        "pay_note": wording.effective_pay(posting),
        "deadline": wording.deadline_in_short(posting),
        "level": level,
    }


@register.inclusion_tag("components/save_button.html", takes_context=True)
def save_button(context: Context, key: int, title: str, saved: Container[int] | None = None) -> dict[str, Any]:
    """Without a title it takes its name from the card beside it. `saved`, from saved_among, asks once for many."""
    asker = _for_students(context, reverse("posting", args=[key]))
    known = saved_among(context, [key]) if saved is None else saved
    return {**asker, "posting_id": key, "title": title, "saved": known is not None and key in known}


@register.simple_tag(takes_context=True)
def saved_among(context: Context, keys: Iterable[int]) -> set[int] | None:
    """Those of the postings that this student has saved; None for everybody else."""
    user = _user(context)
    if not user.is_authenticated or not user.is_student:
        return None
    saved = SavedPosting.objects.filter(student=user.student, posting__in=list(keys))
    return set(saved.values_list("posting", flat=True))


@register.inclusion_tag("components/save_search.html", takes_context=True)
def save_search(context: Context, address: str) -> dict[str, Any]:
    """`address`: the query string of the list."""
    asker = _for_students(context, f"{reverse('posting_list')}?{address}")
    return {**asker, "query": address, "frequencies": Frequency.choices}


def _for_students(context: Context, address: str) -> dict[str, Any]:
    """Visitors sign in and come back to this address; hosts and staff save nothing."""
    user = _user(context)
    if not user.is_authenticated:
        return {"sign_in_url": f"{reverse('account_login')}?{urlencode({'next': address})}"}
    return {"hidden": not user.is_student}


def _user(context: Context) -> Any:
    return context.request.user  # type: ignore[attr-defined]


@register.filter
def alert_words(search: SavedSearch) -> str:
    return wording.alert(search)
