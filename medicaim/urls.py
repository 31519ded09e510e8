"""The URLs of the whole site. Every name has a row in `medicaim/access.py`."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from . import care_views, health, offline, search_views, sitemaps, views

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("feeds/", include("bookings.feed_urls")),
    path("service-worker.js", offline.service_worker, name="service_worker"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap_index"),
    path("sitemaps/<slug:section>-<int:part>.xml", sitemaps.sitemap, name="sitemap"),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("how-it-works/", views.how_it_works, name="how_it_works"),
        path("how-results-are-ordered/", views.result_order, name="result_order"),
        path("contact/", views.contact, name="contact"),
        path("offline/", offline.offline, name="offline"),
        path("time-zone/", views.time_zone, name="time_zone"),
        path("find-care/", search_views.search_page, name="search"),
        path("care/", care_views.directory, name="care_directory"),
        path("care/<slug:specialty>/", care_views.specialty, name="care_specialty"),
        path("care/<slug:specialty>/<slug:country>/", care_views.area, name="care_area"),
        path("care/<slug:specialty>/<slug:country>/card.png", care_views.card, name="care_card"),
        path("card.png", views.card, name="social_card"),
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
