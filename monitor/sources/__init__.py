"""Where articles come from: fetch, parse, extract, identity, story; the seeds reader."""
