from django.apps import AppConfig
from django.contrib import admin


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from allauth.account.decorators import secure_admin_login

        from . import handlers

        handlers.register_builders()
        # The careteam signs in where everybody does: same limits, same second factor, same log.
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
