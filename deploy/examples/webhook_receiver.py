"""Takes Parley's webhooks and prints what they tell: `PARLEY_SECRET=whsec_... python webhook_receiver.py [PORT]`.

It needs `pip install standardwebhooks`. Behind a web server of your own, keep the ten lines of `do_POST`.
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

SEEN: set[str] = set()
"""Parley repeats what was not answered, under the same id. Keep the ids where they outlast a restart."""


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what Parley signed, and 401 to anything else."""

    def do_POST(self) -> None:
        """Verify the request, then act on it, once."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            told = Webhook(os.environ["PARLEY_SECRET"]).verify(body, headers)
        except WebhookVerificationError:
            return self.answer(401)
        if headers["webhook-id"] not in SEEN:
            print(told["type"], told["data"]["text"], told["data"]["link"], flush=True)  # noqa: T201  (an example, run by hand)
            SEEN.add(headers["webhook-id"])
        return self.answer(204)

    def answer(self, status: int) -> None:
        """Answer with a status and nothing else."""
        self.send_response(status)
        self.end_headers()


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
    ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
