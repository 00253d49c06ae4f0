"""What trade does beside its steps: setting up who sells, erasing a person with his orders."""

from guicang.trade.operations.erasure import erase_customer, erase_order_person, erase_person
from guicang.trade.operations.setup import ShopFacts, WarehouseFacts, World, add_master, set_up

__all__ = [
    "ShopFacts",
    "WarehouseFacts",
    "World",
    "add_master",
    "erase_customer",
    "erase_order_person",
    "erase_person",
    "set_up",
]
