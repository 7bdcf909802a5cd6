"""The credit report (授信调查报告): what it holds, apart from how it is written, and its DOCX and PDF."""
