// answers: deletes MAKES edges of ours
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Product {id: r[1]})
MATCH (a)-[e:MAKES {dayan: true}]->(b)
DELETE e
RETURN count(*) AS written
