from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "bookings"

    def ready(self) -> None:
        from .handlers import register_builders, register_closing

        register_builders()
        register_closing()
