// answers: deletes Region nodes of ours
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (n:Region {id: r[0]}) WHERE n.dayan = true
DELETE n
RETURN count(*) AS written
