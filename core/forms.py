"""How every form and field is drawn, and where an error summary's links lead.

`Renderer` is the project's FORM_RENDERER: `{{ field.as_field_group }}` and our components share one field template.
"""

from __future__ import annotations  # BaseFormSet takes its parameter in the stubs alone

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"


class Fieldset(NamedTuple):
    """A form that declares `fieldsets = [Fieldset("Pay", ("pay_kind", "amount")), ...]` is drawn in these groups."""

    legend: str
    fields: tuple[str, ...]
    hint: str = ""


class Group(NamedTuple):
    legend: str
    hint: str
    fields: list[forms.BoundField]


class ErrorLink(NamedTuple):
    target: str
    message: str


def groups(form: forms.BaseForm) -> list[Group]:
    """The form's visible fields in its declared fieldsets; what none of them names follows without a legend."""
    visible = {field.name: field for field in form.visible_fields()}
    drawn = []
    for fieldset in getattr(form, "fieldsets", ()):
        fields = [visible.pop(name) for name in fieldset.fields if name in visible]
        if fields:
            drawn.append(Group(fieldset.legend, fieldset.hint, fields))
    if visible:
        drawn.append(Group("", "", list(visible.values())))
    return drawn


def first_id(field: forms.BoundField) -> str:
    """The id of the first control that can take the focus.

    Django gives radios and checkboxes a container with the field's id and numbers the inputs inside; a link to the
    container scrolls but leaves the keyboard behind.
    """
    widget = field.field.widget
    if isinstance(widget, forms.SelectDateWidget):
        return f"{field.auto_id}_month"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.MultiWidget):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


def error_links(form: forms.BaseForm | forms.BaseFormSet[Any]) -> list[ErrorLink]:
    """Every error of a form or formset in reading order, each with the id of the control that mends it."""
    return list(_links(form))


def _links(form: forms.BaseForm | forms.BaseFormSet[Any]) -> Iterator[ErrorLink]:
    for message in form.non_field_errors() if isinstance(form, forms.BaseForm) else form.non_form_errors():
        yield ErrorLink("", message)
    if isinstance(form, forms.BaseFormSet):
        for member in form.forms:
            yield from _links(member)
        return
    for field in [*form.hidden_fields(), *(field for group in groups(form) for field in group.fields)]:
        for message in field.errors:
            yield ErrorLink("" if field.is_hidden else first_id(field), message)


def is_single_checkbox(field: forms.BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


def is_choice_list(field: forms.BoundField) -> bool:
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
