"""The next transactions of a production network, by habits, orders and what firms have in stock."""
