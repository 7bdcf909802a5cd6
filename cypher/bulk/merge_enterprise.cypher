// answers: brings Enterprise nodes of ours to these properties
// mode: write
// params: rows
UNWIND $rows AS r
MERGE (n:Enterprise {id: r[0]})
ON CREATE SET n.dayan = true
WITH n, r WHERE n.dayan IS NOT NULL
SET n.dayan = true, n.name = r[1], n.code = r[2], n.pinyin = r[3], n.initials = r[4], n.region = r[5], n.industry = r[6], n.size = r[7], n.taxpayer = r[8], n.legal_form = r[9], n.role = r[10], n.hub = r[11], n.sales_fen = r[12], n.purchases_fen = r[13], n.synthetic = r[14]
RETURN count(*) AS written
