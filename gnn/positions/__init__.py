"""Where firms stand: signs, beliefs passed along links, a calibrated model of both, paths of goods."""
