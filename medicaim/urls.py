"""The URLs of the whole site. Every name has a row in `medicaim/access.py`."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import path

from . import health, views

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("careteam/", admin.site.urls),
    ),
]
