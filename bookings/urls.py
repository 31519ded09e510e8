"""The URLs of bookings. Every name has a row in `medicaim/access.py`."""

from django.urls import path

from .views import calendars, patient, provider, requests

app_name = "bookings"

urlpatterns = [
    path("request/new/", requests.request_slot, name="request"),
    path("request/<str:service_id>/", requests.slots, name="slots"),
    # The patient's side
    path("my/appointments/", patient.my_appointments, name="my_appointments"),
    path("my/appointments/<str:public_id>/", patient.appointment, name="appointment"),
    path("my/appointments/<str:public_id>/withdraw/", patient.withdraw, name="withdraw"),
    path("my/appointments/<str:public_id>/move/", patient.move, name="move"),
    path("my/appointments/<str:public_id>/cancel/", patient.cancel, name="cancel"),
    path("my/appointments/<str:public_id>/go-on/", patient.goes_on, name="goes_on"),
    path("my/appointments/<str:public_id>/appointment.ics", patient.calendar_entry, name="calendar_entry"),
    path("my/appointments/<str:public_id>/appointment.pdf", patient.appointment_sheet, name="appointment_sheet"),
    path(
        "my/appointments/<str:public_id>/other-time/<str:proposal_id>/<str:answer>/",
        patient.answer_proposal,
        name="answer_proposal",
    ),
    path("my/calendar/", calendars.my_calendar, name="my_calendar"),
    # The provider's side
    path("workspace/requests/", provider.inbox, name="inbox"),
    path("workspace/agenda/", provider.agenda, name="agenda"),
    path("workspace/calendar/<str:provider_id>/", calendars.provider_calendar, name="provider_calendar"),
    path("workspace/appointments/<str:public_id>/", provider.appointment, name="provider_appointment"),
    path("workspace/appointments/<str:public_id>/accept/", provider.accept, name="accept"),
    path("workspace/appointments/<str:public_id>/decline/", provider.decline, name="decline"),
    path("workspace/appointments/<str:public_id>/other-time/", provider.propose, name="propose"),
    path(
        "workspace/appointments/<str:public_id>/other-time/<str:proposal_id>/<str:answer>/",
        provider.answer_proposal,
        name="provider_answer_proposal",
    ),
    path("workspace/appointments/<str:public_id>/cancel/", provider.cancel, name="provider_cancel"),
    path("workspace/appointments/<str:public_id>/outcome/", provider.outcome, name="outcome"),
    path("workspace/appointments/<str:public_id>/go-on/", provider.goes_on, name="provider_goes_on"),
    path(
        "workspace/appointments/<str:public_id>/appointment.ics",
        provider.calendar_entry,
        name="provider_calendar_entry",
    ),
]
