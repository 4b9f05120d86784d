from django.urls import path

from accounts import views
from accounts.roles import Role

urlpatterns = [
    path("accounts/signup/", views.SignupView.as_view(), name="account_signup"),
    path("accounts/2fa/totp/activate/", views.SecondFactorView.as_view(), name="mfa_activate_totp"),
    path("signup/student/", views.signup_as, {"kind": Role.STUDENT.value}, name="signup_student"),
    path("signup/host/", views.signup_as, {"kind": Role.HOST.value}, name="signup_host"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("profile/", views.profile, name="profile"),
    path("organizations/", views.organization_list, name="organization_list"),
    path("organizations/new/", views.organization_new, name="organization_new"),
    path("organizations/<int:pk>/", views.organization, name="organization"),
    path("organizations/<int:pk>/invitations/", views.invitation_new, name="invitation_new"),
    path("invitations/<int:pk>/acceptance/", views.invitation_acceptance, name="invitation_acceptance"),
    path("memberships/<int:pk>/end/", views.membership_end, name="membership_end"),
    path("invitations/<int:pk>/withdrawal/", views.invitation_withdrawal, name="invitation_withdrawal"),
]
