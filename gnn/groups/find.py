"""Who hangs together: 集团客户, 经济依存客户, 担保圈 and 疑似关联, with the tie that binds every member.

Only ties that hold on the view's day count. Whole-graph work, in columns; a million firms take seconds.
"""

import numpy as np
import polars as pl

from gnn.groups.circles import guarantee_circles
from gnn.groups.contacts import CONTACTS
from gnn.groups.control import control_groups
from gnn.groups.dependence import dependence
from gnn.groups.policy import GroupPolicy, policy_on
from gnn.groups.shared import suspected
from gnn.groups.ties import Ends, facts_of, named
from gnn.view import View
from graph.csr import Mask


def find_groups(
    view: View,
    coverage: pl.DataFrame,
    contacts: pl.DataFrame | None = None,
    hubs: Mask | None = None,
    policy: GroupPolicy | None = None,
) -> dict[str, pl.DataFrame]:
    """The tables of `graph.group_tables`: groups, group_members, dependence.

    `coverage`: months of own books, the snapshot's table; `contacts`: `gnn.group_contacts.contacts`, none
    where nobody's telephone is known; `hubs`: bool[n], suppliers that everybody buys from (the snapshot's
    `enterprises.hub`); `policy`: that of the view's day where none is given. Kinds of groups:

    - `control` (集团客户) and `one_entity` (branches, successors): `gnn.groups.control`
    - `guarantee_circle` (担保圈), and where it is no single ring `guarantee_cycle`: `gnn.groups.circles`
    - `dependent` (经济依存客户): `gnn.groups.dependence`
    - `suspected` (疑似关联): `gnn.groups.shared`
    """
    rules = policy or policy_on(view.as_of)
    firms = view.enterprises
    ends = Ends.of(firms["id"], view.relations)
    ties = ends.numbered(facts_of(view.relations))
    known = pl.DataFrame(schema=CONTACTS) if contacts is None else contacts
    known = known.filter((pl.col("first") <= view.as_of).fill_null(True))
    controlled, under = control_groups(ends, ties, firms, rules)
    depends = dependence(view, coverage, np.zeros(view.firms, np.bool_) if hubs is None else hubs, rules)
    found = [
        *controlled,
        *guarantee_circles(ends, ties, rules),
        depends.found,
        suspected(ends, ties, known, under, rules),
    ]
    groups, members = named(found, firms["id"])
    return {"groups": groups, "group_members": members, "dependence": depends.rows}
