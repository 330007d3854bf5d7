"""What pyproject.toml cannot hold: addresses. They belong to whoever publishes, and come from where it is built."""

import os

from setuptools import setup

addresses = {}
if site := os.environ.get("NNBOOK_SITE_URL"):
    addresses["Documentation"] = site
if repository := os.environ.get("GITHUB_REPOSITORY"):  # as every workflow on GitHub has it: owner/name
    source = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
    addresses |= {"Source": source, "Issues": f"{source}/issues", "Changelog": f"{source}/blob/main/CHANGELOG.md"}

setup(project_urls=addresses)
