from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "guicang.parties"
    label = "parties"
