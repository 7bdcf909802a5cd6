// answers: creates LOCATED_IN edges that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Region {id: r[1]})
CREATE (a)-[:LOCATED_IN {dayan: true}]->(b)
RETURN count(*) AS written
