"""What a process holds, sampled without leaving a trace, and the names of what grew."""
