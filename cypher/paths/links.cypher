// answers: the supply links between given pairs of enterprises [[supplier, customer], …]
// mode: read
// params: pairs
UNWIND $pairs AS pair
MATCH (a:Enterprise {id: pair[0]})
MATCH (b:Enterprise {id: pair[1]})
MATCH (a)-[s:SUPPLIES {dayan: true, basis: 'observed'}]->(b)
RETURN a.id AS src, a.name AS src_name, b.id AS dst, b.name AS dst_name,
       s.amount_fen AS amount_fen, s.gross_fen AS gross_fen, s.red_fen AS red_fen, s.count AS count,
       s.first AS first, s.last AS last, s.attested AS attested
ORDER BY src, dst
