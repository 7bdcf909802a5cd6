// answers: deletes LOCATED_IN edges of ours
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Region {id: r[1]})
MATCH (a)-[e:LOCATED_IN {dayan: true}]->(b)
DELETE e
RETURN count(*) AS written
