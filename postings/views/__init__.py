from postings.views.host import (
    closure,
    posting_edit,
    posting_new,
    posting_preview,
    submission,
    withdrawal,
)
from postings.views.public import home, how_hosts, posting, posting_list

__all__ = [
    "closure",
    "home",
    "how_hosts",
    "posting",
    "posting_edit",
    "posting_list",
    "posting_new",
    "posting_preview",
    "submission",
    "withdrawal",
]
