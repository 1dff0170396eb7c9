"""The rows of the facts about network plugins whose paths a test names, in labels of our own."""

from tests.facts.citations import Document

CNI = Document(
    "cni.md",
    {
        6: {
            "A Pod to Pod on its Node": "",
            "B Pod to Pod on another Node": "",
            "C Pod to ClusterIP": "",
            "D Node to Pod": "",
            "E outside to node port": "",
            "F outside to load balancer": "",
            "G Pod to outside": "",
            "H Pod to itself by its Service": "",
            "I host port": "",
            "J outside to a Pod address": "",
        },
    },
)
