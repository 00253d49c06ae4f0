from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class KernelConfig(AppConfig):
    name = "guicang.kernel"
    label = "kernel"

    def ready(self) -> None:
        pre_migrate.connect(_remove_triggers, sender=self, dispatch_uid="guicang-triggers-off")
        post_migrate.connect(_install_triggers, dispatch_uid="guicang-triggers")


def _remove_triggers(*, using: str, plan: Any, **_: Any) -> None:
    # SQLite cannot rebuild a table while a trigger of another one names it. Should a migration fail, the triggers
    # stay away and the start is refused (guicang.E002) until one succeeds.
    from guicang.kernel import guards

    if plan and connections[using].vendor == "sqlite":
        guards.remove(connections[using])


def _install_triggers(*, using: str, sender: AppConfig, **_: Any) -> None:
    # Once, after the last application that has models (the others send no signal): then every table is there.
    from django.apps import apps

    from guicang.kernel import guards
    from guicang.kernel.sqlite import shape

    if sender is [config for config in apps.get_app_configs() if config.models_module][-1]:
        guards.install(connections[using])
        if connections[using].vendor == "sqlite":
            shape.state(connections[using])
