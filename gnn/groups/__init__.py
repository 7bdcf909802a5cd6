"""Groups: by control, guarantee circles, dependence, suspicion; members and the ties that bind them."""
