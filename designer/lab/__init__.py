"""The lab: the cluster built from Linux network namespaces; real packets, observed compared with predicted."""
