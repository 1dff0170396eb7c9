"""Cluster Network Designer: draw or open a Kubernetes cluster's network and see what every packet will do."""

__version__ = "0.1.0"
