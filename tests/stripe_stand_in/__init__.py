"""A stand-in of Stripe on loopback, for development and tests: `python -m tests.stripe_stand_in --port 8200`.

It speaks the part of Stripe's API that the product uses, serves the hosted payment page and the onboarding page, and
delivers signed webhooks. It keeps everything in memory. The product does not know it: only the address of the API
differs. What a request may hold and what an answer must hold comes from Stripe's own description (`contract`); how the
objects behave comes from Stripe's documentation, since no description says it.

    contract/       what requests and answers look like, and the script that reads it from the package
    server.py       HTTP: keys, versions, faults, idempotency; hands a call to its operation
    operations/     one module for each kind of object, one function for each operation
    world.py        objects, ids, clock and jobs; books.py the money; cards.py the test cards
    events.py       events; delivery.py the thread that delivers them
    pages.py        payment, 3-D Secure and onboarding pages; control.py what a test may tell it
"""
