// answers: brings STANDS_IN edges of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Segment {id: r[1]})
MERGE (a)-[e:STANDS_IN {dayan: true}]->(b)
SET e.level = r[2], e.depth = r[3], e.confidence = r[4], e.basis = r[5], e.membership = r[6]
RETURN count(*) AS written
