// answers: deletes Chain nodes of ours
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (n:Chain {id: r[0]}) WHERE n.dayan = true
DELETE n
RETURN count(*) AS written
