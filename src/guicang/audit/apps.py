from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "guicang.audit"
    label = "audit"
