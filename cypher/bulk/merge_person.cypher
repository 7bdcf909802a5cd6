// answers: brings Person nodes of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MERGE (n:Person {id: r[0]})
ON CREATE SET n.dayan = true
WITH n, r WHERE n.dayan IS NOT NULL
SET n.dayan = true, n.name = r[1]
RETURN count(*) AS written
