"""URLs of providers: what anyone may read, saved searches, and the workspace."""

import re

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from . import public_views, views
from .photos import rendition_suffixes

app_name = "providers"


class PublicIdConverter(StringConverter):
    """The random part of an address (`medicaim.common.ids`)."""

    regex = "[2-9a-zA-Z]{23}"


class PhotoEndingConverter(StringConverter):
    """What tells the files of one photo apart: the whole picture, or a rendition of a size in a format."""

    regex = "|".join(re.escape(ending) for ending in (".webp", *rendition_suffixes()))


register_converter(PublicIdConverter, "provider_id")
register_converter(PhotoEndingConverter, "photo_ending")

#: What a team does, under the public id of its provider. Roles: `medicaim/access.py` and the views.
WORKSPACE = [
    path("", views.overview, name="overview"),
    path("leave/", views.leave, name="leave"),
    path("page/", views.edit_page, name="edit_page"),
    path("page/preview/", views.preview, name="preview"),
    path("page/publish/", views.publish, name="publish"),
    path("page/unpublish/", views.unpublish, name="unpublish"),
    path("page/photo/", views.photo, name="photo"),
    path("page/photo/remove/", views.photo_remove, name="photo_remove"),
    path("practitioners/", views.practitioners, name="practitioners"),
    path("practitioners/add/", views.practitioner_edit, name="practitioner_add"),
    path("practitioners/<provider_id:practitioner_id>/", views.practitioner_edit, name="practitioner_edit"),
    path("locations/", views.locations, name="locations"),
    path("locations/add/", views.location_edit, name="location_add"),
    path("locations/<provider_id:location_id>/", views.location_edit, name="location_edit"),
    path("services/", views.services, name="services"),
    path("services/add/", views.service_edit, name="service_add"),
    path("services/<provider_id:service_id>/", views.service_edit, name="service_edit"),
    path("hours/", views.hours, name="hours"),
    path("hours/<provider_id:practitioner_id>/week/", views.week_edit, name="week_edit"),
    path("hours/<provider_id:practitioner_id>/week/remove/", views.week_remove, name="week_remove"),
    path("hours/closed/add/", views.closure_add, name="closure_add"),
    path("hours/closed/<provider_id:closure_id>/remove/", views.closure_remove, name="closure_remove"),
    path("hours/extra/add/", views.opening_add, name="opening_add"),
    path("hours/extra/<provider_id:opening_id>/remove/", views.opening_remove, name="opening_remove"),
    path("hours/calendars/add/", views.calendar_add, name="calendar_add"),
    path("hours/calendars/<provider_id:calendar_id>/remove/", views.calendar_remove, name="calendar_remove"),
    path("hours/calendars/<provider_id:calendar_id>/refresh/", views.calendar_refresh, name="calendar_refresh"),
    path("team/", views.members, name="members"),
    path("team/<provider_id:membership_id>/role/", views.member_role, name="member_role"),
    path("team/<provider_id:membership_id>/remove/", views.member_remove, name="member_remove"),
]

urlpatterns = [
    path("saved-searches/", public_views.saved_searches, name="saved_searches"),
    path("saved-searches/save/", public_views.save, name="save_search"),
    path("saved-searches/ask/", public_views.ask_careteam, name="ask_careteam"),
    path("saved-searches/<str:public_id>/delete/", public_views.delete, name="delete_saved_search"),
    path("providers/<slug:slug>-<provider_id:public_id>/", public_views.page, name="page"),
    path("providers/<provider_id:public_id>/card.png", public_views.card, name="card"),
    # What anyone may read about becoming one
    path("for-providers/apply/", views.apply, name="apply"),
    path("for-providers/contract/", views.contract, name="contract"),
    path(
        "providers/<provider_id:public_id>/photo/<provider_id:version><photo_ending:ending>",
        views.photo_file,
        name="photo_file",
    ),
    # The workspace
    path("workspace/", views.workspace, name="workspace"),
    path("workspace/<provider_id:public_id>/", include(WORKSPACE)),
]
