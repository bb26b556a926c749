"""Settings, URLs and the API's router: imports every app, imported by none."""
