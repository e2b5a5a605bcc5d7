"""What views call: proxies, URLs, responses, files, messages, templates, streams."""
