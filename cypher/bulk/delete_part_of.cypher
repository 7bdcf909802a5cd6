// answers: deletes PART_OF edges of ours
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Segment {id: r[0]})
MATCH (b:Chain {id: r[1]})
MATCH (a)-[e:PART_OF {dayan: true}]->(b)
DELETE e
RETURN count(*) AS written
