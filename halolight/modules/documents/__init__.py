"""Documents: texts with versions, tags and shares. The module to copy for a new one."""
