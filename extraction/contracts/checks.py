"""What must hold in a contract, and what is said where it does not: nothing is put right in silence."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from extraction.contracts.document import Document
from extraction.contracts.lexicon import lexicon
from extraction.contracts.parties import Mention
from extraction.credit_codes import tax_number
from ledger.errors import Problem
from ledger.money import yuan

if TYPE_CHECKING:
    from extraction.contracts.agreement import Agreement

#: How far a line's amount may be from quantity × price: prices are printed rounded.
_CLOSE_FEN = 1


def checked(made: Agreement, mentions: list[Mention], document: Document) -> list[Problem]:
    """Run every check: what passes is noted on the values, what fails comes back."""
    problems = [
        *_parties(made, mentions),
        *_paper(made),
        *_totals(made),
        *_lines(made),
        *_terms(made),
    ]
    if made.runs.starts and made.runs.until and made.runs.until.value <= made.runs.starts.value:
        problems.append(
            Problem("contract_until_before_start", field="until", value=str(made.runs.until.value))
        )
    problems += [Problem(f"contract_left_out_{what}", field="text") for what in document.left_out]
    return problems


def _parties(made: Agreement, mentions: list[Mention]) -> list[Problem]:
    problems = []
    for side in ("seller", "buyer"):
        found = made.parties.get(side)
        if found is None:
            known = next((m.name.value for m in mentions if m.name), "")
            words = {r for m in mentions if m.name for r in m.roles}
            unclear = len(made.parties) == 0 and words & {
                w for w, s in lexicon().roles.items() if s == "neutral"
            }
            code = "contract_role_unclear" if unclear else "contract_party_missing"
            problems.append(Problem(code, field=side, value=known if unclear else ""))
            continue
        mention = found.value
        if mention.name is None:
            problems.append(Problem("contract_party_missing", field=side))
        else:
            whole = mention.name.value
            # A name that breaks off is the same one, wrapped where nothing shows that it goes on.
            names = {whole} | {f.value for f in mention.names if not whole.startswith(f.value)}
            if len(names) == 1 and len(mention.names) > 1:
                mention.name.checks.append("name_twice")
            elif len(names) > 1:
                others = sorted(names - {mention.name.value})
                problems.append(
                    Problem("contract_names_differ", field=f"{side}.name", value="；".join(others))
                )
        if code_found := mention.details.get("code"):
            if tax_number(code_found.value).scheme == "uscc":
                code_found.checks.append("check_digit")
            elif tax_number(code_found.value).suspicious:
                code_found.doubted = True
                problems.append(Problem("contract_code_wrong", field=f"{side}_code", value=code_found.value))
    return problems


def _paper(made: Agreement) -> list[Problem]:
    problems = []
    if made.signed is None or made.signed.way == "concluded":
        problems.append(Problem("contract_unsigned", field="signed"))
    if made.number is None:
        problems.append(Problem("contract_number_missing", field="number"))
    if made.supplement:
        if made.parent is None:
            problems.append(Problem("contract_parent_missing", field="parent"))
        return problems  # what it does not change is in the contract it belongs to
    if made.kind == "lease":
        if made.runs.starts is None or made.runs.until is None:
            problems.append(Problem("contract_term_missing", field="until"))
        if not any(t.kind == "rent" for t in made.terms):
            problems.append(Problem("contract_rent_missing", field="terms"))
    elif not any(t.kind in ("payment", "retention", "deposit") for t in made.terms):
        problems.append(Problem("contract_payment_missing", field="terms"))
    return problems


def _totals(made: Agreement) -> list[Problem]:
    if made.kind == "lease":
        return []
    total = made.total
    if total.amount is None:
        return (
            []
            if made.kind == "framework" or made.supplement
            else [Problem("contract_amount_missing", field="amount")]
        )
    problems = []
    if total.conflict and total.words_fen != total.amount.value:
        total.amount.doubted = True
        problems.append(Problem("contract_words_differ", field="amount", value=total.words_text))
    sums = [line.amount_fen for line in made.goods.lines]
    if sums and None not in sums and made.goods.lines:
        summed = sum(a for a in sums if a is not None)
        if summed == total.net_fen:
            problems.append(Problem("contract_lines_other_basis", field="lines", value=yuan(summed)))
        elif summed != total.amount.value and total.amount.way != "concluded":
            problems.append(Problem("contract_lines_differ", field="lines", value=yuan(summed)))
    if total.amount.way == "concluded":
        problems.append(Problem("contract_total_summed", field="amount", value=yuan(total.amount.value)))
    return problems


def _lines(made: Agreement) -> list[Problem]:
    problems = []
    for number, line in enumerate(made.goods.lines, 1):
        if line.quantity is None or line.price is None or line.amount_fen is None:
            continue
        product = line.quantity * line.price * 100
        rounded = abs(line.quantity) * Decimal(1).scaleb(_exponent(line.price)) * 50
        if abs(product - line.amount_fen) <= max(
            Decimal(_CLOSE_FEN), rounded if line.price % 1 else Decimal(0)
        ):
            line.values["amount"].checks.append("quantity_times_price")
        else:
            problems.append(
                Problem("contract_line_product", field=f"lines[{number}].amount", value=yuan(line.amount_fen))
            )
    return problems


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _terms(made: Agreement) -> list[Problem]:
    """Shares of the price come to the whole, and each amount is its share."""
    paying = [
        t for t in made.terms if t.kind in ("payment", "retention") or (t.kind == "deposit" and not t.surety)
    ]
    shares = [t.share for t in paying]
    problems = []
    if shares and None not in shares:
        total = sum((s for s in shares if s is not None), Decimal(0))
        if total == 1:
            for term in paying:
                term.checks.append("shares_sum")
        else:
            problems.append(
                Problem("contract_shares_sum", field="terms", value=f"{(total * 100).normalize():f}%")
            )
    fen = made.total.amount.value if made.total.amount else None
    ends = made.runs.until.value if made.runs.until else None
    for number, term in enumerate(made.terms, 1):
        last = min((d for d in (ends, term.until) if d is not None), default=None)
        late = term.kind in ("rent", "delivery") and term.due_on is not None and last is not None
        if late and term.due_on is not None and last is not None and term.due_on > last:
            problems.append(
                Problem("contract_due_after_until", field=f"terms[{number}].due_on", value=str(term.due_on))
            )
        if fen and term.share is not None and term.amount_fen is not None and term.kind != "rent":
            if abs(fen * term.share - term.amount_fen) <= 100:
                term.checks.append("share_amount")
            else:
                problems.append(
                    Problem(
                        "contract_share_amount", field=f"terms[{number}].amount", value=yuan(term.amount_fen)
                    )
                )
    return problems
