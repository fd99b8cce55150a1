"""How training scales over processes and machines: measurements, and a model of more machines than there are here."""
