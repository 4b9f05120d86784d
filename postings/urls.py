from django.urls import path

from postings import views

urlpatterns = [
    path("", views.home, name="home"),
    path("for-hosts/", views.how_hosts, name="how_hosts"),
    path("postings/", views.posting_list, name="posting_list"),
    path("postings/new/", views.posting_new, name="posting_new"),
    path("postings/<int:pk>/", views.posting, name="posting"),
    path("postings/<int:pk>/edit/", views.posting_edit, name="posting_edit"),
    path("postings/<int:pk>/preview/", views.posting_preview, name="posting_preview"),
    path("postings/<int:pk>/submission/", views.submission, name="posting_submission"),
    path("postings/<int:pk>/withdrawal/", views.withdrawal, name="posting_withdrawal"),
    path("postings/<int:pk>/closure/", views.closure, name="posting_closure"),
]
