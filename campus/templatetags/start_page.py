from typing import Any

from django import template
from django.contrib import admin
from django.template.context import Context

from campus.periods import chosen, periods
from core.admin import what_waits
from core.figures import figures

register = template.Library()


@register.simple_tag(takes_context=True)
def start_page(context: Context) -> dict[str, Any]:
    """What the first page of the admin says to this person, beside the lists."""
    request = context["request"]
    found = figures(request, admin.site)
    return {
        "waiting": what_waits(request, admin.site),
        "figures": found,
        "periods": periods(request) if found else [],
        "chosen": chosen(request) if found else None,
    }
