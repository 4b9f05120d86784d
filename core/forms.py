"""How every form and field is drawn, and where an error summary's links lead.

`Renderer` is the project's FORM_RENDERER: `{{ field.as_field_group }}` and our components share one field template.
"""

from __future__ import annotations  # BaseFormSet takes its parameter in the stubs alone

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
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
        yield ErrorLink("", str(message))
    if isinstance(form, forms.BaseFormSet):
        for member in form.forms:
            yield from _links(member)
        return
    for field in [*form.hidden_fields(), *(field for group in groups(form) for field in group.fields)]:
        for message in messages(field):
            yield ErrorLink("" if field.is_hidden else first_id(field), message)


def messages(field: forms.BoundField) -> list[str]:
    """The field's errors; where Django's own wording stands, ours that names the field and says how to mend it."""
    return [message for error in field.errors.as_data() for message in _reworded(field, error)]


def _reworded(field: forms.BoundField, error: ValidationError) -> list[str]:
    params = {**(error.params or {}), "label": field.label}
    if error.message is forms.Field.default_error_messages["required"]:
        return [_required_wording(field).format_map(params)]
    # By identity: a message somebody wrote for this very field is better than ours, even with the same code.
    for default, wording in WORDINGS:
        if error.message is default:
            return [wording.format_map(params)]
    return list(error.messages)


def _required_wording(field: forms.BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, forms.FileInput):
        return "Choose a file for “{label}”."
    if isinstance(widget, forms.CheckboxInput):
        return "Check the box “{label}”."
    if isinstance(widget, forms.widgets.ChoiceWidget):
        return "Choose an answer for “{label}”."
    return "Fill in “{label}”."


WORDINGS = [
    (forms.ChoiceField.default_error_messages["invalid_choice"], "Choose one of the answers listed for “{label}”."),
    (forms.ModelChoiceField.default_error_messages["invalid_choice"], "Choose one of those listed for “{label}”."),
    (forms.IntegerField.default_error_messages["invalid"], "Enter a whole number for “{label}”, for example 12."),
    (forms.DecimalField.default_error_messages["invalid"], "Enter a number for “{label}”, for example 22.50."),
    (forms.DateField.default_error_messages["invalid"], "Enter a date for “{label}”, for example 2025-01-06."),
    (forms.DateTimeField.default_error_messages["invalid"], "Enter a date and time for “{label}”."),
    (forms.URLField.default_error_messages["invalid"], "Enter a web address for “{label}”, beginning with https://."),
    (validators.EmailValidator.message, "Enter an email address for “{label}”, for example name@example.edu."),
    (validators.MaxValueValidator.message, "Enter {limit_value} or less for “{label}”."),
    (validators.MinValueValidator.message, "Enter {limit_value} or more for “{label}”."),
    (validators.MaxLengthValidator.message, "Shorten “{label}” to {limit_value} characters; it has {show_value}."),
    (validators.MinLengthValidator.message, "Write {limit_value} characters or more for “{label}”."),
]


def is_single_checkbox(field: forms.BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


def is_choice_list(field: forms.BoundField) -> bool:
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
