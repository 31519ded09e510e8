"""Pages for development only: the components in all their states, and the messages that went out."""

from django.urls import path

from medicaim.notifications import dev_views

from . import gallery

app_name = "dev"
urlpatterns = [
    path("components/", gallery.gallery, name="gallery"),
    path("components/specimen.pdf", gallery.specimen, name="specimen"),
    path("outbox/", dev_views.outbox_list, name="outbox"),
    path("outbox/<str:entry_id>/", dev_views.outbox_message, name="outbox_message"),
    path("outbox/<str:entry_id>/<int:number>/", dev_views.outbox_part, name="outbox_part"),
]
