// answers: creates Product nodes that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
CREATE (n:Product {id: r[0], tax_category: r[1], item: r[2], dayan: true})
RETURN count(*) AS written
