// answers: gives up Segment nodes that somebody else's edges still hang on
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (n:Segment {id: r[0]}) WHERE n.dayan = true
WITH n WHERE EXISTS { (n)--() }
SET n.dayan = false
RETURN count(*) AS written
