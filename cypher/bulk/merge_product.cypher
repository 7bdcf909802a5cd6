// answers: brings Product nodes of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MERGE (n:Product {id: r[0]})
ON CREATE SET n.dayan = true
WITH n, r WHERE n.dayan IS NOT NULL
SET n.dayan = true, n.tax_category = r[1], n.item = r[2]
RETURN count(*) AS written
