"""What `bin/manage bench` can measure: one module each, with `run(**options)` and, where needed, `add_arguments`."""
