from django.urls import path

from authorization.views import home, plan, record, talking

urlpatterns = [
    path("authorization/", home.home, name="authorization_home"),
    path("authorization/records/<int:pk>/", record.record, name="authorization_record"),
    path("authorization/records/<int:pk>/advising/", record.advising, name="authorization_advising"),
    path("authorization/records/<int:pk>/filing/", record.filing, name="authorization_filing"),
    path("authorization/records/<int:pk>/options/", record.options, name="authorization_options"),
    path("authorization/records/<int:pk>/steps/<int:step>/", talking.step, name="authorization_step"),
    path("authorization/records/<int:pk>/questions/<int:question>/", talking.question, name="authorization_question"),
    # Stands in calendars too, so the address does not say what it is about.
    path("plan/", plan.plan, name="authorization_plan"),
    path("plan/dates.ics", plan.dates, name="authorization_plan_dates"),
    # Where mails point: the address, like the mail, does not say what it is about.
    path("items/", home.items, name="items"),
    path("items/<int:pk>/", record.item, name="item"),
]
