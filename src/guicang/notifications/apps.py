from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "guicang.notifications"
    label = "notifications"
