// answers: deletes SUPPLIES edges of ours
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Enterprise {id: r[1]})
MATCH (a)-[e:SUPPLIES {dayan: true}]->(b)
DELETE e
RETURN count(*) AS written
