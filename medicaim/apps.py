from django.apps import AppConfig


class MedicaimConfig(AppConfig):
    name = "medicaim"

    def ready(self) -> None:
        # The check is registered here, where every command loads it: a check that nobody imports checks nothing.
        from . import access_check  # noqa: F401
