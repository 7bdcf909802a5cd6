// answers: brings LOCATED_IN edges of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Region {id: r[1]})
MERGE (a)-[e:LOCATED_IN {dayan: true}]->(b)
RETURN count(*) AS written
