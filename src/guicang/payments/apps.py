from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "guicang.payments"
    label = "payments"
