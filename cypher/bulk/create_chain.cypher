// answers: creates Chain nodes that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
CREATE (n:Chain {id: r[0], name: r[1], name_en: r[2], dayan: true})
RETURN count(*) AS written
