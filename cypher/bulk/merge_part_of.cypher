// answers: brings PART_OF edges of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Segment {id: r[0]})
MATCH (b:Chain {id: r[1]})
MERGE (a)-[e:PART_OF {dayan: true}]->(b)
RETURN count(*) AS written
