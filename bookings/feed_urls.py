"""Private calendar feeds: outside the languages, for programs instead of people."""

from django.urls import path

from .views import calendars

app_name = "feeds"

urlpatterns = [path("<str:token>.ics", calendars.feed, name="calendar")]
