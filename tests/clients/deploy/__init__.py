"""The chart, the compose file and the Dockerfile, read by the programs that read them in earnest."""
