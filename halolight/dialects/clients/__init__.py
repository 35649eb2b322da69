"""One file for each front end: `DIALECT`, its table of calls and its writer of answers."""
