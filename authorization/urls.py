from django.urls import path

from authorization.views import documents, home, plan, record, talking

urlpatterns = [
    path("authorization/", home.home, name="authorization_home"),
    path("authorization/records/<int:pk>/", record.record, name="authorization_record"),
    path("authorization/records/<int:pk>/advising/", record.advising, name="authorization_advising"),
    path("authorization/records/<int:pk>/filing/", record.filing, name="authorization_filing"),
    path("authorization/records/<int:pk>/options/", record.options, name="authorization_options"),
    path("authorization/records/<int:pk>/steps/<int:step>/", talking.step, name="authorization_step"),
    path("authorization/records/<int:pk>/questions/<int:question>/", talking.question, name="authorization_question"),
    path(
        "authorization/records/<int:pk>/steps/<int:step>/document/",
        documents.step_document,
        name="authorization_step_document",
    ),
    path("authorization/documents/<uuid:pk>/", documents.document, name="authorization_document"),
    path("authorization/documents/<uuid:pk>/removal/", documents.removal, name="authorization_document_removal"),
    # Stands in calendars too, so the address does not say what it is about.
    path("plan/", plan.plan, name="authorization_plan"),
    path("plan/dates.ics", plan.dates, name="authorization_plan_dates"),
    # Where mails point: the address, like the mail, does not say what it is about.
    path("items/", home.items, name="items"),
    path("items/<int:pk>/", record.item, name="item"),
]
