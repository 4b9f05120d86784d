"""Tags of the component library; loaded everywhere as a template builtin. What each draws: components/README.md."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from django import forms, template
from django.conf import settings
from django.middleware.csrf import get_token
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import forms as drawing

register = template.Library()

NOTICE_KINDS = {"info": "Note", "success": "Done", "warning": "Warning", "danger": "Problem"}
MESSAGE_KINDS = {"error": "danger", "warning": "warning", "success": "success"}


def _pairs(values: Sequence[Any]) -> list[tuple[Any, Any]]:
    padded = [*values, ""] if len(values) % 2 else values
    return list(pairwise(padded))[::2]


def _path(context: Context) -> str:
    request = getattr(context, "request", None)
    return request.path if request else ""


@register.simple_tag
@cache
def icon(name: str, label: str = "") -> SafeString:
    """A glyph of icons.svg: decoration, unless a label says what it means. A list has a hundred of them."""
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href)


@register.simple_tag(takes_context=True)
def csrf_field(context: Context) -> SafeString:
    """Like csrf_token, and also there inside `{% include … only %}`, where that one silently draws nothing."""
    request = getattr(context, "request", None) or context.get("request")
    if request is None:
        return SafeString("")
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))


@register.simple_tag
def pairs(*values: Any) -> list[tuple[Any, Any]]:
    """`{% pairs "a" 1 "b" 2 as rows %}` gives components the list of pairs that template syntax cannot write."""
    return _pairs(values)


@register.inclusion_tag("components/facts.html")
def facts(*values: Any, variant: str = "") -> dict[str, Any]:
    return {"rows": [(term, value) for term, value in _pairs(values) if value not in (None, "")], "variant": variant}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*values: Any) -> dict[str, Any]:
    """Label, address, label, address, …; the last label, without an address, is this page."""
    return {"items": _pairs(values)}


@register.inclusion_tag("components/tabs.html", takes_context=True)
def tabs(context: Context, name: str, *values: Any) -> dict[str, Any]:
    request = getattr(context, "request", None)
    items = _pairs(values)
    addresses = [url for _, url in items]
    here = request.get_full_path() if request and request.get_full_path() in addresses else _path(context)
    return {"name": name, "items": [(label, url, url == here) for label, url in items]}


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Context, label: str, url_name: str) -> dict[str, Any]:
    url = reverse(url_name)
    return {"label": label, "url": url, "current": _path(context) == url}


@register.inclusion_tag("components/sharing.html", takes_context=True)
def sharing(
    context: Context, title: str, description: str = "", path: str = "", kind: str = "website"
) -> dict[str, Any]:
    """The one address that a public page is known by, and what others show of it; on our own host, whoever asks."""
    program = context.get("program")
    return {
        "url": f"{settings.BASE_URL}{path or _path(context)}",
        "title": title,
        "description": description,
        "kind": kind,
        "site": f"{program.program_name}, {program.university_name}" if program else "",
    }


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "", level: int = 2) -> SafeString:
    word = NOTICE_KINDS[kind]
    context = {"kind": kind, "title": title, "word": word, "level": level, "content": content}
    return render_to_string("components/notice.html", context)


@register.filter
def form_groups(form: forms.BaseForm) -> list[drawing.Group]:
    return drawing.groups(form)


@register.filter
def error_links(form: Any) -> list[drawing.ErrorLink]:
    return drawing.error_links(form)


@register.filter
def has_errors(form: Any) -> bool:
    """Only a bound form is asked, so that drawing an empty one validates nothing."""
    return bool(form) and getattr(form, "is_bound", False) and bool(drawing.error_links(form))


@register.filter
def field_messages(field: forms.BoundField) -> list[str]:
    return drawing.messages(field)


@register.filter
def is_single_checkbox(field: forms.BoundField) -> bool:
    return drawing.is_single_checkbox(field)


@register.filter
def is_choice_list(field: forms.BoundField) -> bool:
    return drawing.is_choice_list(field)


@register.filter
def message_kind(tags: str) -> str:
    """Django's message level as one of the four kinds of notice."""
    return next((kind for tag, kind in MESSAGE_KINDS.items() if tag in tags.split()), "info")


@register.filter
def page_numbers(page: Any) -> list[int | None]:
    """First, last and the neighbors of this page; None stands for a gap."""
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in shown]


@register.simple_tag
def demo_code() -> str:
    """What passes for anybody's second factor in the demo; elsewhere nothing does."""
    return settings.MFA_TOTP_INSECURE_BYPASS_CODE
