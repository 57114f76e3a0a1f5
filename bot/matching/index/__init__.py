"""The content as an index: vocabulary, documents, and the groups that texts belong to."""
