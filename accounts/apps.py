from django.apps import AppConfig
from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and terms")

    def ready(self) -> None:
        from allauth.account.decorators import secure_admin_login

        from . import handlers

        handlers.register_builders()
        # The careteam signs in where everybody does: same limits, same second factor, same log.
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
