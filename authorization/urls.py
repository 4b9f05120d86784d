from django.urls import path

from authorization import views

urlpatterns = [
    path("authorization/", views.home, name="authorization_home"),
    path("authorization/records/<int:pk>/", views.record, name="authorization_record"),
    path("authorization/records/<int:pk>/advising/", views.advising, name="authorization_advising"),
    path("authorization/records/<int:pk>/filing/", views.filing, name="authorization_filing"),
    # Where mails point: the address, like the mail, does not say what it is about.
    path("items/", views.items, name="items"),
    path("items/<int:pk>/", views.item, name="item"),
]
