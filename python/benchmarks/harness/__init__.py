"""What every benchmark needs: clocks, goals, the machine's peak, records and the table made of them."""
