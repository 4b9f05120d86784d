"""Every mail that any app declares keeps the rules of the house."""

import re

import pytest
from django.template.loader import get_template

from notifications.account_mail import AccountMail
from notifications.mail import MAILS
from notifications.preferences import GROUPS

DECLARED = sorted(kind for kind, mail in MAILS.items() if not isinstance(mail, AccountMail))
PARTS = (".subject.txt", ".txt", ".html")
# What a mail must not spell out, wherever it is read: immigration is between a student and an advisor.
IMMIGRATION = re.compile(
    r"\b(cpt|opt|visa|immigration|uscis|i-20|ead|ds-2019|f-1|j-1|i-765|academic training|work authori[sz]ation)\b", re.I
)


def source(mail, part):
    with open(get_template(mail.template + part).origin.name) as file:
        return file.read()


def test_mails_are_declared():
    assert len(DECLARED) > 5


@pytest.mark.parametrize("kind", DECLARED)
def test_a_mail_has_a_subject_a_text_and_an_html_file(kind):
    for part in PARTS:
        get_template(MAILS[kind].template + part)


@pytest.mark.parametrize("kind", DECLARED)
def test_a_mail_extends_the_letter(kind):
    mail = MAILS[kind]
    assert '{% extends "mail/base.txt" %}' in source(mail, ".txt")
    assert '{% extends "mail/base.html" %}' in source(mail, ".html")


@pytest.mark.parametrize("kind", DECLARED)
def test_no_mail_speaks_of_immigration(kind):
    texts = [kind, *(source(MAILS[kind], part) for part in PARTS)]
    assert [found.group() for text in texts for found in IMMIGRATION.finditer(text)] == []


@pytest.mark.parametrize("kind", DECLARED)
def test_a_group_that_a_mail_names_is_declared(kind):
    group = MAILS[kind].group
    assert group is None or group in GROUPS


def test_the_search_for_immigration_words_finds_them():
    assert IMMIGRATION.search("Your OPT application")
    assert not IMMIGRATION.search("An option, adopted; a leader of the head office")
