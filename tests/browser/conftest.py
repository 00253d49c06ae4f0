"""What every browser test shares."""

from tests.browser.test_desk import browser

__all__ = ["browser"]
