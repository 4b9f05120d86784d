from postings.views.crawlers import robots, sitemap, sitemap_places, sitemap_postings
from postings.views.deadline import posting_deadline
from postings.views.feeds import label, label_feed, posting_feed
from postings.views.host import (
    closure,
    posting_edit,
    posting_new,
    posting_preview,
    submission,
    withdrawal,
)
from postings.views.posting import posting
from postings.views.preview_link import preview_link
from postings.views.public import home, how_hosts, posting_list
from postings.views.reports import posting_reports
from postings.views.saved import (
    posting_saving,
    posting_unsaving,
    saved,
    saved_search,
    saved_search_alert,
    saved_search_removal,
    saved_searches,
)

__all__ = [
    "closure",
    "home",
    "how_hosts",
    "label",
    "label_feed",
    "posting",
    "posting_deadline",
    "posting_edit",
    "posting_feed",
    "posting_list",
    "posting_new",
    "posting_preview",
    "posting_reports",
    "posting_saving",
    "posting_unsaving",
    "preview_link",
    "robots",
    "saved",
    "saved_search",
    "saved_search_alert",
    "saved_search_removal",
    "saved_searches",
    "sitemap",
    "sitemap_places",
    "sitemap_postings",
    "submission",
    "withdrawal",
]
