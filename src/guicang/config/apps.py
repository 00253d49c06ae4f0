from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "guicang.config"
    label = "config"

    def ready(self) -> None:
        from guicang.config import checks  # noqa: F401 - registers them
