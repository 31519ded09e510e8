"""Pages for development only: the components in all their states, and the messages that went out."""

from django.urls import path

from . import gallery

app_name = "dev"
urlpatterns = [
    path("components/", gallery.gallery, name="gallery"),
]
