"""Lending: receivables, exposure against limits, the loan book, and the watch after the loan."""
