from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "guicang.desk"
    label = "desk"
