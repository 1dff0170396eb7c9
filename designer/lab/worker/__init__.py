"""The lab's worker: a process of its own that builds the cluster of network namespaces and sends the packets.

Standard library only and nothing else of the program: it starts fast, has one thread, and when it ends, nothing of what
it built stays.
"""
