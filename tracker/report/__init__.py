"""A status report as files for those who only read: each writer takes the reading as it is."""
