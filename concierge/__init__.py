"""MEDICAIM's own optional services: orders and careteam assistance."""
