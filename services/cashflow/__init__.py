"""Cash flow: dated inflow, outflow and balance of firms, from what is known to come and what is forecast."""
