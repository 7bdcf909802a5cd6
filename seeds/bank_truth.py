"""What payments say and hide, and which of them the papers alone do not decide."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from seeds.bank_links import Link, Paid, net
from seeds.paper import Party

#: What banks take for a transfer, in fen.
FEES = (500, 550, 1000, 1050, 1500, 2000, 3000, 5000)


def judge(link: Link) -> None:
    """Write the remarks, then mark what the papers do not decide: see `_clear`."""
    link.paid.sort(key=lambda p: p.day)
    for paid in link.paid:
        if not paid.remark and not paid.back:
            _say(link, paid)
    done: dict[str, int] = {}
    told_apart = _instalments_told_apart(link)
    for n, paid in enumerate(link.paid):
        paid.clear = paid.named or (n in told_apart if n in _instalments(link) else _clear(link, paid, done))
        for invoice in paid.invoices if not paid.back else ():
            # What of it was put on which invoice matters only for what is still open: oldest first.
            part = min(net(link, invoice, paid.day) - done.get(invoice.number, 0), paid.amount_fen)
            done[invoice.number] = done.get(invoice.number, 0) + max(part, 0)


def _instalments(link: Link) -> set[int]:
    """Which payments of a link that pays by instalments are a part of an invoice."""
    if link.habit != "parts":
        return set()
    return {n for n, p in enumerate(link.paid) if p.amount_fen < p.invoices[0].total_fen and not p.back}


def _instalments_told_apart(link: Link) -> set[int]:
    """Instalments that, two and two, come to the total of an invoice in one way only."""
    parts = sorted(_instalments(link))
    fits = [
        (a, b, i.number)
        for i in link.invoices
        for a, b in combinations(parts, 2)
        if link.paid[a].amount_fen + link.paid[b].amount_fen == i.total_fen and link.paid[a].day >= i.day
    ]
    uses = Counter(n for a, b, _ in fits for n in (a, b))
    ways = Counter(number for *_, number in fits)
    alone = [(a, b) for a, b, number in fits if uses[a] == uses[b] == ways[number] == 1]
    return {n for pair in alone for n in pair}


def _clear(link: Link, paid: Paid, done: dict[str, int]) -> bool:
    """Whether the amount, with what was open that day, leaves no other answer.

    Part payments are clear only where one invoice is open. Else no other open invoice may have the
    amount of one of those paid, unless the words name the month of the one and not of the other.
    """
    if paid.back:
        return sum(r.total_fen == -paid.amount_fen for r in link.invoices) == 1
    owed = {
        i.number: net(link, i, paid.day) - done.get(i.number, 0)
        for i in link.invoices
        if i.total_fen > 0 and i.day <= paid.day
    }
    owed = {n: o for n, o in owed.items() if o > 0}
    mine = {i.number for i in paid.invoices}
    if sum(owed.get(n, 0) for n in mine) != paid.amount_fen:
        terms = {
            int(c.amount_fen * t.share) for c in link.contracts for t in c.terms if c.amount_fen and t.share
        }
        return len(owed.keys() | mine) == 1 or (not owed and paid.amount_fen in terms and len(mine) == 1)
    months = {(i.day.year, i.day.month) for i in paid.invoices} if "月" in paid.remark else set()
    same = {owed[n] for n in mine & owed.keys()}
    rivals = [i for i in link.invoices if i.number in owed.keys() - mine and owed[i.number] in same]
    return all(months and (i.day.year, i.day.month) not in months for i in rivals)


def _say(link: Link, paid: Paid) -> None:
    """The remark as this buyer writes it; on account nobody names an invoice."""
    style = link.remark if link.habit != "on_account" else "goods"
    numbers = [i.number for i in paid.invoices]
    if style in ("number", "tail") and paid.invoices[-1].day > paid.day:
        style = "goods"  # an invoice that is not there yet has no number
    if style == "number":
        paid.remark, paid.named = f"货款 发票{'、'.join(numbers[:3])}", len(numbers) <= 3
    elif style == "tail":
        paid.remark, paid.named = f"付票尾号{'/'.join(n[-6:] for n in numbers)}", True
    elif style == "month":
        months = sorted({(i.day.year, i.day.month) for i in paid.invoices})
        paid.remark = (
            f"{months[0][0]}年{months[0][1]}月货款"
            if len(months) == 1
            else f"{months[0][1]}-{months[-1][1]}月货款"
        )
    elif style == "goods":
        paid.remark = ("货款", "往来款", "材料款", "采购款")[int(link.rng.integers(0, 4))]


def disturb(link: Link, paid: Paid, strangers: Sequence[Party]) -> None:
    """Fees, small change, wrong words, other payers."""
    if paid.back:
        return
    draw = float(link.rng.random())
    if draw < 0.04 and paid.amount_fen > 400_000:
        paid.amount_fen -= int(link.rng.choice(FEES))
    elif draw < 0.055 and paid.amount_fen > 400_000 and paid.amount_fen % 100:
        paid.amount_fen -= paid.amount_fen % 100
    elif draw < 0.065:
        other = link.invoices[int(link.rng.integers(0, len(link.invoices)))]
        if other.number not in {i.number for i in paid.invoices}:
            paid.remark, paid.named, paid.clear = f"货款 发票{other.number}", False, False
    elif draw < 0.085 and strangers and paid.way == "transfer":
        paid.payer = strangers[int(link.rng.integers(0, len(strangers)))]
        if link.rng.random() < 0.8:
            paid.remark = f"代{link.buyer.name}付{paid.remark or '货款'}"
        else:
            paid.remark, paid.clear = "货款", False
    elif draw < 0.095:
        paid.way = str(link.rng.choice(["cash", "offset"]))
