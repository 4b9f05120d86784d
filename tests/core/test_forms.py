"""How fields are drawn: ids that the browser and the ear rely on, and errors that say how to mend them."""

import re

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory

from core.forms import Fieldset, error_links, first_id, groups, messages


class Form(forms.Form):
    title = forms.CharField(max_length=5, help_text="A few words.")
    place = forms.ChoiceField(choices=[("a", "Here"), ("b", "There")], widget=forms.RadioSelect)
    tools = forms.MultipleChoiceField(
        choices=[("x", "X"), ("y", "Y")], widget=forms.CheckboxSelectMultiple, required=False
    )
    start = forms.DateField(widget=forms.SelectDateWidget)
    paper = forms.FileField(required=False)
    agree = forms.BooleanField(label="I agree")
    key = forms.CharField(widget=forms.HiddenInput)


class Grouped(forms.Form):
    fieldsets = [Fieldset("Money", ("pay", "gone"), hint="Say what it is."), Fieldset("Nothing", ("missing",))]
    name = forms.CharField()
    pay = forms.IntegerField()


def draw(field):
    return re.sub(r"\s+", " ", field.as_field_group())


def render(source, **context):
    template = engines["django"].from_string(source)
    return template.render(context, RequestFactory().get("/here/"))


def test_hint_and_error_have_the_ids_that_the_input_names():
    html = draw(Form({})["title"])
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert re.findall(r'id="(id_title\w*)"', html) == ["id_title_helptext", "id_title_error", "id_title"]
    assert html.index("A few words.") < html.index("Fill in") < html.index("<input")


def test_a_field_without_errors_names_its_hint_alone():
    html = draw(Form()["title"])
    assert 'aria-describedby="id_title_helptext"' in html
    assert "field--error" not in html


def test_radios_stand_in_a_fieldset_that_carries_the_description():
    html = draw(Form({})["place"])
    opening = re.search(r"<fieldset[^>]*>", html)
    assert opening
    assert 'aria-describedby="id_place_error"' in opening[0]
    assert html.count("<legend") == 1


@pytest.mark.parametrize(("name", "said"), [("title", False), ("place", False), ("tools", True), ("paper", True)])
def test_optional_fields_say_so(name, said):
    assert ("(optional)" in draw(Form()[name])) is said


def test_a_box_to_check_is_labeled_after_it_and_never_optional():
    html = draw(Form()["agree"])
    assert html.index("<input") < html.index("<label")
    assert "(optional)" not in html


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("title", "id_title"),
        ("place", "id_place_0"),
        ("tools", "id_tools_0"),
        ("start", "id_start_month"),
        ("paper", "id_paper"),
        ("agree", "id_agree"),
    ],
)
def test_a_link_reaches_a_control_that_is_there(name, target):
    field = Form()[name]
    assert first_id(field) == target
    assert re.search(rf'<(input|select|textarea)[^>]* id="{target}"', draw(field))


def test_error_links_follow_the_order_of_the_page():
    form = Form({"title": "Much too long"})
    form.add_error(None, "Both together are too much.")
    assert error_links(form) == [
        ("", "Both together are too much."),
        ("", "Fill in “Key”."),
        ("id_title", "Shorten “Title” to 5 characters; it has 13."),
        ("id_place_0", "Choose an answer for “Place”."),
        ("id_start_month", "Fill in “Start”."),
        ("id_agree", "Check the box “I agree”."),
    ]


def test_error_links_of_a_formset_name_each_form():
    formset = forms.formset_factory(Grouped)(
        {
            "form-TOTAL_FORMS": "2",
            "form-INITIAL_FORMS": "2",
            "form-0-name": "A",
            "form-0-pay": "1",
            "form-1-name": "B",
            "form-1-pay": "much",
        }
    )
    assert error_links(formset) == [("id_form-1-pay", "Enter a whole number for “Pay”, for example 12.")]


def test_a_message_somebody_wrote_stays():
    class Careful(forms.Form):
        hours = forms.IntegerField(max_value=40, error_messages={"required": "How many hours a week?"})

        def clean_hours(self):
            raise forms.ValidationError("Say hours a week, not in all.", code="required")

    assert messages(Careful({})["hours"]) == ["How many hours a week?"]
    assert messages(Careful({"hours": "3"})["hours"]) == ["Say hours a week, not in all."]
    assert messages(Careful({"hours": "41"})["hours"]) == ["Enter 40 or less for “Hours”."]


def test_braces_in_what_was_typed_are_only_text():
    class Odd(forms.Form):
        pick = forms.ChoiceField(label="Pick {one}", choices=[("a", "A")])

    assert messages(Odd({"pick": "{label}"})["pick"]) == ["Choose one of the answers listed for “Pick {one}”."]


def test_fieldsets_group_fields_and_the_rest_follows():
    drawn = [(group.legend, group.hint, [field.name for field in group.fields]) for group in groups(Grouped())]
    assert drawn == [("Money", "Say what it is.", ["pay"]), ("", "", ["name"])]


def test_the_form_component_keeps_files_and_the_token():
    html = render('{% include "components/form.html" with form=form action="/x/" only %}', form=Form())
    assert 'enctype="multipart/form-data"' in html
    assert html.count("csrfmiddlewaretoken") == 1
    assert html.count('name="key"') == 1


def test_a_form_that_asks_carries_no_token():
    html = render('{% include "components/form.html" with form=form method="get" only %}', form=Grouped())
    assert "csrfmiddlewaretoken" not in html


def test_the_summary_stands_only_when_something_is_wrong():
    source = '{% include "components/error_summary.html" with form=form only %}'
    assert render(source, form=Form()).strip() == ""
    assert render(source).strip() == ""
    links = re.findall(r'href="#([\w-]+)"', render(source, form=Form({"key": "k"})))
    assert links == ["id_title", "id_place_0", "id_start_month", "id_agree"]


def test_what_was_typed_is_escaped_and_kept():
    html = render("{{ form }}", form=Grouped({"name": '"><script>', "pay": ""}))
    assert "<script>" not in html
    assert 'value="&quot;&gt;&lt;script&gt;"' in html
