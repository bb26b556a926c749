"""The site's own pages, and pages that look into several rooms."""
