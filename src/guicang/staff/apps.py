from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "guicang.staff"
    label = "staff"
