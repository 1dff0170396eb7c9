"""What the controllers of Kubernetes do: Pods from workloads, scheduling, addresses, EndpointSlices, DNS records."""
