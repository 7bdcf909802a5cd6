"""A document whose long lines are cut before patterns look at them.

A line of a contract is a sentence or a clause; thousands of characters in one were put there to keep
a reader busy. The rest of the document is read, and `left_out` says that something was cut.
"""

from dataclasses import replace

from extraction.contracts.document import Block, Cell, Document, Mark, Paragraph, Table, Text

#: Characters of a line, and of a paragraph or cell with all its lines, that are read.
LONGEST_LINE, LONGEST_TEXT = 4_000, 40_000


def bounded(document: Document) -> Document:
    """The document with every long line cut; `left_out` says so where there is one."""
    cut: list[Text] = []
    blocks: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            text = _bounded(block.text, cut)
            blocks.append(block if text is block.text else replace(block, text=text))
        else:
            blocks.append(_table(block, cut))
    if not cut:
        return document
    return replace(document, blocks=tuple(blocks), left_out=(*document.left_out, "long"))


def _table(table: Table, cut: list[Text]) -> Table:
    before = len(cut)
    rows = tuple(tuple(_cell(cell, cut) for cell in row) for row in table.rows)
    return table if len(cut) == before else replace(table, rows=rows)


def _cell(cell: Cell, cut: list[Text]) -> Cell:
    text = _bounded(cell.text, cut)
    return cell if text is cell.text else replace(cell, text=text)


def _bounded(text: Text, cut: list[Text]) -> Text:
    """`text`, its lines cut; each character that is left still knows its box."""
    if len(text.text) <= LONGEST_LINE:
        return text
    kept: list[tuple[int, int]] = []  # from where to where the text is kept
    start = length = 0
    for line in text.text.split("\n"):
        stop = start + min(len(line), LONGEST_LINE, LONGEST_TEXT - length)
        kept.append((start, stop))
        length += stop - start + 1
        start += len(line) + 1
        if length >= LONGEST_TEXT:
            break
    whole = "\n".join(text.text[a:b] for a, b in kept)
    if len(whole) == len(text.text):
        return text
    cut.append(text)
    return replace(text, text=whole, marks=_marks(text.marks, kept) if text.marks else ())


def _marks(marks: tuple[Mark, ...], kept: list[tuple[int, int]]) -> tuple[Mark, ...]:
    """The marks of what is kept, moved to where it stands now; both run in the order of the text."""
    made: list[Mark] = []
    to = 0
    for start, stop in kept:
        for mark in marks:
            a, b = max(mark.start, start), min(mark.end, stop)
            if a < b:
                made.append(replace(mark, start=a - start + to, end=b - start + to))
        to += stop - start + 1
    return tuple(made)
