from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "guicang.integrations"
    label = "integrations"
