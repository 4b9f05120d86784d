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
    "GuidelinesTextAdmin",
    "OfferAdmin",
    "OfferRequestAdmin",
    "OrganizationAdmin",
    "SilentPostingAdmin",
]
