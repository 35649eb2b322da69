"""Analytics: how the service is used, from what it records anyway."""
