// answers: creates PART_OF edges that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Segment {id: r[0]})
MATCH (b:Chain {id: r[1]})
CREATE (a)-[:PART_OF {dayan: true}]->(b)
RETURN count(*) AS written
