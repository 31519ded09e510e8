"""The crawl: every page of every role in a real browser, and what is wrong with it.

    reading.py  what its markup must be: sound, translated, with one heading; where it leads and what it is made of
    checks.py   what it must be in a browser: nothing that axe finds, no complaint, light, no wider than the window
    people.py   who walks, and the data that they need
    walk.py     one person follows every link once per URL name
    steps.py    pages that only a form leads to: errors, what stands after a post, the refusals
    run.py      all of them on one site, what they found, and which URL names nobody reached

`tests/journeys/test_crawl.py` reads every page once per role, with language, mode and width in turn, and looks at
those with a part that nobody saw yet in that direction. `bin/crawl` does the same, `bin/crawl --all` looks at
everything in every language, mode and width.
"""
