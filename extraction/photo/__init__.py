"""Photographs and scans of invoices: a picture → the writing on it → the same facts as of any other paper."""
