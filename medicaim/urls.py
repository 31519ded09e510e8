"""The URLs of the whole site. Every name has a row in `medicaim/access.py`."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from . import health, search_views, views

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("feeds/", include("bookings.feed_urls")),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("how-it-works/", views.how_it_works, name="how_it_works"),
        path("how-results-are-ordered/", views.result_order, name="result_order"),
        path("contact/", views.contact, name="contact"),
        path("time-zone/", views.time_zone, name="time_zone"),
        path("find-care/", search_views.search_page, name="search"),
        path("careteam/", admin.site.urls),
        path("account/", include("allauth.urls")),
        path("", include("accounts.urls")),
        path("", include("providers.urls")),
        path("", include("bookings.urls")),
    ),
]

if settings.DEV_OUTBOX:
    # With the language in the address too, so that it can be switched; /dev/... leads there.
    urlpatterns += i18n_patterns(path("dev/", include("medicaim.dev_urls")))

handler400 = "medicaim.views.bad_request"
handler403 = "medicaim.views.permission_denied"
handler404 = "medicaim.views.page_not_found"
handler429 = "medicaim.views.too_many_requests"  # asked for by allauth's rate limits
handler500 = "medicaim.views.server_error"
