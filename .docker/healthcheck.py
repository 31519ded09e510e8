"""The container's own probe: asks /readyz of the server beside it, under the name that people use."""

import os
import sys
import urllib.error
import urllib.request

host = os.environ["SITE_URL"].split("://", 1)[-1]
request = urllib.request.Request("http://127.0.0.1:8000/readyz", headers={"Host": host})
try:
    with urllib.request.urlopen(request, timeout=5) as answer:
        print(answer.read().decode())
except urllib.error.HTTPError as refusal:
    print(refusal.read().decode())
    sys.exit(1)
except OSError as error:
    print(error)
    sys.exit(1)
