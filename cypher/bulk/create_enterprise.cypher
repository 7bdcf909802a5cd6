// answers: creates Enterprise nodes that are not there yet
// mode: write
// params: rows
UNWIND $rows AS r
CREATE (n:Enterprise {id: r[0], name: r[1], code: r[2], pinyin: r[3], initials: r[4], region: r[5], industry: r[6], size: r[7], taxpayer: r[8], legal_form: r[9], role: r[10], hub: r[11], sales_fen: r[12], purchases_fen: r[13], synthetic: r[14], dayan: true})
RETURN count(*) AS written
