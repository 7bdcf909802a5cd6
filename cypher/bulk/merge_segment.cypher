// answers: brings Segment nodes of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MERGE (n:Segment {id: r[0]})
ON CREATE SET n.dayan = true
WITH n, r WHERE n.dayan IS NOT NULL
SET n.dayan = true, n.name = r[1], n.name_en = r[2], n.tier = r[3], n.role = r[4]
RETURN count(*) AS written
