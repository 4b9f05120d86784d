"""What the host reads when a moderator chooses a reason; the moderator goes on from there."""

from postings.workflow import Reason

WORDS: dict[str, str] = {
    Reason.PAY: "Please look at the pay again: an hour of the work must come to at least the pay floor that holds "
    "where the student works, and the posting must say whether it is by the hour or a fixed fee.",
    Reason.COST_TO_STUDENT: "A student never pays to apply or to work. Please take out every fee, deposit, training or "
    "equipment that the student would pay for.",
    Reason.THIRD_PARTY: "We list projects of the organization that the student works for. Please post under its name, "
    "with a mentor who works there, and not on behalf of a client.",
    Reason.LOCATION: "We cannot list the project at this location as it stands. Please say where the student works, or "
    "make the project remote.",
    Reason.RESIDENTIAL: "The work would be at a residential address, which we do not list. Please name a business "
    "address, or make the project remote.",
    Reason.NOT_ENOUGH: "Students cannot tell yet what they would do. Please describe the project, its steps and what "
    "is handed over at the end.",
    Reason.SUPERVISION: "Please name who mentors the student, and when and how the student gets feedback.",
    Reason.ONGOING: "This reads like an ongoing role. Please describe one project with a result and an end.",
    Reason.ENGAGEMENT: "We do not list this kind of engagement by default. Please choose another one, "
    "or call us about it.",
    Reason.OFFER_TERMS: "Students get the full number of business days to decide on an offer, and no penalty for "
    "declining it. Please take out the terms that say otherwise.",
    Reason.CONTACT: "Students apply on the board, so that both sides are protected. Please take email addresses, phone "
    "numbers and links out of the text.",
    Reason.UNSAFE: "The work is unsafe for a student, or regulated in a way that a short project cannot meet.",
    Reason.UNPAID: "An unpaid project needs a basis, a talk with us, and local travel costs borne by you. Please pay "
    "for the work, or tell us why it is unpaid.",
    Reason.DISCRIMINATORY: "The posting asks for something that shuts people out unfairly. Please describe the skills "
    "that the work needs instead.",
    Reason.FRAUD: "We could not confirm who offers this project, so we cannot list it.",
    Reason.DUPLICATE: "This project is on the board already. We keep the first posting of it.",
    Reason.OTHER: "",
}
