// answers: deletes BRANCH_OF edges of ours
// mode: write
// params: rows
UNWIND $rows AS r
MATCH (a:Enterprise {id: r[0]})
MATCH (b:Enterprise {id: r[1]})
MATCH (a)-[e:BRANCH_OF {dayan: true}]->(b)
DELETE e
RETURN count(*) AS written
