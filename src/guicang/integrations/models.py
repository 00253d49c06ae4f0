"""Tables of the adapters that have some."""

from guicang.integrations.webhooks.models import Attempt, Delivery, Endpoint, Secret

__all__ = ["Attempt", "Delivery", "Endpoint", "Secret"]
