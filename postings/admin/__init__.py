from postings.admin.moderation import PostingAdmin, history
from postings.admin.reports import ReportAdmin
from postings.admin.revisions import RevisionAdmin
from postings.admin.rows import EngagementTypeAdmin, LabelAdmin, OpportunityTypeAdmin, PayFloorAdmin, StreamAdmin

__all__ = [
    "EngagementTypeAdmin",
    "LabelAdmin",
    "OpportunityTypeAdmin",
    "PayFloorAdmin",
    "PostingAdmin",
    "ReportAdmin",
    "RevisionAdmin",
    "StreamAdmin",
    "history",
]
