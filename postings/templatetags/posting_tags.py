from typing import Any

import nh3
from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from postings import wording
from postings.models import Posting
from postings.workflow import Status

register = template.Library()

# Pictures and raw HTML have no business in a brief: a picture tells its server who reads.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image").enable("table")
_TAGS = {
    *("p", "br", "hr", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
# A brief stands under the page's own h1 and h2.
_LOWERED = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}
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
def tone(status: str) -> str:
    return TONES.get(Status(status), "ended")


@register.filter
def say(posting: Posting, fact: str) -> Any:
    """A fact of a posting in words: `{{ posting|say:"pay" }}` asks wording.pay."""
    return getattr(wording, fact)(posting)


@register.inclusion_tag("components/posting_card.html")
def posting_card(posting: Posting, level: int = 3) -> dict[str, Any]:
    facts = [("clock", wording.terms(posting)), ("pin", wording.location(posting))]
    if posting.stream:
        facts.append(("file", posting.stream.name))
    return {
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
