"""Deciding about credit: policy, knock-outs, model, limit, price, reasons; applications and replays."""
