"""The pages that programs write: cards, results, evidence, reference, notebooks.

Every module turns metadata or records into Markdown and knows nothing of Sphinx; `extension` alone does.
"""
