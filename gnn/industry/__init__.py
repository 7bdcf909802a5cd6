"""The industry of a firm by what it sells and what it is called."""
