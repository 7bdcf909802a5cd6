// answers: gives up Product nodes that somebody else's edges still hang on
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (n:Product {id: r[0]}) WHERE n.dayan = true
WITH n WHERE EXISTS { (n)--() }
SET n.dayan = false
RETURN count(*) AS written
