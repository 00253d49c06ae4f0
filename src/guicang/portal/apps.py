from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "guicang.portal"
    label = "portal"
