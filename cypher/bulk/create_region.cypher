// answers: creates Region nodes that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
CREATE (n:Region {id: r[0], name: r[1], dayan: true})
RETURN count(*) AS written
