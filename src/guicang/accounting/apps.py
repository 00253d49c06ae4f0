from __future__ import annotations

from django.apps import AppConfig


class AccountingConfig(AppConfig):
    name = "guicang.accounting"
    label = "accounting"

    def ready(self) -> None:
        from guicang.accounting.guards import triggers
        from guicang.kernel import guards

        guards.register(triggers)
