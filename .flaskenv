# Read by the `flask` command: the application is found in wsgi.py, so nothing needs --app.
FLASK_RUN_PORT=8000
