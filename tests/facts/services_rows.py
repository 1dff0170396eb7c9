"""The rows of the facts about Services, EndpointSlices and traffic policies, in labels of our own."""

from tests.facts.citations import Document

SERVICES = Document("services.md", {})
