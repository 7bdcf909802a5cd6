"""The industry-chain graph: its model, one store for two engines, building, snapshot, tiers, exports."""
