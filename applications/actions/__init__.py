"""Every change of an application or an offer, one verb a function."""

from applications.actions.applying import (
    acknowledge_guidelines,
    keep_file,
    keep_text,
    keep_version,
    leave_out,
    note_window,
    start_again,
    start_application,
    submit,
    withdraw,
)
from applications.actions.calendars import make_calendar_feed, revoke_calendar_feed
from applications.actions.cases import look_at
from applications.actions.deadlines import (
    expire_offer,
    expire_offers,
    extend_all_open_offers,
    extend_offer,
    waive_least_days,
)
from applications.actions.documents import add_document, add_version, remove_document, rename_document
from applications.actions.endings import tell_who_waits
from applications.actions.interviewing import (
    cancel_interview,
    change_place,
    invite_to_interview,
    pick_time,
    propose_times,
    refuse_times,
)
from applications.actions.letters import complete_letter
from applications.actions.notes import add_note, remove_note
from applications.actions.offers import (
    Terms,
    accept_offer,
    decline_offer,
    let_go,
    make_offer,
    rescind_offer,
    withdraw_acceptance,
)
from applications.actions.opening import open_letter, open_material, open_words
from applications.actions.organizations import reinstate_organization, suspend_organization
from applications.actions.recounting import preview_recount, recount_open_offers
from applications.actions.requests import (
    ask_for_talk,
    ask_for_time,
    ask_to_go_back,
    drop_talk,
    record_talk,
    refuse_request,
    take_back_request,
)
from applications.actions.reviewing import not_select, review

__all__ = [
    "Terms",
    "accept_offer",
    "acknowledge_guidelines",
    "add_document",
    "add_note",
    "add_version",
    "ask_for_talk",
    "ask_for_time",
    "ask_to_go_back",
    "cancel_interview",
    "change_place",
    "complete_letter",
    "decline_offer",
    "drop_talk",
    "expire_offer",
    "expire_offers",
    "extend_all_open_offers",
    "extend_offer",
    "invite_to_interview",
    "keep_file",
    "keep_text",
    "keep_version",
    "leave_out",
    "let_go",
    "look_at",
    "make_calendar_feed",
    "make_offer",
    "not_select",
    "note_window",
    "open_letter",
    "open_material",
    "open_words",
    "pick_time",
    "preview_recount",
    "propose_times",
    "record_talk",
    "recount_open_offers",
    "refuse_request",
    "refuse_times",
    "reinstate_organization",
    "remove_document",
    "remove_note",
    "rename_document",
    "rescind_offer",
    "review",
    "revoke_calendar_feed",
    "start_again",
    "start_application",
    "submit",
    "suspend_organization",
    "take_back_request",
    "tell_who_waits",
    "waive_least_days",
    "withdraw",
    "withdraw_acceptance",
]
