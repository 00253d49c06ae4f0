from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "guicang.org"
    label = "org"
