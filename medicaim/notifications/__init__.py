"""Every e-mail and SMS is a row with a life."""
