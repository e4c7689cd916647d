"""What people see: three workspaces on one kit of parts, and the shell around them."""
