"""Second medical opinions: cases, review, deadlines."""
