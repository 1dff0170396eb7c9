"""Which rows of the domain's facts the tests hold: tables of rows, and what finds the tests that name them."""
