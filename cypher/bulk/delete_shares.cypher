// answers: deletes SHARES edges of ours
// mode: write
// params: rows
UNWIND $rows AS r
OPTIONAL MATCH (a0:Person {id: r[0]})
OPTIONAL MATCH (a1:Enterprise {id: r[0]})
MATCH (b:Enterprise {id: r[1]})
WITH r, b, coalesce(a0, a1) AS a WHERE a IS NOT NULL
MATCH (a)-[e:SHARES {dayan: true}]->(b)
DELETE e
RETURN count(*) AS written
