"""Who may do what in the admin, as one table. Pages outside the admin ask `user.has_role(...)`."""

from django.db import models


class Role(models.TextChoices):
    STUDENT = "student", "Student"
    HOST = "host", "Host"
    ADVISER = "adviser", "Career advisor"
    MODERATOR = "moderator", "Moderator"
    INTERNATIONAL_ADVISER = "international_adviser", "International advisor"
    PROGRAM_MANAGER = "program_manager", "Program manager"


STAFF_ROLES = (Role.ADVISER, Role.MODERATOR, Role.INTERNATIONAL_ADVISER, Role.PROGRAM_MANAGER)


def _all(*models_: str) -> set[str]:
    return {
        f"{app}.{verb}_{model}"
        for app, model in (label.split(".") for label in models_)
        for verb in ("view", "add", "change", "delete")
    }


def _view(*models_: str) -> set[str]:
    return {f"{app}.view_{model}" for app, model in (label.split(".") for label in models_)}


def _change(*models_: str) -> set[str]:
    return _view(*models_) | {f"{app}.change_{model}" for app, model in (label.split(".") for label in models_)}


_SETTINGS = (
    "campus.closure",
    "campus.term",
    "postings.opportunitytype",
    "postings.engagementtype",
    "postings.payfloor",
    "postings.stream",
    "postings.label",
    "postings.synonym",
    "programs.program",
    "programs.programstep",
)

_OFFICE = (
    "applications.application",
    "applications.offer",
    "applications.offerrequest",
    "applications.case",
    "programs.programrecord",
    "placements.placement",
)

# Immigration records are in the international advisor's row and in no other, the superuser's included.
PERMISSIONS: dict[str, set[str]] = {
    Role.MODERATOR: _all(*_SETTINGS)
    | _change("campus.programsettings", "postings.posting", "accounts.host", "accounts.organization")
    | _change(*_OFFICE)
    | _change("postings.postingreport", "notifications.outboxmail")
    | _view(
        "accounts.user",
        "accounts.studentprofile",
        "accounts.membership",
        "applications.guidelinestext",
        "applications.silentposting",
    ),
    Role.ADVISER: _view(
        "postings.posting",
        "postings.opportunitytype",
        "accounts.user",
        "accounts.host",
        "accounts.organization",
        "accounts.studentprofile",
        "campus.closure",
        "campus.term",
        "applications.silentposting",
    )
    | _change(*_OFFICE),
    Role.INTERNATIONAL_ADVISER: _change("authorization.authorizationrecord")
    | _all("authorization.route", "authorization.routestep")
    | _view("campus.closure", "campus.term", "accounts.studentprofile"),
    # Of postings and programs theirs alone; of hosts what their postings say.
    Role.PROGRAM_MANAGER: _view("postings.posting", "programs.program") | _change("programs.programrecord"),
}
RESTRICTED_APPS = frozenset({"authorization"})
