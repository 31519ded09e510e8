"""Pages about accounts that are ours; signing in itself is django-allauth's, under account/."""

from django.urls import path

from .views import closing, dependants, profile, security, terms, unsent

app_name = "accounts"

urlpatterns = [
    path("me/profile/", profile.profile, name="profile"),
    path("me/security/", security.overview, name="security"),
    path("me/security/sign-out-everywhere/", security.sign_out_everywhere, name="sign_out_everywhere"),
    path("me/security/somebody-used-my-account/", security.raise_alarm, name="raise_alarm"),
    path("me/close/", closing.close, name="close"),
    path("me/dependants/", dependants.dependants, name="dependants"),
    path("me/dependants/add/", dependants.dependant_add, name="dependant_add"),
    path("me/dependants/<str:public_id>/", dependants.dependant_change, name="dependant_change"),
    path("me/terms/", terms.accept_terms, name="accept_terms"),
    path("me/unsent/", unsent.unsent, name="unsent"),
    path("terms/", terms.terms, name="terms"),
    path("terms/versions/", terms.versions, name="terms_versions"),
    path("terms/versions/<str:kind>/<str:number>/", terms.version, name="terms_version"),
    path("privacy/", terms.privacy, name="privacy"),
    path("somebody-used-my-account/", security.alarm, name="alarm"),
    path("somebody-used-my-account/sent/", security.alarm_sent, name="alarm_sent"),
    path("somebody-used-my-account/done/", security.alarm_done, name="alarm_done"),
    path("somebody-used-my-account/link/<str:token>/", security.alarm_answer, name="alarm_answer"),
    path("account-closed/", closing.closed, name="closed"),
    path("access-refused/", security.access_refused, name="access_refused"),
    path("new-password-needed/", security.reset_required, name="reset_required"),
]
