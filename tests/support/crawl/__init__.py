"""The crawl: every page of every role in a real browser, and what is wrong with it.

    checks.py   what a page must be: sound HTML, nothing that axe finds, no complaint of the browser, light, narrow
    people.py   who walks, and the data that they need
    walk.py     one person follows every link once per URL name
    steps.py    pages that only a form leads to: errors, what stands after a post, the refusals
    report.py   what was found, and which URL names nobody reached

`tests/journeys/test_crawl.py` runs it once per role with language, mode and width rotating; `bin/crawl` runs more.
"""
