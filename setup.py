"""Sets the project's URLs, which pyproject.toml cannot: they depend on who publishes, and come from the environment."""

import os

from setuptools import setup

addresses = {}
if site := os.environ.get("NNBOOK_SITE_URL"):
    addresses["Documentation"] = site
if repository := os.environ.get("GITHUB_REPOSITORY"):  # set in every GitHub workflow: owner/name
    source = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
    addresses |= {"Source": source, "Issues": f"{source}/issues", "Changelog": f"{source}/blob/main/CHANGELOG.md"}

setup(project_urls=addresses)
