// answers: deletes STANDS_IN edges of ours
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Segment {id: r[1]})
MATCH (a)-[e:STANDS_IN {dayan: true}]->(b)
DELETE e
RETURN count(*) AS written
