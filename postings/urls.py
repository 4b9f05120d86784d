from django.urls import path

from postings import views

urlpatterns = [
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemaps/places.xml", views.sitemap_places, name="sitemap_places"),
    path("sitemaps/postings-<int:number>.xml", views.sitemap_postings, name="sitemap_postings"),
    path("labels/<slug:slug>/", views.label, name="label"),
    path("labels/<slug:slug>/feed/", views.label_feed, name="label_feed"),
    path("", views.home, name="home"),
    path("for-hosts/", views.how_hosts, name="how_hosts"),
    path("postings/", views.posting_list, name="posting_list"),
    path("postings/feed/", views.posting_feed, name="posting_feed"),
    path("postings/new/", views.posting_new, name="posting_new"),
    path("postings/<int:pk>/", views.posting, name="posting"),
    path("postings/<int:pk>/deadline.ics", views.posting_deadline, name="posting_deadline"),
    path("postings/<int:pk>/reports/", views.posting_reports, name="posting_reports"),
    path("postings/<int:pk>/edit/", views.posting_edit, name="posting_edit"),
    path("postings/<int:pk>/preview/", views.posting_preview, name="posting_preview"),
    path("postings/<int:pk>/submission/", views.submission, name="posting_submission"),
    path("postings/<int:pk>/withdrawal/", views.withdrawal, name="posting_withdrawal"),
    path("postings/<int:pk>/closure/", views.closure, name="posting_closure"),
    path("postings/<int:pk>/saving/", views.posting_saving, name="posting_saving"),
    path("postings/<int:pk>/saving/removal/", views.posting_unsaving, name="posting_unsaving"),
    path("previews/<str:token>/", views.preview_link, name="preview_link"),
    path("saved/", views.saved, name="saved"),
    path("saved/searches/", views.saved_searches, name="saved_searches"),
    path("saved/searches/<int:pk>/", views.saved_search, name="saved_search"),
    path("saved/searches/<int:pk>/alert/", views.saved_search_alert, name="saved_search_alert"),
    path("saved/searches/<int:pk>/removal/", views.saved_search_removal, name="saved_search_removal"),
]
