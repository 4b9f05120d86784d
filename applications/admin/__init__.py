from applications.admin.cases import CaseAdmin
from applications.admin.records import (
    ApplicationAdmin,
    GuidelinesTextAdmin,
    OfferAdmin,
    OfferRequestAdmin,
    OrganizationAdmin,
)
from applications.admin.silence import SilentPostingAdmin

__all__ = [
    "ApplicationAdmin",
    "CaseAdmin",
    "GuidelinesTextAdmin",
    "OfferAdmin",
    "OfferRequestAdmin",
    "OrganizationAdmin",
    "SilentPostingAdmin",
]
