from django.urls import path

from applications.views import applying, host, letters, requests, shared, student

urlpatterns = [
    path("postings/<int:pk>/apply/", applying.application_new, name="application_new"),
    path("applications/", student.application_list, name="application_list"),
    path("applications/<int:pk>/", shared.application, name="application"),
    path("applications/<int:pk>/withdrawal/", student.application_withdrawal, name="application_withdrawal"),
    path("applications/<int:pk>/restart/", applying.application_restart, name="application_restart"),
    path("applications/<int:pk>/review/", host.application_review, name="application_review"),
    path("applications/<int:pk>/interview/", host.application_interview, name="application_interview"),
    path("applications/<int:pk>/offer/", host.application_offer, name="application_offer"),
    path("applications/<int:pk>/non-selection/", host.application_non_selection, name="application_non_selection"),
    path("offers/<int:pk>/", shared.offer, name="offer"),
    path("offers/<int:pk>/acceptance/", student.offer_acceptance, name="offer_acceptance"),
    path("offers/<int:pk>/declination/", student.offer_declination, name="offer_declination"),
    path("offers/<int:pk>/extension/", host.offer_extension, name="offer_extension"),
    path("offers/<int:pk>/letter/", letters.offer_letter, name="offer_letter"),
    path("offers/<int:pk>/letter.pdf", letters.offer_letter_pdf, name="offer_letter_pdf"),
    path("offers/<int:pk>/rescission/", host.offer_rescission, name="offer_rescission"),
    path("offers/<int:pk>/more-time/", requests.offer_more_time, name="offer_more_time"),
    path("offers/<int:pk>/more-time/refusal/", requests.offer_more_time_refusal, name="offer_more_time_refusal"),
    path("offers/<int:pk>/talk/", requests.offer_talk, name="offer_talk"),
    path("offers/<int:pk>/going-back/", requests.offer_going_back, name="offer_going_back"),
    path("offers/<int:pk>/other-applications/", student.offer_others, name="offer_others"),
    path("materials/<uuid:pk>/", shared.material, name="material"),
    path("host/postings/", host.host_postings, name="host_postings"),
    path("host/postings/<int:pk>/applications/", host.posting_applications, name="posting_applications"),
]
