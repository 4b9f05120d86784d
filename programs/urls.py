from django.urls import path

from programs import views

urlpatterns = [
    path("global/", views.home, name="global_home"),
    path("global/programs/<int:pk>/", views.program, name="program"),
    path("global/records/<int:pk>/", views.record, name="program_record"),
    path("global/records/<int:pk>/steps/<int:step>/", views.step, name="program_step"),
]
