"""The attacks, one a file; those that follow the gradient are one."""
